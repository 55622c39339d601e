// A partner whose certificates may have been revoked meets the whole gateway: streams that are up when it becomes known,
// what is asked and kept, and lists that are brought. What comes of each thing that can be said is `revocation-matrix`.

import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import { FEDERATION_PORT } from '../../src/lab/places.ts'
import type { StreamFailure } from '../../src/net/reception.ts'
import { keepingStaple, stapleOf } from '../../src/net/staples.ts'
import { cutsBy } from '../../src/gateway/cuts.ts'
import type { StreamEnd } from '../../src/net/stream.ts'
import type { RevocationMode } from '../../src/policy/partner.ts'
import { readCertificate } from '../../src/trust/certificate.ts'
import { judgeResponse } from '../../src/trust/revocation/ocsp.ts'
import { Revocation } from '../../src/trust/revocation/revocation.ts'
import { crl, distributionPoints, serialOf } from '../support/crl.ts'
import { Dialog } from '../support/dialog.ts'
import { responders, serveOcsp, writeIndex } from '../support/ocsp.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder, writeAnchors, writeIdentity } from '../support/pki.ts'
import type { Issued, IssueOptions } from '../support/pki.ts'
import { Places, says, sends } from '../support/pki-places.ts'
import { eventually } from '../support/within.ts'
import { evaluation } from './evaluation.ts'
import { header } from './gate.ts'
import { KeyedPeer } from './keyed-peer.ts'

const HOST = '127.0.47.1'
const PKI = '127.0.47.2'
const PEER = 'aurora.example'
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
const EXTERNAL = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
const DAY = 86_400_000

let root: Issued
let ca: Issued
let stranger: Issued

before(async () => {
  root = await makeCa({ commonName: 'Root' })
  ca = await makeCa({ ca: root, commonName: 'CA', extensions: [distributionPoints(`http://${PKI}:8089/root.crl`)] })
  stranger = await makeCa({ commonName: 'Stranger' })
})

const leafWith = (...extensions: NonNullable<IssueOptions['extensions']>): Promise<Issued> =>
  issue({ ca, names: [PEER], extensions })

/** The gateway, with `aurora.example` under a CA of its own, and the places of that CA. */
async function lab(t: TestContext, mode: RevocationMode, change: (settings: Settings) => Settings = (same) => same) {
  const places = await Places.open(t, PKI)
  places.on(
    '/root.crl',
    sends(() => crl({ ca: root })),
  )
  const world = await evaluation(t, HOST, (settings) => {
    const trust = { ...settings.trust, revocation: mode, fetchFrom: [`${PKI}/32`] }
    const times = { revocationMs: 2000, revocationAgainMs: 1000, closeMs: 100, drainMs: 100 }
    const limits = { ...settings.limits, ...times }
    return change({ ...settings, trust, limits, evaluation: false })
  })
  const anchors = [await writeAnchors(join(world.root, 'root.pem'), root)]
  const list = world.partners.map((one) => (one.domain === PEER ? { ...one, anchors } : one))
  world.gateway.apply(await world.build(list))
  const folder = await temporaryFolder(t)

  /** Opens a stream to us: `admitted`, or the reason why not. */
  const knock = async (leaf: Issued): Promise<{ readonly outcome: string; readonly dialog: Dialog }> => {
    const failed = world.told('failed').length
    const dialog = await Dialog.open({ host: HOST, port: FEDERATION_PORT })
    t.after(() => dialog[Symbol.asyncDispose]())
    await dialog.say(header({ from: PEER, to: 'corp.example' })).expect(/<\/(?:stream:)?features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ certificate: leaf, servername: 'corp.example' })
    const [answer] = await dialog
      .say(header({ from: PEER, to: 'corp.example' }))
      .expect(/<mechanism>EXTERNAL<\/mechanism>|<\/(?:stream:)?stream>/)
    if (answer.includes('EXTERNAL')) {
      await dialog.say(EXTERNAL).expect(/<success/)
      await dialog.say(header({ from: PEER, to: 'corp.example' })).expect(/<\/?(?:stream:)?features\/?>/)
      return { outcome: 'admitted', dialog }
    }
    const told = await eventually('the failure', () => world.told('failed')[failed])
    return { outcome: (told.with[0] as StreamFailure).reason, dialog }
  }
  return { ...world, list, places, folder, knock }
}

