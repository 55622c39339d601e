// Every case that is played.

import type { TestCase } from '../case.ts'
import { DIALBACK } from './dialback.ts'
import { FURTHER } from './further.ts'
import { LIMITS } from './limits.ts'
import { AUDIT } from './audit.ts'
import { PASSING } from './passing.ts'
import { NAMES } from './dns.ts'
import { CERTIFICATES } from './pki.ts'
import { ROOM_CASES } from './rooms.ts'
import { PROOFS } from './sasl.ts'
import { REVOCATION } from './revocation.ts'
import { STANZAS } from './stanzas.ts'
import { STREAMS } from './streams.ts'
import { SUBSCRIPTIONS } from './subscriptions.ts'
import { TLS } from './tls.ts'

export const CASES: readonly TestCase[] = [
  // One of them waits for longer than any other, and is begun first.
  ...REVOCATION,
  ...STREAMS,
  ...TLS,
  ...PROOFS,
  ...CERTIFICATES,
  ...DIALBACK,
  ...NAMES,
  ...LIMITS,
  ...FURTHER,
  ...STANZAS,
  ...SUBSCRIPTIONS,
  ...ROOM_CASES,
  ...AUDIT,
  ...PASSING,
]
