// A partner comes with another certificate: real handshakes both ways, with each word of `trust.certificateChange`.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { KeyNotice } from '../../src/gateway/keys/report.ts'
import { FEDERATION_PORT } from '../../src/lab/places.ts'
import type { StreamFailure } from '../../src/net/reception.ts'
import type { StreamEnd } from '../../src/net/stream.ts'
import type { CertificateChange } from '../../src/policy/partner.ts'
import { Dialog } from '../support/dialog.ts'
import { issue, makeCa, writeAnchors } from '../support/pki.ts'
import type { Issued } from '../support/pki.ts'
import { eventually } from '../support/within.ts'
import { chat, evaluation, first } from './evaluation.ts'
import { header } from './gate.ts'

const HOST = '127.0.49.1'
const PEER = 'aurora.example'
const US = 'corp.example'
const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
const EXTERNAL = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"

let cas: readonly Issued[]
/** Two of one CA, both new, and one of another CA. */
let known: Issued
let another: Issued
let strange: Issued

before(async () => {
  cas = [await makeCa(), await makeCa()]
  const by = (ca: Issued) => issue({ ca, names: [PEER], notBefore: new Date(Date.now() - 3_600_000) })
  known = await by(cas[0]!)
  another = await by(cas[0]!)
  strange = await by(cas[1]!)
})

/** The gateway, with both CAs and that of the lab good for `aurora.example`. */
async function setUp(t: TestContext, mode: CertificateChange) {
  const world = await evaluation(t, HOST, (settings) => ({
    ...settings,
    trust: { ...settings.trust, certificateChange: mode, revocation: 'off' },
    limits: { ...settings.limits, closeMs: 300 },
  }))
  const { anchors: labs } = world.settings.trust
  const anchors = [...(labs === 'system' ? [] : labs), await writeAnchors(join(world.root, 'cas.pem'), ...cas)]
  const list = world.partners.map((one) => (one.domain === PEER ? { ...one, anchors } : one))
  world.gateway.apply(await world.build(list))
  /** Opens a stream to us: `admitted`, or the reason why not. */
  const knock = async (leaf: Issued): Promise<{ readonly outcome: string; readonly dialog: Dialog }> => {
    const failed = world.told('failed').length
    const dialog = await Dialog.open({ host: HOST, port: FEDERATION_PORT })
    t.after(() => dialog[Symbol.asyncDispose]())
    await dialog.say(header({ from: PEER, to: US })).expect(/<\/(?:stream:)?features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ certificate: leaf, servername: US })
    const [answer] = await dialog
      .say(header({ from: PEER, to: US }))
      .expect(/<mechanism>EXTERNAL<\/mechanism>|<not-authorized[^]*<\/(?:stream:)?stream>/)
    if (answer.includes('EXTERNAL')) {
      await dialog.say(EXTERNAL).expect(/<success/)
      await dialog.say(header({ from: PEER, to: US })).expect(/<\/?(?:stream:)?features\/?>/)
      return { outcome: 'admitted', dialog }
    }
    const told = await eventually('the failure', () => world.told('failed')[failed])
    return { outcome: (told.with[0] as StreamFailure).reason, dialog }
  }
  const outcomes = async (...leaves: readonly Issued[]): Promise<readonly string[]> => {
    const seen: string[] = []
    for (const leaf of leaves) seen.push((await knock(leaf)).outcome)
    return seen
  }
  const decide = (say: 'confirm' | 'refuse', leaf: Issued) =>
    world.gateway.proving.keys.decide({ domain: PEER, pins: [leaf.pin], say, by: 'a test' })
  const changes = (): readonly string[] => world.told('keyNoticed').map((one) => (one.with[0] as KeyNotice).key.change)
  const ended = (): readonly StreamEnd[] => world.told('ended').map((one) => one.with[1] as StreamEnd)
  return { ...world, list, knock, outcomes, decide, changes, ended }
}

test('report: other certificates count, and each is told once and waits to be confirmed', async (t) => {
  const { gateway, outcomes, changes } = await setUp(t, 'report')
  assert.deepEqual(await outcomes(known, another, strange, strange), Array(4).fill('admitted'))
  assert.deepEqual(changes(), ['first', 'early', 'other-ca'])
  assert.deepEqual(
    gateway.proving.keys.status.open.map(({ spki, state }) => [spki, state]),
    [
      [another.pin, 'open'],
      [strange.pin, 'open'],
    ],
  )
})

test('hold: another certificate is refused until it is confirmed, and the known one goes on', async (t) => {
  const { outcomes, decide, told } = await setUp(t, 'hold')
  assert.deepEqual(await outcomes(known, another, known), ['admitted', 'SP-388', 'admitted'])
  const [failure] = told('failed').map((one) => one.with[0] as StreamFailure)
  assert.match(failure?.detail ?? '', /none of the known ones was due; known: sha256\//)
  assert.equal(failure?.certificate?.spki, another.pin)
  decide('confirm', another)
  assert.deepEqual(await outcomes(another, strange, known), ['admitted', 'SP-388', 'admitted'])
})

test('a stream that is up with a key that is refused ends at once, and so does one that is held by new settings', async (t) => {
  const { gateway, settings, list, build, knock, decide, ended } = await setUp(t, 'report')
  const [good, early, other] = [await knock(known), await knock(another), await knock(strange)]
  decide('refuse', strange)
  assert.match(await other.dialog.end(), /<not-authorized/)
  const trust = { ...settings.trust, certificateChange: 'hold-unusual' } as const
  gateway.apply(await build(list, { ...settings, trust }))
  assert.match(await early.dialog.end(), /<not-authorized/)
  assert.deepEqual(
    ended().map(({ reason }) => reason),
    ['SP-389', 'SP-388'],
  )
  good.dialog.say(chat(`bob@${PEER}`, `alice@${US}`, 'still'))
  await eventually('the stanza over the known stream', () =>
    [...gateway.streams.all()].some(({ info }) => info.counters.stanzasIn > 0) ? true : undefined,
  )
})

test('outbound, a held certificate brings the stanza back, and the next one crosses once it is confirmed', async (t) => {
  const { gateway, lab, outcomes, told } = await setUp(t, 'hold-unusual')
  // The lab shows a certificate of a CA that has nothing to do with the one that is known by then.
  assert.deepEqual(await outcomes(known), ['admitted'])
  const after = lab.lastEvent
  lab.send(US, chat(`alice@${US}`, `bob@${PEER}`, 'held'))
  const back = await first(lab, after, (news) => news.kind === 'received' && news.domain === US)
  assert.match(back.kind === 'received' ? back.stanza : '', /id="held"[^]*<remote-server-timeout/)
  const [failure] = told('notOpened').map((one) => one.with[0] as StreamFailure)
  assert.equal(failure?.reason, 'SP-388')
  const [open] = gateway.proving.keys.status.open
  assert.deepEqual([open?.domain, open?.state, open?.sides], [PEER, 'held', ['server']])
  gateway.proving.keys.decide({ domain: PEER, pins: [open?.spki ?? ''], say: 'confirm', by: undefined })
  gateway.ways.retry(PEER)
  lab.send(US, chat(`alice@${US}`, `bob@${PEER}`, 'crosses'))
  await first(lab, after, (news) => news.kind === 'received' && news.domain === PEER && news.stanza.includes('crosses'))
})