suite("OpenSSL's responder as a server", needsPeer('openssl'), () => {
  test('revoking the certificate of a stream that is up ends it at the next look', async (t) => {
    const world = await lab(t, 'soft')
    const leaf = await leafWith(responders(`http://${PKI}:2560/`))
    const o = { ca, good: [leaf] }
    await serveOcsp(t, world.folder, PKI, o)
    const { outcome, dialog } = await world.knock(leaf)
    assert.equal(outcome, 'admitted')
    await writeIndex(join(world.folder, 'index.txt'), { ca, revoked: [leaf] })
    assert.match(await dialog.end(), /<reset /)
    const ended = await eventually('the end', () => world.told('ended')[0])
    assert.equal((ended.with[1] as StreamEnd).reason, 'SP-347')
  })
})

suite('a CRL that comes late', () => {
  const LIST = '/late.crl'
  /** More patience with places than a test has, and little with streams that wait. */
  const patient = (settings: Settings): Settings => ({
    ...settings,
    limits: { ...settings.limits, revocationMs: 60_000, revocationWaitMs: 200 },
  })

  test('with soft, a stream comes up without it, and ends when it says revoked', async (t) => {
    const { places, knock, told, gateway } = await lab(t, 'soft', patient)
    const comes = Promise.withResolvers<Buffer>()
    const leaf = await leafWith(
      distributionPoints(
        places.on(
          LIST,
          sends(() => comes.promise),
        ),
      ),
    )
    const { outcome, dialog } = await knock(leaf)
    assert.equal(outcome, 'admitted')
    assert.deepEqual(places.asked.toSorted(), [LIST, '/root.crl'], 'it is being fetched')
    await eventually('a first look', () => (gateway.revocations.figures.watched === 1 ? true : undefined))
    comes.resolve(crl({ ca, revoked: [leaf] }))
    assert.match(await dialog.end(), /<reset /)
    const ended = await eventually('the end', () => told('ended')[0])
    assert.equal((ended.with[1] as StreamEnd).reason, 'SP-347')
    assert.equal(places.asked.filter((path) => path === LIST).length, 1)
  })

  test('with hard, a stream waits for it', async (t) => {
    const { places, knock } = await lab(t, 'hard', patient)
    const slowly = (octets: () => Buffer) =>
      sends(
        () =>
          new Promise<Buffer>((resolve) => {
            setTimeout(() => resolve(octets()), 600)
          }),
      )
    const leaf = await leafWith(
      distributionPoints(
        places.on(
          LIST,
          slowly(() => crl({ ca })),
        ),
      ),
    )
    assert.equal((await knock(leaf)).outcome, 'admitted')
    const path = '/later.crl'
    const revoked = await leafWith(
      distributionPoints(
        places.on(
          path,
          slowly(() => crl({ ca, revoked: [revoked] })),
        ),
      ),
    )
    assert.equal((await knock(revoked)).outcome, 'SP-332')
  })
})

