// Every golden file of `test/cases/hostile`, sent by a peer that connects to one of the gateway's listeners. What each must
// come to is in `expect.json`; see the README there.

import { equal, match } from 'node:assert/strict'
import { test } from 'node:test'
import type { Settings } from '../../src/config/settings.ts'
import { CORE_PORT, FEDERATION_PORT } from '../../src/lab/places.ts'
import { Dialog } from '../support/dialog.ts'
import { expectedAt, type HostileCase, hostileCases, type Phase } from '../support/hostile.ts'
import { AUTH, header, STARTTLS } from './gate.ts'
import { CORE, ends, PEER, stanzaError, World } from './hostile-world.ts'

const DIRECT_PORT = 15_271

interface Doorway {
  readonly door: 'federation' | 'direct' | 'core'
  readonly port: number
  /** Who calls, and for whom. */
  readonly peer: string
  readonly us: string
}

const DOORWAYS: readonly Doorway[] = [
  { door: 'federation', port: FEDERATION_PORT, peer: PEER, us: CORE },
  { door: 'direct', port: DIRECT_PORT, peer: PEER, us: CORE },
  { door: 'core', port: CORE_PORT, peer: CORE, us: PEER },
]

const withDirect =
  (host: string) =>
  (settings: Settings): Settings => {
    const { listen } = settings
    const entrance = { host, port: DIRECT_PORT, tls: 'direct', proxyProtocol: [] } as const
    return { ...settings, listen: { ...listen, federation: [...listen.federation, entrance] } }
  }

/** Calls, and is well-behaved until the phase is reached. */
async function call(world: World, { door, port, peer, us }: Doorway, phase: Phase): Promise<Dialog> {
  const hello = header({ from: peer, to: us })
  const dialog = await Dialog.open({ host: world.host, port })
  if (door === 'direct') await dialog.startTls({ certificate: world.certificate(peer) })
  if (phase === 'plain') return dialog
  if (door !== 'direct') {
    await dialog.say(hello).expect(/<stream:features><starttls.*<\/stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ certificate: world.certificate(peer) })
  }
  if (phase === 'tls') return dialog
  await dialog.say(hello).expect(/<mechanism>EXTERNAL<\/mechanism>.*<\/stream:features>/)
  await dialog.say(AUTH).expect(/<success/)
  await dialog.say(hello).expect(/<stream:features>.*<\/stream:features>/)
  return dialog
}

const AFTER = /id="after"/

const dialbackAnswer = (type: string): RegExp =>
  new RegExp(`<db:(?:result|verify) [^>]*type='${type}'></db:(?:result|verify)>$`)

const dialbackError = (condition: string): RegExp =>
  new RegExp(`<db:(?:result|verify) [^>]*type='error'><error [^>]*><${condition} .*</db:(?:result|verify)>$`)

/** @param host an address of loopback that the caller has to itself */
export function hostileAt(door: Doorway['door'], host: string): void {
  const doorway = DOORWAYS.find((one) => one.door === door)
  if (!doorway) throw new Error(door)
  const { peer, us } = doorway
  const here = hostileCases({ us, peer })
  const [sender, receiver] = peer === CORE ? [`alice@${CORE}`, `bob@${PEER}`] : [`bob@${PEER}`, `alice@${CORE}`]

  test(`hostile peers at the listener: ${door}`, async (t) => {
    const world = await World.open(
      t,
      host,
      peer === CORE ? 'out' : 'in',
      door === 'direct' ? withDirect(host) : undefined,
    )
    await world.crosses(sender, receiver)
    await world.unharmed(/id="w-/)

    /** The stream goes on: what is said now is delivered as if nothing had happened. */
    const goesOn = async (dialog: Dialog): Promise<void> => {
      dialog.say(`<message from='${sender}' to='${receiver}' id='after'/>`)
      await world.answered(us, AFTER)
    }

    const comesTo = async (dialog: Dialog, condition: string, { phase, crosses }: HostileCase): Promise<unknown> => {
      const [kind, name = ''] = condition.split(':')
      switch (kind) {
        case 'sasl':
          await dialog.expect(new RegExp(`<failure [^>]*><${name}/></failure>`))
          await dialog.say(AUTH).expect(/<success/)
          return world.unharmed()
        case 'success':
          await dialog.expect(/<success/)
          return world.unharmed()
        case 'offers':
          await dialog.expect(/<stream:features>.+<\/stream:features>/)
          return world.unharmed()
        case 'dialback':
          await dialog.expect(name === 'valid' || name === 'invalid' ? dialbackAnswer(name) : dialbackError(name))
          if (phase === 'ready') await goesOn(dialog)
          return world.unharmed(...(phase === 'ready' ? [AFTER] : []))
        case 'stanza':
          await world.answered(peer, stanzaError(name))
          await goesOn(dialog)
          equal(dialog.heard, '')
          return world.unharmed(stanzaError(name), AFTER)
        default:
          await ends(dialog, condition)
          return world.unharmedAfter(crosses)
      }
    }

    for (const one of here) {
      const condition = expectedAt(one, door)
      if (condition === undefined) continue
      await t.test(`${one.name}: ${one.phase}, ${condition}`, async () => {
        await using dialog = await call(world, doorway, one.phase)
        await comesTo(dialog.say(one.bytes), condition, one)
      })
    }

    if (door === 'direct') await t.test('none of it is heard without TLS', () => withoutTls(world, here))

    await t.test('none of it took a deadline, and what is delivered afterwards comes first', async () => {
      await world.crosses(sender, receiver)
      await world.unharmed(/id="w-/)
      await world.atLast()
    })
  })
}

/** To a listener that begins with TLS it is all noise: it hangs up, with a TLS alert at most. */
async function withoutTls(world: World, cases: readonly HostileCase[]): Promise<void> {
  for (const { name, phase, bytes } of cases) {
    if (phase !== 'plain' || name === 'tls-client-hello') continue
    await using dialog = await Dialog.open({ host: world.host, port: DIRECT_PORT })
    match(await dialog.say(bytes).end(), /^[^<]*$/, name)
  }
  await world.unharmed()
}
