// A partner under a stricter profile than that of all: whoever connects is held to it once the name is proven, whoever is
// called is met by it from the first byte, and streams that are up are held to it when the entry changes.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ConnectionOptions } from 'node:tls'
import { FEDERATION_PORT } from '../../src/lab/places.ts'
import type { StreamFailure } from '../../src/net/reception.ts'
import type { StreamEnd } from '../../src/net/stream.ts'
import { cutsBy, type Cut } from '../../src/gateway/cuts.ts'
import type { Partner, ProfileName } from '../../src/policy/partner.ts'
import { Dialog } from '../support/dialog.ts'
import { issue, makeCa, temporaryFolder, writeAnchors, type Issued } from '../support/pki.ts'
import { eventually } from '../support/within.ts'
import { evaluation } from './evaluation.ts'
import { AUTH, header, STARTTLS } from './gate.ts'

const HOST = '127.0.48.1'
const PEER = 'aurora.example'
const ca = await makeCa({ key: 'p384', hash: 'SHA-384' })
const strong = await issue({ ca, names: [PEER], key: 'p384', hash: 'SHA-384' })
const usual = await issue({ ca, names: [PEER], key: 'p256', hash: 'SHA-384' })

async function lab(t: TestContext, profile: ProfileName | undefined) {
  const world = await evaluation(t, HOST, (settings) => ({ ...settings, evaluation: false }))
  const anchors = [await writeAnchors(join(world.root, 'anchors.pem'), ca)]
  // Nobody publishes what these CAs have revoked; that has tests of its own.
  const list = (under: ProfileName | undefined) =>
    world.partners.map((one) => (one.domain === PEER ? { ...one, anchors, ...(under ? { profile: under } : {}) } : one))
  world.gateway.apply(await world.build(list(profile)))

  /** Opens a stream to us: `admitted`, or the reason why not with its detail. */
  const knock = async (certificate: Issued, options: ConnectionOptions): Promise<string> => {
    const failed = world.told('failed').length
    const dialog = await Dialog.open({ host: HOST, port: FEDERATION_PORT })
    t.after(() => dialog[Symbol.asyncDispose]())
    await dialog.say(header({ from: PEER, to: 'corp.example' })).expect(/<\/(?:stream:)?features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ certificate, servername: 'corp.example', options })
    const [answer] = await dialog
      .say(header({ from: PEER, to: 'corp.example' }))
      .expect(/<mechanism>EXTERNAL<\/mechanism>|<\/(?:stream:)?stream>/)
    if (!answer.includes('EXTERNAL')) {
      assert.match(dialog.all, /<not-authorized /)
      const told = await eventually('the failure', () => world.told('failed')[failed])
      const { reason, detail } = told.with[0] as StreamFailure
      return `${reason} ${detail}`
    }
    await dialog.say(AUTH).expect(/<success/)
    await dialog.say(header({ from: PEER, to: 'corp.example' })).expect(/<\/?(?:stream:)?features\/?>/)
    return 'admitted'
  }
  return { ...world, list, knock }
}

const AES128 = { ciphers: 'TLS_AES_128_GCM_SHA256' }
const AES256 = { ciphers: 'TLS_AES_256_GCM_SHA384' }
const CHACHA = { ciphers: 'TLS_CHACHA20_POLY1305_SHA256' }

test('without a profile of its own a partner comes with whatever that of all permits', async (t) => {
  const { knock } = await lab(t, undefined)
  for (const options of [AES128, AES256, CHACHA]) assert.equal(await knock(usual, options), 'admitted')
})

test('a suite or a certificate below the profile of the partner is refused after the proof, with its reason', async (t) => {
  const { knock } = await lab(t, 'dod')
  assert.match(await knock(strong, AES128), /^SP-321 TLS_AES_128_GCM_SHA256, under the profile dod/)
  assert.match(await knock(strong, CHACHA), /^SP-321 /)
  assert.match(await knock(usual, AES256), /^SP-319 .*P-256, under the profile dod/)
  // As good as it gets; what is left to say against it is that nobody knows whether it was revoked.
  assert.match(await knock(strong, AES256), /^SP-334 /)
})

