// All deliberately wrong gateways, of all areas.

import { AUDIT_MUTATIONS } from './mutations-audit.ts'
import { CERTIFICATE_MUTATIONS } from './mutations-certificates.ts'
import { DNS_MUTATIONS } from './mutations-dns.ts'
import { GATEWAY_MUTATIONS } from './mutations-gateway.ts'
import { LIMIT_MUTATIONS } from './mutations-limits.ts'
import { PASSING_MUTATIONS } from './mutations-passing.ts'
import { PEOPLE_MUTATIONS } from './mutations-people.ts'
import { PROOF_MUTATIONS } from './mutations-proof.ts'
import { RECORD_MUTATIONS } from './mutations-records.ts'
import { REVOCATION_MUTATIONS } from './mutations-revocation.ts'
import { ROOM_MUTATIONS } from './mutations-rooms.ts'
import { STANZA_MUTATIONS } from './mutations-stanzas.ts'
import { STREAM_MUTATIONS } from './mutations-streams.ts'
import { TLS_MUTATIONS } from './mutations-tls.ts'
import type { Mutation } from './mutation.ts'

export const MUTATIONS: readonly Mutation[] = [
  ...CERTIFICATE_MUTATIONS,
  ...REVOCATION_MUTATIONS,
  ...STREAM_MUTATIONS,
  ...DNS_MUTATIONS,
  ...TLS_MUTATIONS,
  ...PROOF_MUTATIONS,
  ...STANZA_MUTATIONS,
  ...PASSING_MUTATIONS,
  ...PEOPLE_MUTATIONS,
  ...ROOM_MUTATIONS,
  ...GATEWAY_MUTATIONS,
  ...LIMIT_MUTATIONS,
  ...AUDIT_MUTATIONS,
  ...RECORD_MUTATIONS,
]