test(
  'what the responder says of our own certificate is sent along, once it is known',
  needsPeer('openssl'),
  async (t) => {
    const world = await lab(t, 'soft')
    const leaf = await issue({ ca, names: ['corp.example'], extensions: [responders(`http://${PKI}:2560/`)] })
    await serveOcsp(t, world.folder, PKI, { ca, good: [leaf] })
    await writeIdentity(join(world.root, 'certs', 'corp.example'), leaf)
    await world.own.reload()
    const ours = world.own.identity('corp.example')?.staples[0]
    assert.ok(ours)
    await eventually('the staple', () => ours.at(Date.now()))
    const dialog = await Dialog.open({ host: HOST, port: FEDERATION_PORT })
    await using _ = dialog
    await dialog.say(header({ from: PEER, to: 'corp.example' })).expect(/<\/(?:stream:)?features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    const socket = await dialog.startTls({ options: { requestOCSP: true }, observe: keepingStaple })
    const issuer = readCertificate(ca.der)
    assert.ok(typeof issuer !== 'string')
    const staple = stapleOf(socket) ?? assert.fail('none came')
    assert.equal(judgeResponse(staple, { certificate: ours.certificate, issuer }, Date.now()).status, 'good')
  },
)

test('a stream that is up ends when a CA of its chain expires', async (t) => {
  const world = await lab(t, 'off')
  const soon = await makeCa({ ca: root, commonName: 'Soon over', notAfter: new Date(Date.now() + 3_600_000) })
  const leaf = await issue({ ca: soon, names: [PEER] })
  const { dialog, outcome } = await world.knock(leaf)
  assert.equal(outcome, 'admitted')
  await eventually('a first look', () => (world.gateway.revocations.figures.watched === 1 ? true : undefined))
  world.later(3_700_000)
  assert.match(await dialog.end(), /<reset /)
  const ended = await eventually('the end', () => world.told('ended')[0])
  assert.equal((ended.with[1] as StreamEnd).reason, 'SP-371')
})

test('with hard, a stream ends when nobody says anew that its certificate holds', async (t) => {
  const world = await lab(t, 'hard')
  const path = '/brief.crl'
  const leaf = await leafWith(
    distributionPoints(
      world.places.on(
        path,
        sends(() => crl({ ca, nextUpdate: new Date(Date.now() + 3_600_000) })),
      ),
    ),
  )
  const { dialog, outcome } = await world.knock(leaf)
  assert.equal(outcome, 'admitted')
  world.places.on(path, says(500))
  await eventually('another look', () =>
    world.places.asked.filter((one) => one === path).length > 2 ? true : undefined,
  )
  assert.ok(
    [...world.gateway.streams.all()].some(({ open }) => open),
    'what was said before still holds',
  )
  world.later(3_700_000)
  assert.match(await dialog.end(), /<reset /)
  const ended = await eventually('the end', () => world.told('ended')[0])
  assert.equal((ended.with[1] as StreamEnd).reason, 'SP-348')
})

suite('further names that a certificate proves on a stream are looked at, each by its own mode', () => {
  const FURTHER = 'further.example'
  const LIST = '/further.crl'
  const claim = `<db:result xmlns:db='jabber:server:dialback' from='${FURTHER}' to='corp.example'>any</db:result>`

  /** The gateway, where nobody is asked but about the further name, and a leaf that bears `names`. */
  async function stage(t: TestContext, names: readonly string[]) {
    const world = await lab(t, 'off')
    const model = world.list.find(({ domain }) => domain === PEER) ?? assert.fail()
    const entry = (revocation: RevocationMode) => ({ ...model, domain: FURTHER, revocation })
    const leaf = await issue({ ca, names, extensions: [distributionPoints(world.places.base + LIST)] })
    const lists = (...revoked: Issued[]) =>
      world.places.on(
        LIST,
        sends(() => crl({ ca, revoked })),
      )
    lists()
    const apply = async (...further: typeof world.list) =>
      world.gateway.apply(await world.build([...world.list, ...further]))
    const prove = (dialog: Dialog) => dialog.say(claim).expect(/<db:result [^>]*to='further\.example' type='valid'/)
    const ended = async (): Promise<string> => {
      const end = await eventually('the end', () => world.told('ended')[0])
      return (end.with[1] as StreamEnd).reason
    }
    return { ...world, model, entry, leaf, lists, apply, prove, ended }
  }

  test('beside a name about which nobody is asked', async (t) => {
    const { knock, entry, leaf, lists, apply, prove, ended } = await stage(t, [PEER, FURTHER])
    await apply(entry('hard'))
    const { dialog } = await knock(leaf)
    await prove(dialog)
    lists(leaf)
    assert.match(await dialog.end(), /<reset /)
    assert.equal(await ended(), 'SP-347')
  })

  test('once the entry asks for it', async (t) => {
    const { knock, entry, leaf, lists, apply, prove, ended, places, gateway, build, list } = await stage(t, [
      PEER,
      FURTHER,
    ])
    await apply(entry('off'))
    const { dialog } = await knock(leaf)
    await prove(dialog)
    lists(leaf)
    assert.deepEqual(places.asked, [])
    const { house, streams, revocations, proving } = gateway
    const coming = await build([...list, entry('hard')])
    const cuts = await cutsBy(coming, { house, streams, revocations, keys: proving.keys }, Date.now())
    assert.deepEqual(cuts, [{ domain: PEER, streams: 1 }])
    await apply(entry('hard'))
    assert.match(await dialog.end(), /<reset /)
    assert.equal(await ended(), 'SP-347')
  })

  test('beside a name that dialback has proven', async (t) => {
    const { entry, leaf, lists, apply, prove, ended, model } = await stage(t, [FURTHER])
    const peer = await KeyedPeer.open('corp.example', HOST)
    t.after(() => peer[Symbol.asyncDispose]())
    const keyed = 'keyed.example'
    await apply(entry('hard'), peer.entry(model, keyed))
    const stream = await peer.call({ host: HOST, port: FEDERATION_PORT }, keyed, leaf)
    const { dialog } = stream
    await dialog.say(peer.claim(stream, keyed)).expect(/<db:result [^>]*to='keyed\.example' type='valid'/)
    await prove(dialog)
    lists(leaf)
    assert.match(await dialog.end(), /<reset /)
    assert.equal(await ended(), 'SP-347')
  })

  test('and a CA on their path that ends, ends the stream', async (t) => {
    const { apply, entry, prove, ended, model, later, gateway } = await stage(t, [])
    const peer = await KeyedPeer.open('corp.example', HOST)
    t.after(() => peer[Symbol.asyncDispose]())
    const keyed = 'keyed.example'
    await apply(entry('off'), peer.entry(model, keyed))
    const soon = await makeCa({ ca: root, commonName: 'Soon over', notAfter: new Date(Date.now() + 3_600_000) })
    const leaf = await issue({ ca: soon, names: [FURTHER] })
    const stream = await peer.call({ host: HOST, port: FEDERATION_PORT }, keyed, leaf)
    const { dialog } = stream
    await dialog.say(peer.claim(stream, keyed)).expect(/<db:result [^>]*to='keyed\.example' type='valid'/)
    assert.equal(gateway.revocations.figures.watched, 0, 'no certificate has proven anything')
    await prove(dialog)
    assert.equal(gateway.revocations.figures.watched, 1)
    later(3_700_000)
    assert.match(await dialog.end(), /<reset /)
    assert.equal(await ended(), 'SP-371')
  })
})

test('nobody is asked when it is off, about a peer that policy refuses, or before a name is proven', async (t) => {
  const world = await lab(t, 'off')
  const leaf = await leafWith(
    distributionPoints(
      world.places.on(
        '/never.crl',
        sends(() => crl({ ca, revoked: [leaf] })),
      ),
    ),
  )
  assert.equal((await world.knock(leaf)).outcome, 'admitted')
  const hard = (status: 'allowed' | 'blocked') =>
    world.list.map((one) => (one.domain === PEER ? { ...one, status, revocation: 'hard' as const } : one))
  world.gateway.apply(await world.build(hard('blocked')))
  assert.equal((await world.knock(leaf).catch(() => ({ outcome: 'refused' }))).outcome, 'refused')
  world.gateway.apply(await world.build(hard('allowed')))
  const other = await issue({
    ca,
    names: ['other.example'],
    extensions: [distributionPoints(`${world.places.base}/never.crl`)],
  })
  assert.equal((await world.knock(other)).outcome, 'SP-301')
  assert.deepEqual(world.places.asked, [])
  assert.equal((await world.knock(leaf)).outcome, 'SP-332', 'the word of the entry counts where it is stricter')
})

test('what ten streams ask for at once is fetched once, and kept', async (t) => {
  const world = await lab(t, 'hard')
  const leaf = await leafWith(
    distributionPoints(
      world.places.on(
        '/once.crl',
        sends(() => crl({ ca })),
      ),
    ),
  )
  const all = await Promise.all(Array.from({ length: 10 }, () => world.knock(leaf)))
  assert.deepEqual(new Set(all.map(({ outcome }) => outcome)), new Set(['admitted']))
  assert.deepEqual(world.places.asked.toSorted(), ['/once.crl', '/root.crl'])
})

test('a CRL of a forger, on the way or in its place, is not kept for as long as it claims to hold', async (t) => {
  const world = await lab(t, 'hard')
  const path = '/forged.crl'
  const leaf = await leafWith(distributionPoints(world.places.base + path))
  world.places.on(
    path,
    sends(() => crl({ ca, signer: stranger, nextUpdate: new Date(Date.now() + 9 * DAY) })),
  )
  assert.equal((await world.knock(leaf)).outcome, 'SP-340')
  world.places.on(
    path,
    sends(() => crl({ ca })),
  )
  world.later(61_000)
  assert.equal((await world.knock(leaf)).outcome, 'admitted')
})

test('a CRL of many megabytes serves, and the gateway lives on', async (t) => {
  const world = await lab(t, 'hard', (settings) => ({
    ...settings,
    limits: { ...settings.limits, revocationMs: 60_000 },
  }))
  const revoked = Array.from({ length: 100_000 }, (_, i) => ({
    serial: Buffer.from(`4a${i.toString(16).padStart(30, '0')}`, 'hex'),
    reason: 1,
  }))
  const large = crl({ ca, revoked })
  assert.ok(large.length > 5_000_000)
  const leaf = await leafWith(
    distributionPoints(
      world.places.on(
        '/large.crl',
        sends(() => large),
      ),
    ),
  )
  assert.equal((await world.knock(leaf)).outcome, 'admitted')
  const { bytes, crls } = world.gateway.revocations.figures
  assert.deepEqual([crls, bytes > large.length], [2, true])
})

test('CRLs that are brought by hand serve where nothing is fetched', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'old.crl'), crl({ ca: stranger, nextUpdate: new Date(Date.now() - 1000) }))
  const world = await lab(t, 'hard', (settings) => ({
    ...settings,
    trust: { ...settings.trust, crls: folder, fetch: false },
  }))
  const early = await eventually('a warning before anybody has asked', () => world.gateway.revocations.findings()[0])
  assert.match(early.message, /was due to be replaced/)
  const leaf = await leafWith(distributionPoints(`${world.places.base}/never.crl`))
  assert.equal((await world.knock(leaf)).outcome, 'SP-334')
  await writeFile(join(folder, 'root.crl'), crl({ ca: root }))
  const pem = crl({ ca }).toString('base64').replace(/.{64}/g, '$&\n')
  await writeFile(join(folder, 'ca.pem'), `-----BEGIN X509 CRL-----\n${pem}\n-----END X509 CRL-----\n`)
  world.later(10_000)
  assert.equal((await world.knock(leaf)).outcome, 'admitted')
  await writeFile(join(folder, 'ca.pem'), crl({ ca, revoked: [{ serial: serialOf(leaf), reason: 1 }] }))
  await writeFile(join(folder, 'strange.crl'), 'nothing')
  world.later(20_000)
  assert.equal((await world.knock(leaf)).outcome, 'SP-332')
  assert.match(
    world.gateway.revocations
      .findings()
      .map(({ message }) => message)
      .join(),
    /not a proper CRL/,
  )
  await rm(folder, { recursive: true })
  await mkdir(folder)
  assert.deepEqual(world.places.asked, [])
})

