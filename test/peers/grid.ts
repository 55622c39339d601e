// The grid: every core before every partner, spoken to in every way there is, over IPv4 and over nothing but IPv6. Each
// cell runs the whole list of `topology.ts`; docs/testing.md shows what came of it.

import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import type { ServerKind, StartServer } from '../support/server.ts'
import { record } from '../tables.ts'
import { testTopology, type TopologyOptions } from './topology.ts'

const SERVERS: Readonly<Record<ServerKind, StartServer>> = { prosody, ejabberd }
const KINDS = ['prosody', 'ejabberd'] as const
const FAMILIES = ['IPv4', 'IPv6'] as const
const NAMES: Readonly<Record<ServerKind, string>> = { prosody: 'Prosody', ejabberd: 'ejabberd' }

interface Way {
  readonly name: string
  /** What a topology of these servers is then; undefined: neither of them can. */
  options(core: ServerKind, partner: ServerKind): Pick<TopologyOptions, 'bidi' | 'component'> | undefined
}

const WAYS: readonly Way[] = [
  { name: 's2s', options: () => ({}) },
  {
    name: 's2s, both ways on one stream where the server can',
    // ejabberd 23.01 has no XEP-0288.
    options: (core, partner) =>
      core === 'prosody' || partner === 'prosody'
        ? { bidi: { core: core === 'prosody', partner: partner === 'prosody' } }
        : undefined,
  },
  { name: 'component', options: (core) => ({ component: core === 'prosody' ? 'per-domain' : 'one' }) },
]

/** Runs the cells of one kind of core. `number`: of the first topology; the others follow. */
export function testGrid(core: ServerKind, number: number): void {
  let next = number
  for (const partner of KINDS) {
    for (const way of WAYS) {
      const row = [NAMES[core], NAMES[partner], way.name]
      const options = way.options(core, partner)
      if (options === undefined) {
        record('topologies', row, { IPv4: 'neither can', 'IPv6 only': 'neither can' })
        continue
      }
      for (const family of FAMILIES) {
        testTopology({
          name: `a core of ${NAMES[core]}, a partner of ${NAMES[partner]}, ${way.name}, ${family}`,
          number: next,
          family,
          core: SERVERS[core],
          partner: SERVERS[partner],
          ...options,
          told: (passed, all) =>
            record('topologies', row, { [family === 'IPv4' ? 'IPv4' : 'IPv6 only']: `${passed} of ${all}` }),
        })
        next += 1
      }
    }
  }
}
