// The shapes that operations hand out, as schemas: one source for the types of the clients, for the checks of what
// comes over the socket, and for the description of the API. They mirror `gateway/control.ts` and what it is made of.

import * as z from 'zod'
import { ConductShape } from './conduct-shape.ts'
import { LogServerShape } from './log-server-shape.ts'
import { isReasonId, reason as catalogued, type ReasonId } from '../xmpp/reasons.ts'
import { PartnerLimitsShape, PartnerSendingShape, RoomsShape, SendingShape } from './sending-schemas.ts'
import { SessionShape } from './session-shape.ts'

/** A list nobody changes. */
export function list<Item extends z.ZodType>(item: Item): z.ZodReadonly<z.ZodArray<Item>> {
  return z.array(item).readonly()
}

export const ReasonIdText = z.custom<ReasonId>((value) => typeof value === 'string' && isReasonId(value), {
  error: 'an id of the catalogue of reasons',
})

export const Leg = z.enum(['partner', 'core'])
const Count = z.number().nonnegative()

export const FindingShape = z.object({
  severity: z.enum(['error', 'warning']),
  file: z.string(),
  line: z.number().optional(),
  path: z.string(),
  message: z.string(),
})

export const CertificateShape = z.object({
  subject: z.string(),
  issuer: z.string(),
  names: list(z.string()),
  notBefore: z.string(),
  notAfter: z.string(),
  spki: z.string(),
  key: z.string(),
})

/** A key by which a partner is known, or that waits for a decision. */
export const KeyShape = z.object({
  domain: z.string(),
  spki: z.string(),
  state: z.enum(['known', 'open', 'held', 'refused']),
  change: z.enum(['first', 'other-side', 'renewed', 'early', 'other-ca', 'self-signed', 'not-told', 'told']),
  explanation: z.string(),
  certificate: CertificateShape.optional(),
  sides: list(z.enum(['client', 'server'])),
  firstSeen: z.string(),
  lastSeen: z.string(),
  reference: z.string().optional(),
  decided: z.object({ at: z.string(), by: z.string().optional() }).optional(),
})

const WishShape = z.object({
  at: z.string(),
  from: z.string(),
  to: z.string(),
  kind: z.enum(['stream', 'message', 'presence', 'iq']),
  reference: z.string(),
  peerAddress: z.string().optional(),
})

/** A domain in no entry that waits until somebody admits it. */
export const PendingShape = z.object({
  domain: z.string(),
  firstAt: z.string(),
  lastAt: z.string(),
  times: z.number(),
  inbound: WishShape.optional(),
  outbound: WishShape.optional(),
  /** With which it has proven its name; absent: it has not. */
  certificate: CertificateShape.pick({
    subject: true,
    issuer: true,
    names: true,
    notAfter: true,
    spki: true,
  }).optional(),
  probe: z
    .object({
      at: z.string(),
      good: z.boolean(),
      says: z.string(),
      reason: ReasonIdText.optional(),
      act: z.string().optional(),
    })
    .optional(),
})

const RouteShape = z.object({ host: z.string(), port: z.number(), tls: z.enum(['starttls', 'direct']) })

