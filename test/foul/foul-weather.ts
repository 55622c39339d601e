// Numbered stanzas cross both ways while servers, networks and DNS misbehave. Afterwards every one of them has arrived
// once or has come back to its sender, none twice, in order: what a dying server takes with it is counted apart.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OURS, THEIRS } from '../peers/places.ts'
import { needsPeer } from '../support/peers.ts'
import type { ServerKind, StartServer } from '../support/server.ts'
import { record } from '../tables.ts'
import type { Account } from './account.ts'
import { SCENARIOS, type Scenario } from './scenarios.ts'
import { trafficThrough } from './traffic.ts'
import { Weather, type Who } from './weather.ts'

/** Stanzas each way. `npm run foul-weather` sends 20,000, and leaves nothing out. */
const STANZAS = Number(process.env['FOUL_WEATHER_STANZAS'] ?? 2_000)
const FULL = STANZAS >= 20_000
/** Words of the scenarios to run; empty: all. */
const ONLY = process.env['FOUL_WEATHER_ONLY'] ?? ''
const OVER_MS = FULL ? 8_000 : 5_000

export interface FoulOptions {
  readonly name: string
  readonly number: number
  readonly core: StartServer
  readonly partner: StartServer
}

export function testFoulWeather(o: FoulOptions): void {
  test(o.name, needsPeer('prosody', 'ejabberd', 'dnsmasq', 'nft', 'root', 'isolation'), async (t) => {
    const weather = await Weather.build(t, o)
    for (const scenario of SCENARIOS) {
      if (!`${scenario.who} ${scenario.name}`.includes(ONLY) || (!FULL && scenario.overMs !== undefined)) continue
      await t.test(`${scenario.who}: ${scenario.name}`, async (one) => {
        const overMs = scenario.overMs ?? OVER_MS
        const result = await trafficThrough(
          one,
          {
            stanzas: STANZAS,
            overMs,
            ours: { user: 'alice', domain: OURS, address: () => weather.server('core').address },
            theirs: { user: 'bob', domain: THEIRS, address: () => weather.server('partner').address },
          },
          () => scenario.run(weather),
        )
        const kinds = { core: weather.server('core').kind, partner: weather.server('partner').kind }
        tell(scenario, kinds, { outbound: result.outbound.account, inbound: result.inbound.account })
        for (const way of ['outbound', 'inbound'] as const) {
          const { account, references, began } = result[way]
          const { twice, lost, both, late } = account
          one.diagnostic(`${way}: ${JSON.stringify(figures([account]))}`)
          assert.deepEqual(twice, [], `${way}: arrived twice`)
          const before = began - (STANZAS / overMs) * 1000
          assert.deepEqual(
            lost.filter((number) => number < before),
            [],
            `${way}: lost without a word before the weather came`,
          )
          if (!mayLose(scenario, way, kinds)) assert.deepEqual(lost.slice(0, 20), [], `${way}: lost without a word`)
          await assertInDoubt(weather, both, references)
          const sender = senderOf(way, kinds)
          // COMPAT: Prosody 0.12 overtakes its own queue whenever it opens a stream (see `conversations/flood.ts`).
          // A sender whose server was killed writes again by another one, which knows nothing of the first.
          const twoServers = scenario.takes === 'server' && (scenario.who === 'core') === (way === 'outbound')
          if (sender !== 'prosody' && !twoServers) assert.deepEqual(late.slice(0, 20), [], `${way}: out of order`)
        }
      })
    }
  })
}

/**
 * May the weather take stanzas of this way with it? A server that goes takes what it has. A connection takes what is on its
 * way, and nobody knows, where the affected server neither acknowledges nor waits for acknowledgements.
 *
 * COMPAT: ejabberd 23.01 has no XEP-0198 between servers, and writes what it has queued for a stream to the closed socket
 * when the peer has ended that stream; Prosody 0.12 remembers the last 500 stanzas that nobody acknowledged, and forgets
 * the others (`smacks_max_queue_size`).
 */
function mayLose(
  { takes, who }: Scenario,
  way: 'outbound' | 'inbound',
  kinds: Readonly<Record<Who, ServerKind>>,
): boolean {
  if (takes === 'stream') return senderOf(way, kinds) === 'ejabberd'
  if (takes !== 'connection') return takes === 'server'
  const affected = who === 'core' ? 'core' : 'partner'
  const isSender = (affected === 'core') === (way === 'outbound')
  return kinds[affected] === 'ejabberd' || isSender
}

const senderOf = (way: 'outbound' | 'inbound', kinds: Readonly<Record<Who, ServerKind>>): ServerKind =>
  way === 'outbound' ? kinds.core : kinds.partner

/** What arrived and came back all the same was on its way when a connection broke, and its sender was told just that. */
async function assertInDoubt(
  weather: Weather,
  both: readonly number[],
  references: ReadonlyMap<number, string>,
): Promise<void> {
  for (const number of both.slice(0, 20)) {
    const reference = references.get(number)
    if (reference === undefined) continue // The word of a server, not ours.
    assert.match((await weather.gateway.why(reference)).detail ?? '', /may have arrived/)
  }
}

function figures(accounts: readonly Account[]) {
  const sum = (of: (account: Account) => number): number => accounts.reduce((total, one) => total + of(one), 0)
  return {
    sent: sum(({ sent }) => sent),
    'arrived once': sum(({ delivered }) => delivered),
    'came back': sum(({ told }) => told),
    'in doubt': sum(({ both }) => both.length),
    lost: sum(({ lost }) => lost.length),
    twice: sum(({ twice }) => twice.length),
    'out of order': sum(({ late }) => late.length),
  }
}

/** A row of the table, both ways together. */
function tell(
  scenario: Scenario,
  kinds: Readonly<Record<Who, ServerKind>>,
  ways: Readonly<Record<'outbound' | 'inbound', Account>>,
): void {
  const { who, name } = scenario
  const whom = who === 'core' || who === 'partner' ? `${who} (${kinds[who]})` : `${who} (partner: ${kinds.partner})`
  let [gone, lost] = [0, 0]
  for (const way of ['outbound', 'inbound'] as const) {
    if (mayLose(scenario, way, kinds)) gone += ways[way].lost.length
    else lost += ways[way].lost.length
  }
  const { lost: _, ...rest } = figures([ways.outbound, ways.inbound])
  record('foul-weather', [whom, name], { ...rest, 'gone with it': gone, lost })
}
