// A session between a client whose transport is in the test's hands and a core that does as it is told: what it asks of the
// gate, and what it does when the gate or the client's pipe says no.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { SHUT, type LoginGate } from '../../../src/gateway/remote/gate.ts'
import type { RemoteJournal } from '../../../src/gateway/remote/journal.ts'
import { Resumables } from '../../../src/gateway/remote/resumables.ts'
import { Session } from '../../../src/gateway/remote/session.ts'
import { reachCore } from '../../../src/net/client/inner.ts'
import { DEFAULT_LIMITS } from '../../../src/net/limits.ts'
import type { ClientHandler, ClientTransport } from '../../../src/net/client/transport.ts'
import { bufferOf } from '../../../src/xml/stretch.ts'
import { NS } from '../../../src/xmpp/namespaces.ts'
import { eventually } from '../../support/within.ts'
import { base64, element, headerOf, SASL, SASL2, SM } from '../../unit/stream/client/words.ts'
import { OURS, type Play, ScriptedCore } from './scripted-core.ts'

const HOST = '127.0.29.1'
const PORT = 5322
const BIND2 = "xmlns='urn:xmpp:bind:0'"

const SECOND = `<authentication ${SASL2}><mechanism>PLAIN</mechanism><inline><bind ${BIND2}/></inline></authentication>`
/** A core with SASL2 and Bind2 (XEP-0386). */
const WITH_SECOND: Play = (session, step, frame) => {
  if (step === 'header') return (session.greet(SECOND), true)
  if (frame?.namespace !== NS.sasl2) return false
  const bound = `<authorization-identifier>alice@${OURS}/r</authorization-identifier><bound ${BIND2}/>`
  return (session.say(`<success ${SASL2}>${bound}</success>`), true)
}

const OPEN: LoginGate = {
  ...SHUT,
  before: () => ({ admitted: true }),
  claimed: () => ({ admitted: true }),
  succeeded: () => ({ admitted: true }),
  objection: () => undefined,
}

/** A session at this gate; `pipe.room` is what the client's transport says of itself. */
async function sessionAt(t: TestContext, gate: LoginGate, play?: Play) {
  const core = await ScriptedCore.open(HOST, PORT)
  t.after(() => core[Symbol.asyncDispose]())
  if (play) core.play = play
  const told: string[] = []
  const said: string[] = []
  const pipe = { room: true, held: false }
  const note = (what: string) => () => void told.push(what)
  const journal: RemoteJournal = {
    ...{ unsecured: note('unsecured'), logInFailed: note('log-in failed'), cardRefused: note('card refused') },
    ...{ loggedIn: note('logged in'), bound: note('bound'), refused: note('refused'), bindsChannel() {} },
    ended: (_, { reason }) => void told.push(`ended ${reason}`),
    bug: (error) => void told.push(`bug ${String(error)}`),
  }
  const tls = { start: 'direct', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined } as const
  let handler: ClientHandler | undefined
  const transport: ClientTransport = {
    facts: { remoteAddress: '192.0.2.1', listener: 'remote', transport: 'tcp', tls, chain: [], requested: OURS },
    reference: 'ref',
    get handler() {
      return handler!
    },
    set handler(given) {
      handler = given
    },
    open() {},
    features: () => void said.push('features'),
    send: (bytes) => (said.push(bufferOf(bytes).toString()), pipe.room),
    ...{ restart() {}, authenticated() {}, settled() {}, unread: 0, unsent: 0 },
    hold: () => void (pipe.held = true),
    release: () => void (pipe.held = false),
    close: ({ condition }) => void said.push(`close ${condition}`),
    gone: Promise.resolve(),
  }
  const one = new Session(transport, {
    rules: { serves: (domain) => domain === OURS, attempts: 3 },
    gate: () => gate,
    reach: (domain, { reference }, signal) =>
      reachCore({
        ...{ domain, reference, signal, host: HOST, port: PORT, tls: 'none', profile: 'standard' },
        addresses: () => Promise.resolve({ ok: true, addresses: [HOST] }),
        mayBePlaintext: () => true,
        verify: () => ({ proven: false, reason: 'SP-804', detail: '', certificate: undefined }),
        limits: DEFAULT_LIMITS,
        bug: (error) => void told.push(`bug ${String(error)}`),
      }),
    cards: {
      judge: () => Promise.resolve(undefined),
      vouch: () => Promise.reject(new Error('nobody has a card')),
      ...{ begun() {}, ended() {} },
    },
    resumables: new Resumables(() => ({ resumable: 100, resumablePerUser: 10, resumptionMs: 1000 })),
    journal,
    ...{ rate: () => 1000, patienceMs: () => 1000, now: () => Date.now(), reference: () => 'ref', known() {} },
    ...{ lost: (end: () => void) => end(), left() {} },
  })
  const hears = (what: string) =>
    eventually(what, () => (said.some((words) => words.includes(what)) ? true : undefined))
  one.header(headerOf())
  await hears('features')
  return { one, pipe, told, said, hears, say: (xml: string) => one.frame(element(xml)) }
}

test('whom the gate refuses at last is not bound, and hears nothing but the end', async (t) => {
  const refused = { admitted: false, reason: 'SP-830', detail: '', answer: { delayMs: 0 } } as const
  const { say, told, said, hears } = await sessionAt(t, { ...OPEN, succeeded: () => refused }, WITH_SECOND)
  const first = `<initial-response>${base64('\0alice\0sesame')}</initial-response>`
  say(`<authenticate ${SASL2} mechanism='PLAIN'>${first}<bind ${BIND2}/></authenticate>`)
  await hears('close')
  assert.deepEqual(told, ['log-in failed', 'ended SP-830'])
  assert.deepEqual(said, ['features', 'close policy-violation'])
})

test('who does not read that nothing is remembered is not read', async (t) => {
  const { one, say, said, pipe, hears } = await sessionAt(t, OPEN)
  say(`<auth ${SASL} mechanism='PLAIN'>${base64('\0alice\0sesame')}</auth>`)
  await hears('<success')
  said.length = 0
  one.header(headerOf())
  await hears('features')
  say(`<resume ${SM} h='0' previd='x'/>`)
  assert.equal(pipe.held, false)
  pipe.room = false
  say(`<resume ${SM} h='0' previd='x'/>`)
  assert.equal(pipe.held, true)
  one.drained()
  assert.equal(pipe.held, false)
})

for (const [about, leave, cost] of [
  ['who comes and goes', (one: Session) => one.ended('SP-214', 'closed'), 0],
  ['who takes leave', (one: Session) => one.footer(), 0],
  ['who talks nonsense', (one: Session) => one.frame(element('<x/>')), 1],
] as const) {
  test(`without a log-in: ${about} costs ${cost > 0 ? 'more than' : 'no more than'} a connection`, async (t) => {
    let fumbles = 0
    const { one } = await sessionAt(t, { ...OPEN, fumbled: () => void (fumbles += 1) })
    leave(one)
    assert.equal(fumbles, cost)
  })
}