test('a CRL that is brought ends the streams that are up of those it revokes, and no others', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'root.crl'), crl({ ca: root }))
  await writeFile(join(folder, 'ca.crl'), crl({ ca }))
  const checks = t.mock.method(Revocation.prototype, 'check')
  const world = await lab(t, 'hard', (settings) => ({
    ...settings,
    trust: { ...settings.trust, crls: folder, fetch: false },
    limits: { ...settings.limits, revocationAgainMs: DAY },
  }))
  const [leaf, other] = [await leafWith(), await leafWith()]
  const { dialog } = await world.knock(leaf)
  await world.knock(other)
  const looked = async (count: number): Promise<void> => {
    const call = await eventually('a look', () => checks.mock.calls[count - 1])
    await call.result
  }
  await looked(4) // Each before it was let in, and once after that.
  const list = crl({ ca, revoked: [{ serial: serialOf(leaf), reason: 1 }], thisUpdate: new Date() })
  await writeFile(join(folder, 'ca.crl'), list)
  world.later(10_000)
  assert.match(await dialog.end(), /<reset /)
  assert.equal((world.told('ended')[0]?.with[1] as StreamEnd | undefined)?.reason, 'SP-347')
  await looked(6)
  assert.equal(world.gateway.revocations.figures.watched, 1, 'the other one stays up')
})
