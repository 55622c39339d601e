// Golden files of `test/cases/hostile`, sent by a core on its port for components, to which the gateway connects: the files
// for listeners, where they make sense here, and those of `cores/`. The bystander is another component.

import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import { type Dialog, DialogHost } from '../support/dialog.ts'
import { type CorePhase, expectedAt, hostileCases, hostileCores } from '../support/hostile.ts'
import { eventually } from '../support/within.ts'
import { chat } from './evaluation.ts'
import { BYSTANDER, CORE, ends, PEER, stanzaError, World } from './hostile-world.ts'

const HOST = '127.0.7.46'
const header = (name: string): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' ` +
  `xmlns:stream='http://etherx.jabber.org/streams' from='${name}' id='c0'>`

/** Takes the gateway's connections: the peer's are for the test, the others are served well. */
class ComponentPort {
  readonly host: DialogHost
  readonly waiting: Dialog[] = []
  bystander: Dialog | undefined
  closed = false

  constructor(host: DialogHost) {
    this.host = host
    void this.#accept()
  }

  async #accept(): Promise<void> {
    while (!this.closed) {
      const dialog = await this.host.next().catch(() => undefined) // nobody for a while
      if (!dialog) continue
      const [, name = ''] = await dialog.expect(/<stream:stream [^>]*to='([^']*)'[^>]*>/)
      if (name === PEER) {
        this.waiting.push(dialog)
        continue
      }
      await dialog.say(header(name)).expect(/<handshake>[0-9a-f]{40}<\/handshake>/)
      dialog.say('<handshake/>')
      if (name === BYSTANDER) this.bystander = dialog
    }
  }
}

const asComponent =
  (port: number) =>
  (settings: Settings): Settings => {
    const secretFile = join(dirname(settings.domains[0]?.certFile ?? ''), 'component-secret')
    writeFileSync(secretFile, 'sesame', { mode: 0o600 })
    const component = {
      connections: 'per-domain',
      secretFile,
      tls: 'none',
      plaintextNetworks: ['127.0.0.0/8'],
    } as const
    return { ...settings, core: { ...settings.core, protocol: 'component', component, host: HOST, port } }
  }

test('hostile cores on their port for components', async (t) => {
  await using host = await DialogHost.open(HOST)
  const port = new ComponentPort(host)
  t.after(() => void (port.closed = true))
  const world = await World.open(
    t,
    HOST,
    async ({ evaluation: { lab } }) => {
      const dialog = await eventually('the bystander', () => port.bystander, { everyMs: 2 })
      lab.send(BYSTANDER, chat(`mallory@${BYSTANDER}`, `alice@${CORE}`, 'bystander'))
      await dialog.expect(/<message [^>]*id=.bystander.*?<\/message>/)
    },
    asComponent(host.port),
  )
  const { gateway } = world.evaluation

  /** The gateway's next connection for the peer. */
  const next = (): Promise<Dialog> =>
    eventually(
      'a connection',
      () => {
        world.again()
        gateway.components.wake()
        return port.waiting.shift()
      },
      { everyMs: 2 },
    )

  const run = async (phase: CorePhase, condition: string, bytes: Buffer, crosses?: number): Promise<void> => {
    await using dialog = await next()
    if (phase !== 'plain') await dialog.say(header(PEER)).expect(/<handshake>[0-9a-f]{40}<\/handshake>/)
    if (phase === 'ready') dialog.say('<handshake/>')
    dialog.say(bytes)
    const [kind, error = ''] = condition.split(':')
    if (kind === 'stanza') {
      await dialog.expect(stanzaError(error))
      dialog.say(`<message from='alice@${CORE}' to='bob@${PEER}' id='after'/>`)
      await world.answered(PEER, /id="after"/)
      return void (await world.unharmed(/id="after"/))
    }
    await ends(dialog, condition, phase === 'plain' ? '(?:<handshake>[0-9a-f]{40}</handshake>)?' : '')
    await world.unharmedAfter(crosses)
  }

  for (const { name, phase, condition, bytes } of hostileCores({ us: PEER, peer: CORE })) {
    await t.test(`${name}: ${phase}, ${condition}`, () => run(phase, condition, bytes))
  }
  for (const one of hostileCases({ us: PEER, peer: CORE })) {
    const { name, phase, bytes, crosses } = one
    const condition = expectedAt(one, 'component')
    if (condition === undefined || phase === 'tls') continue
    await t.test(`${name}: ${phase}, ${condition}`, () => run(phase, condition, bytes, crosses))
  }
  await t.test('none of it took a deadline', () => world.atLast())
})
