// The foul weather, one kind a row: what happens while numbers cross both ways, and who may lose something by it.

import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import type { Weather, Who } from './weather.ts'

export interface Scenario {
  readonly name: string
  readonly who: Who | 'gateway' | 'DNS' | 'certificates'
  /**
   * What the weather takes with it: `server`: one that goes takes what it has; `connection`: what is on its way is lost, and
   * only acknowledgements (XEP-0198) can tell its sender; `stream`: it ends in good order, which costs nothing where the
   * sender's server stops writing in time.
   */
  readonly takes: 'nothing' | 'stream' | 'connection' | 'server'
  /** Longer than usual: the traffic is spread over this, and the short form leaves it out. */
  readonly overMs?: number
  run(weather: Weather): Promise<void>
}

/** How long the weather lasts, where it does. */
const LASTS_MS = 6_000
const SLOW = 1_000

/** What may happen to either server. */
const either: readonly ((who: Who) => Scenario)[] = [
  (who) => ({
    name: 'stopped, and started again',
    who,
    takes: 'server',
    async run(weather) {
      await weather.server(who).stop()
      await weather.restart(who)
    },
  }),
  (who) => ({
    name: 'killed, and started again',
    who,
    takes: 'server',
    async run(weather) {
      await weather.server(who).kill()
      await weather.restart(who)
    },
  }),
  (who) => ({
    name: 'restarting every 3 seconds',
    who,
    takes: 'server',
    overMs: 16_000,
    async run(weather) {
      for (let times = 0; times < 3; times++) {
        await weather.server(who).kill()
        await weather.restart(who)
        await pause(3_000)
      }
    },
  }),
  (who) => ({
    name: 'every packet swallowed for 6 seconds',
    who,
    takes: 'connection',
    run: (weather) => weather.swallow(who, LASTS_MS),
  }),
  (who) => ({
    name: 'every packet swallowed for 20 seconds',
    who,
    takes: 'connection',
    overMs: 26_000,
    run: (weather) => weather.swallow(who, 20_000),
  }),
  (who) => ({
    name: 'connections cut three times',
    who,
    takes: 'connection',
    async run(weather) {
      for (let times = 0; times < 3; times++) {
        weather.cut(who)
        await pause(1_000)
      }
    },
  }),
  (who) => ({
    name: 'slowed to 1 kB/s for 6 seconds',
    who,
    takes: 'nothing',
    async run(weather) {
      weather.pace(who, SLOW)
      await pause(LASTS_MS)
      weather.pace(who, undefined)
    },
  }),
  (who) => ({
    name: 'closing its streams in mid-burst, three times',
    who,
    takes: 'connection',
    async run(weather) {
      for (let times = 0; times < 3; times++) {
        await weather.server(who).closeStreams()
        await pause(1_000)
      }
    },
  }),
]

const others: readonly Scenario[] = [
  {
    name: 'leads to an impostor for 6 seconds, while connections are cut',
    who: 'DNS',
    takes: 'connection',
    async run(weather) {
      const impostor = await weather.impostor()
      const honest = weather.partnerRoad
      await weather.partnerIsAt(impostor.address)
      weather.cut('partner')
      await pause(LASTS_MS)
      await weather.partnerIsAt(honest)
      weather.cut('partner')
      assert.ok(impostor.inboundConnections() > 0, 'nobody went to the impostor')
      assert.deepEqual(impostor.log.lines(/Received\[s2s\S*\]: <message/), [], 'the impostor was told something')
    },
  },
  {
    name: 'leads to another address, to which the partner has moved',
    who: 'DNS',
    takes: 'server',
    async run(weather) {
      await weather.movePartner()
    },
  },
  // The last of DNS: after it, answers from before serve on for a while.
  {
    name: 'no answer for 6 seconds, while connections are cut',
    who: 'DNS',
    takes: 'connection',
    async run(weather) {
      weather.world.outerDns.hang()
      weather.cut('partner')
      await pause(LASTS_MS)
      weather.world.outerDns.goOn()
    },
  },
  {
    name: 'restarted in good order',
    who: 'gateway',
    takes: 'stream',
    run: (weather) => weather.restartGateway(),
  },
  {
    name: 'ours is replaced on disk, while connections are cut',
    who: 'certificates',
    takes: 'connection',
    async run(weather) {
      const { pin } = await weather.swapOwnCertificate()
      await weather.gateway.log.expect(new RegExp(RegExp.escape(pin)))
      weather.cut('partner')
    },
  },
  {
    name: "the partner's is replaced by one of an unknown CA, and again by a good one",
    who: 'certificates',
    takes: 'server',
    overMs: 16_000,
    async run(weather) {
      for (const ca of ['unknown', 'believed'] as const) {
        await weather.server('partner').kill()
        await weather.restart('partner', await weather.partnerCertificate(ca))
        await pause(3_000)
      }
    },
  },
]

export const SCENARIOS: readonly Scenario[] = [
  ...(['partner', 'core'] as const).flatMap((who) => either.map((make) => make(who))),
  ...others,
]
