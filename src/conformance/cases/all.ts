// Every case that is played.

import type { TestCase } from '../case.ts'
import { ADDRESSES } from './addresses.ts'
import { ADMINISTRATION } from './administration.ts'
import { EDGE } from './edge.ts'
import { ERRORS } from './errors.ts'
import { LOSING } from './losing.ts'
import { CHANGING } from './changing.ts'
import { DIALBACK } from './dialback.ts'
import { ENDINGS } from './endings.ts'
import { FURTHER } from './further.ts'
import { GRID } from './grid.ts'
import { LIMITS } from './limits.ts'
import { LOG_SERVERS } from './log-servers.ts'
import { AUDIT } from './audit.ts'
import { PASSING } from './passing.ts'
import { NAMES } from './dns.ts'
import { OVER_EITHER } from './ip6.ts'
import { CERTIFICATES } from './pki.ts'
import { ROOM_CASES } from './rooms.ts'
import { PROOFS } from './sasl.ts'
import { REVOCATION } from './revocation.ts'
import { STANZAS } from './stanzas.ts'
import { STREAMS } from './streams.ts'
import { SUBSCRIPTIONS } from './subscriptions.ts'
import { TERMS } from './terms.ts'
import { TLS } from './tls.ts'
import { WAITING } from './waiting.ts'

/** Areas in which a gateway has to be what any server is. */
const OF_SERVERS = /^(?:STR|TLS|SAS|STZ)-/
/** What spares the gateway harm, by whatever row it is asked for. */
const SAFEGUARDS = /^(?:LIM-0[123]|STR-18|STR-19|TLS-18)\//

const ALL: readonly TestCase[] = [
  // One of them waits for longer than any other, and is begun first.
  ...REVOCATION,
  ...LOSING,
  ...WAITING,
  ...STREAMS,
  ...TLS,
  ...PROOFS,
  ...CERTIFICATES,
  ...DIALBACK,
  ...GRID,
  ...NAMES,
  ...OVER_EITHER,
  ...LIMITS,
  ...FURTHER,
  ...ADDRESSES,
  ...STANZAS,
  ...ERRORS,
  ...SUBSCRIPTIONS,
  ...ROOM_CASES,
  ...AUDIT,
  ...LOG_SERVERS,
  ...ADMINISTRATION,
  ...PASSING,
  ...EDGE,
  ...TERMS,
  ...ENDINGS,
  ...CHANGING,
]

export const CASES: readonly TestCase[] = ALL.map((one) => ({
  ...one,
  requirements: [
    ...one.requirements,
    ...(one.requirements.some((id) => OF_SERVERS.test(id)) ? ['GWY-02'] : []),
    ...(SAFEGUARDS.test(one.id) ? ['GWY-09'] : []),
  ],
}))