test('a stream that is up is closed when its partner comes under a profile that it falls short of', async (t) => {
  const { knock, gateway, build, list, told } = await lab(t, undefined)
  assert.equal(await knock(strong, CHACHA), 'admitted')
  const ended = told('ended').length
  gateway.apply(await build(list('nato')))
  const end = await eventually('the end', () => told('ended')[ended])
  assert.equal(
    (end.with.find((one) => typeof one === 'object' && one !== null && 'reason' in one) as StreamEnd).reason,
    'SP-321',
  )
})

test('a partner comes with the certificate of the provider that its entry names, and goes when it names it no more', async (t) => {
  const { knock, gateway, build, list, told } = await lab(t, undefined)
  const hosting = await issue({ ca, names: ['xmpp.hosting.example'], key: 'p256', hash: 'SHA-384' })
  assert.match(await knock(hosting, AES256), /^SP-301 /)
  const hosted = list(undefined).map((one) =>
    one.domain === PEER ? { ...one, provider: 'xmpp.hosting.example' } : one,
  )
  gateway.apply(await build(hosted))
  assert.equal(await knock(hosting, AES256), 'admitted')
  const ended = told('ended').length
  const { house, streams, revocations, proving } = gateway
  const standing = { house, streams, revocations, keys: proving.keys }
  assert.deepEqual(await cutsBy(await build(list(undefined)), standing, Date.now()), [{ domain: PEER, streams: 1 }])
  gateway.apply(await build(list(undefined)))
  const end = await eventually('the end', () => told('ended')[ended])
  assert.equal(
    (end.with.find((one) => typeof one === 'object' && one !== null && 'reason' in one) as StreamEnd).reason,
    'SP-301',
  )
})

test('what an entry would cut off is known before it is made, by the house that it makes', async (t) => {
  const { knock, gateway, build, list } = await lab(t, undefined)
  const ours = list(undefined)
  assert.equal(await knock(usual, CHACHA), 'admitted')
  const { house, streams, revocations, proving } = gateway
  const standing = { house, streams, revocations, keys: proving.keys }
  const foretold = async (change: Partial<Partner>): Promise<readonly Cut[]> => {
    const changed = ours.map((one) => (one.domain === PEER ? { ...one, ...change } : one))
    return await cutsBy(await build(changed), standing, Date.now())
  }
  const cut = [{ domain: PEER, streams: 1 }]
  const up = [...streams.all()].find(({ info }) => info.leg === 'partner')
  assert.ok(up?.info.certificate)
  const { spki } = up.info.certificate
  const other = await writeAnchors(join(await temporaryFolder(t), 'other.pem'), await makeCa())
  for (const [change, expected] of [
    [{ owner: 'anna' }, []],
    [{ pins: [spki] }, []],
    [{ extendedKeyUsage: 'either' }, []],
    [{ status: 'blocked' }, cut],
    [{ expires: '2020-01-01' }, cut],
    [{ pins: ['sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='] }, cut],
    [{ anchors: [other] }, cut],
    [{ certificatePolicies: ['1.2.3.4'] }, cut],
    [{ profile: 'nato' }, cut],
    // Nobody publishes what these CAs have revoked.
    [{ revocation: 'hard' }, cut],
    [{ revocation: 'soft' }, []],
  ] as const satisfies readonly (readonly [Partial<Partner>, readonly Cut[]])[])
    assert.deepEqual(await foretold(change), expected, JSON.stringify(change))
  assert.ok(up.open)
})

test('the profile of a partner decides what it is called with, and what may be left to dialback and revocation', async (t) => {
  const { gateway } = await lab(t, 'dod')
  const { house } = gateway
  assert.deepEqual([house.profile(PEER), house.profile('other.example')], ['dod', 'standard'])
  assert.deepEqual([house.revocation(PEER), house.floor(PEER)], ['hard', 'certificate'])
  const [called, shown] = [house.ownIdentity('corp.example', PEER), house.ownIdentity('corp.example')]
  assert.ok(called && shown && called.context !== shown.context)
  assert.equal(called, shown.under('dod'))
})
