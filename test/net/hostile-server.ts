// Golden files of `test/cases/hostile`, sent by a server that the gateway connects to, because somebody on the other side has
// written to a user there: the files for listeners, where they make sense here, and those of `servers/`.

import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { type Dialog, DialogHost } from '../support/dialog.ts'
import { expectedAt, hostileCases, hostileServers, type Phase, type ServerPhase } from '../support/hostile.ts'
import { eventually } from '../support/within.ts'
import { chat } from './evaluation.ts'
import { header, PROCEED, STARTTLS, SUCCESS } from './gate.ts'
import { CORE, ends, PEER, stanzaError, World } from './hostile-world.ts'

const MECHANISMS = `<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>`
const BOTH_WAYS = `<bidi xmlns='urn:xmpp:features:bidi'/>`
const ACKS = `<sm xmlns='urn:xmpp:sm:3'/>`
const features = (offers: string): string => `<stream:features>${offers}</stream:features>`

/** What the gateway may have said on its way, if the server let it get so far: never a stanza. */
const ON_THE_WAY = {
  plain: `(?:${STARTTLS})?`,
  proceeding: '',
  tls: `(?:(?:<bidi xmlns='urn:xmpp:bidi'/>)?<auth [^>]*>[A-Za-z0-9+/=]*</auth>)?`,
  authenticating: '(?:<stream:stream [^>]*>)?',
  ready: '',
  'one-way': '',
  asked: '(?:<(?:r|a) [^>]*/>)*',
} as const satisfies Record<ServerPhase, string>

const READY: ReadonlySet<ServerPhase> = new Set(['ready', 'one-way', 'asked'])

/** Who is called, on whose behalf, and by which settings the call comes to the test. */
interface Called {
  readonly door: 'dialled' | 'dialled-core'
  readonly peer: string
  readonly us: string
  readonly settings: (port: number) => (settings: Settings) => Settings
  readonly partners: (port: number) => (partner: Partner) => Partner
}

const calledAt = (host: string): readonly Called[] => [
  {
    door: 'dialled',
    peer: PEER,
    us: CORE,
    settings: () => (settings) => settings,
    partners: (port) => (partner) =>
      partner.domain === PEER ? { ...partner, connect: [{ host, port, tls: 'starttls' }] } : partner,
  },
  {
    door: 'dialled-core',
    peer: CORE,
    us: PEER,
    settings: (port) => (settings) => ({ ...settings, core: { ...settings.core, host, port } }),
    partners: () => (partner) => partner,
  },
]

/** Is called, and is well-behaved until the phase is reached. `trigger`: what the gateway then has to deliver. */
async function answer(world: World, dialog: Dialog, { peer, us }: Called, phase: ServerPhase, trigger: RegExp) {
  const hello = header({ from: peer, to: us, id: 's0' })
  await dialog.expect(/<stream:stream [^>]*>/)
  if (phase === 'plain') return
  await dialog.say(hello + features(STARTTLS)).expect(/<starttls [^>]*\/>/)
  if (phase === 'proceeding') return
  dialog.say(PROCEED)
  await dialog.startTls({ certificate: world.certificate(peer), server: true })
  await dialog.expect(/<stream:stream [^>]*>/)
  if (phase === 'tls') return
  await dialog
    .say(hello + features(MECHANISMS + (phase === 'one-way' ? '' : BOTH_WAYS)))
    .expect(/<auth [^>]*>.*<\/auth>/)
  if (phase === 'authenticating') return
  await dialog.say(SUCCESS).expect(/<stream:stream [^>]*>/)
  if (phase === 'asked') await dialog.say(hello + features(ACKS)).expect(/<enable [^>]*\/>/)
  else dialog.say(hello + features(''))
  await dialog.expect(trigger)
}

/** @param host an address of loopback that the caller has to itself */
export function hostileServersAt(door: Called['door'], host: string): void {
  const called = calledAt(host).find((one) => one.door === door)
  if (!called) throw new Error(door)
  const { peer, us } = called
  const [friend, victim] = peer === CORE ? [`bob@${PEER}`, `alice@${CORE}`] : [`alice@${CORE}`, `bob@${PEER}`]

  test(`hostile servers at the other end of streams of ours: ${door}`, async (t) => {
    await using server = await DialogHost.open(host)
    const world = await World.open(
      t,
      host,
      peer === CORE ? 'out' : 'in',
      called.settings(server.port),
      called.partners(server.port),
    )
    const { gateway, lab } = world.evaluation
    const link = () => gateway.links.known(peer === CORE ? 'core' : 'partner', { local: us, remote: peer })
    let calls = 0

    const run = async (
      name: string,
      phase: ServerPhase,
      condition: string,
      bytes: Buffer,
      crosses = 0,
    ): Promise<void> => {
      await eventually('the end of the last connection', () => ((link()?.idle ?? true) ? true : undefined), {
        everyMs: 2,
      })
      world.again()
      const id = `call-${++calls}`
      lab.send(us, chat(friend, victim, id))
      await using dialog = await server.next()
      await answer(world, dialog, called, phase, new RegExp(`<message [^>]*id=.${id}.*</message>`))
      dialog.say(bytes)
      const [kind, error = ''] = condition.split(':')
      if (kind === 'stanza-apart') {
        await using other = await server.next()
        calls += 1
        await answer(world, other, called, 'ready', stanzaError(error))
        return void (await world.unharmed())
      }
      if (kind === 'stanza') {
        await dialog.expect(stanzaError(error))
        dialog.say(`<message from='${victim}' to='${friend}' id='after'/>`)
        await world.answered(us, /id="after"/)
        await world.unharmed(/id="after"/)
        return
      }
      await ends(dialog, condition, ON_THE_WAY[phase])
      const back = new RegExp(`type="error".*id="${id}"|id="${id}".*type="error"`)
      await dialog[Symbol.asyncDispose]() // what was under way is in doubt until the connection is gone
      // What went out is taken for delivered, unless the server has said that it would tell.
      const counted = phase === 'asked' && !bytes.toString().startsWith('<failed')
      if (counted || !READY.has(phase)) await world.answered(us, back)
      const good = crosses > 0 ? [/^<message [^>]*from="mallory@[^"]*" to="[^"@]*"\/>$/] : []
      const heard = await world.unharmed(back, ...good)
      ok(heard >= crosses)
      equal(server.accepted, calls, `${name}: nobody else was called`)
    }

    for (const one of hostileServers({ us, peer })) {
      const condition = one.on?.[door] ?? one.condition
      await t.test(`${one.name}: ${one.phase}, ${condition}`, () => run(one.name, one.phase, condition, one.bytes))
    }
    for (const one of hostileCases({ us, peer })) {
      const condition = expectedAt(one, door)
      const phase: Phase = one.phase
      if (condition === undefined) continue
      await t.test(`${one.name}: ${phase}, ${condition}`, () => run(one.name, phase, condition, one.bytes, one.crosses))
    }
    await t.test('none of it took a deadline', () => world.atLast())
  })
}