export const PartnerShape = z.object({
  domain: z.string(),
  alsoKnownAs: list(z.string()),
  status: z.enum(['allowed', 'blocked', 'pending', 'suspended']),
  class: z.string(),
  direction: z.enum(['both', 'inbound', 'outbound']),
  authentication: z.enum(['certificate', 'dialback-over-tls']),
  pins: list(z.string()),
  anchors: list(z.string()),
  certificatePolicies: list(z.string()).optional(),
  extendedKeyUsage: z.enum(['either', 'own-side', 'both']).optional(),
  profile: z.enum(['standard', 'nato', 'dod']).optional(),
  revocation: z.enum(['off', 'soft', 'hard']).optional(),
  certificateChange: z.enum(['accept', 'report', 'hold-unusual', 'hold']).optional(),
  reauthenticateMs: z.number().optional(),
  connect: list(RouteShape),
  provider: z.string().optional(),
  decorates: list(z.string()).optional(),
  limits: PartnerLimitsShape,
  policy: z.string(),
  rooms: z.object({ organisations: z.number().optional() }).optional(),
  /** What it is shown of our users, where its entry says so. */
  shown: z
    .object({
      detail: z.enum(['full', 'availability', 'online', 'none']),
      notes: z.boolean().optional(),
      capabilities: z.boolean().optional(),
      idle: z.boolean().optional(),
      vcard: z.boolean().optional(),
      pep: z.boolean().optional(),
    })
    .optional(),
  reason: z.string().optional(),
  owner: z.string().optional(),
  purpose: z.string().optional(),
  contact: z.string().optional(),
  notes: z.string().optional(),
  tags: list(z.string()),
  review: z.string().optional(),
  expires: z.string().optional(),
})

/** The entry that a domain stands under, and the name of it that decided: the domain itself, or a wildcard. */
export const EntryShape = z.object({ domain: z.string(), matched: z.string() })

const Method = z.enum(['certificate', 'dialback', 'secret'])

export const StreamShape = z.object({
  id: z.string(),
  leg: Leg,
  role: z.enum(['receiving', 'initiating']),
  local: z.string(),
  remote: z.string(),
  entry: EntryShape.optional(),
  peerAddress: z.string(),
  bidi: z.boolean(),
  tls: z
    .object({
      start: z.enum(['starttls', 'direct']),
      version: z.string(),
      cipher: z.string(),
      group: z.string().optional(),
    })
    .optional(),
  method: Method,
  certificate: CertificateShape.optional(),
  further: list(z.object({ local: z.string(), remote: z.string(), method: Method })),
  since: z.string(),
  provenUntil: z.string().optional(),
  acks: z.object({ acknowledged: Count, unacknowledged: Count, unacknowledgedBytes: Count }).optional(),
  unreadBytes: Count,
  unsentBytes: Count,
  held: z.boolean(),
  stanzasIn: Count,
  stanzasOut: Count,
  bytesIn: Count,
  bytesOut: Count,
})

export const LinkShape = z.object({
  leg: Leg,
  local: z.string(),
  remote: z.string(),
  state: z.enum(['idle', 'connecting', 'ready']),
  queuedStanzas: Count,
  queuedBytes: Count,
  lastFailure: z.object({ at: z.string(), reason: ReasonIdText, detail: z.string(), reference: z.string() }).optional(),
  nextAttempt: z.string().optional(),
})

export const ServiceShape = z.object({
  state: z.enum(['serving', 'draining', 'drained']),
  since: z.string().optional(),
})

