// The shapes of a probe's report and of what it tells on the way. They mirror `gateway/probe/report.ts`.

import * as z from 'zod'
import { CertificateShape, list, ReasonIdText } from './schemas.ts'

const Tls = z.enum(['starttls', 'direct'])
const Failure = z.object({ reason: ReasonIdText, detail: z.string() })
const End = Failure.extend({
  by: z.enum(['us', 'peer', 'network']),
  condition: z.string().optional(),
  reference: z.string(),
})
const Secured = z.object({ version: z.string(), cipher: z.string(), group: z.string().optional() })
const Target = z.object({ host: z.string(), port: z.number(), tls: Tls })

const Question = z.object({
  name: z.string(),
  type: z.string(),
  ms: z.number(),
  records: list(z.string()),
  failure: Failure.extend({ absent: z.boolean() }).optional(),
})

const Ours = z.object({
  domain: z.string(),
  certificate: CertificateShape.optional(),
  fault: Failure.optional(),
  listeners: list(z.string()),
  entry: z.string().optional(),
  refused: ReasonIdText.optional(),
})

const Dns = z.object({
  routes: z.boolean(),
  questions: list(Question),
  targets: list(Target),
  fallback: z.boolean(),
  failure: Failure.optional(),
  answersElsewhere: z.boolean().optional(),
})

const Host = z.object({
  host: z.string(),
  questions: list(Question),
  addresses: list(z.string()),
  failure: Failure.optional(),
})

const Attempt = Target.extend({
  address: z.string(),
  from: z.string().optional(),
  at: z.string(),
  connectMs: z.number().optional(),
  offers: list(
    z.object({
      when: z.enum(['plain', 'secured', 'authenticated']),
      features: list(z.string()),
      mechanisms: list(z.string()),
    }),
  ),
  secured: Secured.optional(),
  certificate: z
    .object({
      certificates: list(CertificateShape),
      matching: z.string().optional(),
      proven: z.boolean(),
      anchor: z.string().optional(),
      failure: Failure.optional(),
    })
    .optional(),
  authentication: z.enum(['accepted', 'refused']).optional(),
  dialback: z.enum(['asked', 'accepted', 'refused']).optional(),
  method: z.string().optional(),
  readyMs: z.number().optional(),
  failure: End.optional(),
  followed: z.boolean(),
})

const Ping = z.object({
  at: z.string(),
  outcome: z.enum(['answered', 'unanswered', 'untested', 'unsent']),
  way: z.enum(['theirs', 'ours']).optional(),
  ms: z.number().optional(),
  error: z.boolean(),
  ended: Failure.optional(),
})

const Inbound = z.object({
  address: z.string(),
  at: z.string(),
  standing: z.boolean(),
  state: z.enum(['ready', 'failed', 'negotiating']),
  secured: Secured.optional(),
  certificate: CertificateShape.optional(),
  anchor: z.string().optional(),
  method: z.string().optional(),
  failure: End.optional(),
})

const Finding = z.object({
  severity: z.enum(['fault', 'note']),
  reason: ReasonIdText,
  side: z.enum(['ours', 'theirs', 'network']),
  sentence: z.string(),
  act: z.string(),
  request: z.string().optional(),
})

export const ProbeReportShape = z.object({
  domain: z.string(),
  at: z.string(),
  ours: Ours,
  dns: Dns.optional(),
  hosts: list(Host),
  attempts: list(Attempt),
  untried: list(z.string()),
  ping: Ping.optional(),
  inbound: list(Inbound),
  findings: list(Finding),
  letter: z.string().optional(),
})

export const ProbeProgressShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), domain: z.string(), at: z.string(), ours: Ours }),
  z.object({ kind: z.literal('doing'), what: z.string() }),
  z.object({ kind: z.literal('dns'), dns: Dns }),
  z.object({ kind: z.literal('host'), host: Host }),
  z.object({ kind: z.literal('attempt'), attempt: Attempt }),
  z.object({ kind: z.literal('ping'), ping: Ping }),
  z.object({ kind: z.literal('inbound'), inbound: Inbound }),
])

export type ProbeOutput = z.output<typeof ProbeReportShape>
export type ProbeProgressOutput = z.output<typeof ProbeProgressShape>