export const StatusShape = z.object({
  version: z.string(),
  node: z.string(),
  pid: z.number(),
  since: z.string(),
  evaluation: z.boolean(),
  directory: z.string(),
  service: ServiceShape,
  listeners: list(z.object({ name: z.string(), address: z.string(), tls: z.string(), connections: Count.optional() })),
  domains: list(z.object({ domain: z.string(), certificate: CertificateShape.optional() })),
  core: z.object({
    protocol: z.string(),
    address: z.string(),
    components: z.object({ wanted: Count, up: Count }).optional(),
  }),
  partners: Count,
  streams: list(StreamShape),
  links: list(LinkShape),
  queues: z.object({
    stanzas: Count,
    bytes: Count,
    partners: list(z.object({ partner: z.string(), stanzas: Count, bytes: Count })),
  }),
  underWay: z.object({ bytes: Count, partners: list(z.object({ partner: z.string(), bytes: Count })) }),
  sending: SendingShape,
  rooms: RoomsShape,
  partner: PartnerSendingShape.optional(),
  partnerKeys: z.object({ kept: Count, open: list(KeyShape) }),
  pending: z.object({ domains: list(PendingShape), pushedOut: Count }),
  conducts: list(ConductShape),
  mintedCertificates: Count,
  cryptography: z.object({
    profile: z.enum(['standard', 'nato', 'dod']),
    fips: z.object({ on: z.boolean(), detail: z.string() }),
    deviations: list(z.string()),
  }),
  dialback: z.object({ offered: z.boolean(), underWay: Count }),
  needsRestart: list(z.string()),
  findings: list(FindingShape),
  records: z.object({ written: Count, waiting: Count, skipped: Count, lost: Count }),
  relations: z.object({ known: Count, waiting: Count, unsaved: Count, unused: Count, displaced: Count }),
  ledgers: z.object({
    questions: Count,
    questionsUntracked: Count,
    presences: Count,
    presencesDue: Count,
    presencesUntracked: Count,
    occupants: Count,
    peersDoubted: Count,
    peersLost: Count,
  }),
  groups: list(
    z.object({
      name: z.string(),
      directory: z.string(),
      members: Count.optional(),
      readAt: z.string().optional(),
      reason: ReasonIdText.optional(),
      detail: z.string().optional(),
      since: z.string().optional(),
    }),
  ),
  logServers: list(LogServerShape),
  remote: z
    .object({
      open: Count,
      loggedIn: Count,
      waiting: Count,
      resumable: Count,
      gate: z.object({
        locks: Count,
        counted: Count,
        knownUsers: Count,
        blurred: z.boolean(),
        answersWaiting: Count,
        answersCut: Count,
      }),
      sessions: list(SessionShape),
    })
    .optional(),
  limits: z.record(z.string(), z.number()).readonly(),
  totals: z.object({ passed: Count, refused: Count, closed: Count }),
})

export const ReloadShape = z.object({
  applied: z.boolean(),
  findings: list(FindingShape),
  needsRestart: list(z.string()),
})

/** One decision as it was recorded. */
export const RecordShape = z.object({
  reference: z.string().optional(),
  /** The reference of the failure that led to this one. */
  cause: z.string().optional(),
  at: z.number(),
  event: z.enum(['stanza', 'stream', 'certificate', 'conduct']),
  direction: z.enum(['inbound', 'outbound']).optional(),
  verdict: z.enum(['pass', 'refuse', 'drop', 'close', 'fail']),
  rule: z.string().optional(),
  reason: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  kind: z.string().optional(),
  type: z.string().optional(),
  id: z.string().optional(),
  partner: z.string().optional(),
  pair: z.object({ local: z.string(), remote: z.string() }).optional(),
  peerAddress: z.string().optional(),
  detail: z.string().optional(),
  facts: z.custom<object>((value) => typeof value === 'object' && value !== null),
})

/** An entry of the catalogue of reasons, as far as administrators need it. */
export const ReasonShape = z.object({
  id: z.string(),
  name: z.string(),
  means: z.string(),
  side: z.enum(['ours', 'theirs', 'core', 'network']),
  act: z.string(),
})

export type StatusOutput = z.output<typeof StatusShape>
export type PartnerOutput = z.output<typeof PartnerShape>
export type PendingOutput = z.output<typeof PendingShape>
export type KeyOutput = z.output<typeof KeyShape>
export type FindingOutput = z.output<typeof FindingShape>
export type RecordOutput = z.output<typeof RecordShape>
export type ReasonOutput = z.output<typeof ReasonShape>

/** The catalogue's entry of an id, as it reads for the leg; undefined for an id that this version does not know. */
export function reasonOf(id: string | undefined, leg?: 'partner' | 'core'): ReasonOutput | undefined {
  if (id === undefined || !isReasonId(id)) return undefined
  const { name, means, side, act, atCore } = catalogued(id)
  return leg === 'core' && atCore !== undefined
    ? { id, name, means, side: 'core', act: atCore }
    : { id, name, means, side, act }
}
