// Watching a peer live, as operations. What stanzas say is for those who may act for the gateway, so that has an operation
// of its own; who sees it, and since when, stands in the log.

import { isIP, SocketAddress } from 'node:net'
import * as z from 'zod'
import type { TraceQuery, TraceSubject } from '../gateway/trace/report.ts'
import { TraceRefused } from '../gateway/trace/tracing.ts'
import { parseDomain } from '../xmpp/domain.ts'
import { operation, OperationError, type Context, type Tell } from './operation.ts'
import { ReasonIdText } from './schemas.ts'

export const TRACE_SECONDS = { least: 1, most: 3600, usual: 300 } as const
/** Beyond its own time, for the beginning and the end. */
const MARGIN_MS = 60_000

const Input = z.strictObject({
  /** A domain, or an IP address. */
  subject: z.string().max(1023),
  seconds: z.number().min(TRACE_SECONDS.least).max(TRACE_SECONDS.most).default(TRACE_SECONDS.usual),
  /** Who asks, for the log: their own word. */
  by: z.string().max(64).optional(),
})

const Outcome = z.object({ lines: z.number(), leftOut: z.number(), ended: z.enum(['time', 'caller', 'stopped']) })

const Line = z.object({
  kind: z.literal('line'),
  at: z.string(),
  connection: z.string().optional(),
  peer: z.string().optional(),
  what: z.enum(['dns', 'connection', 'tls', 'stream', 'stanza', 'dialback', 'refusal', 'link', 'presence']),
  way: z.enum(['in', 'out']).optional(),
  text: z.string(),
  mood: z.enum(['good', 'bad']).optional(),
  reason: ReasonIdText.optional(),
  reference: z.string().optional(),
})

export const TraceProgressShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('begun'), at: z.string(), about: z.array(z.string()), bodies: z.boolean() }),
  Line,
  z.object({ kind: z.literal('left-out'), lines: z.number() }),
])

export type TraceProgressOutput = z.output<typeof TraceProgressShape>

export const trace = operation({
  name: 'trace',
  about: 'Shows live what passes between us and a partner or an address; contents are masked.',
  role: 'read',
  longestMs: TRACE_SECONDS.most * 1000 + MARGIN_MS,
  input: Input,
  output: Outcome,
  run: (context, input, tell, signal) => run(context, { ...input, bodies: false }, tell, signal),
})

export const traceBodies = operation({
  name: 'trace.bodies',
  about: 'The same with what stanzas say; that it was asked for stands in the log.',
  role: 'operate',
  aside: true,
  longestMs: TRACE_SECONDS.most * 1000 + MARGIN_MS,
  input: Input,
  output: Outcome,
  run: (context, input, tell, signal) => run(context, { ...input, bodies: true }, tell, signal),
})

async function run(
  { control }: Context,
  { subject, seconds, by, bodies }: z.output<typeof Input> & Pick<TraceQuery, 'bodies'>,
  tell: Tell,
  signal: AbortSignal,
): Promise<z.input<typeof Outcome>> {
  try {
    return await control.trace({ subject: subjectOf(subject), bodies, forMs: seconds * 1000, by }, tell, signal)
  } catch (error) {
    if (error instanceof TraceRefused) throw refused(error)
    throw error
  }
}

function subjectOf(text: string): TraceSubject {
  const bare = text.replace(/^\[(.*)\]$/, '$1')
  if (isIP(bare) === 4) return { kind: 'address', address: bare }
  if (isIP(bare) === 6)
    return { kind: 'address', address: new SocketAddress({ address: bare, family: 'ipv6' }).address }
  const domain = parseDomain(text)
  if (domain !== undefined) return { kind: 'domain', domain }
  throw new OperationError(
    'bad-input',
    `"${text}" is neither a domain nor an IP address`,
    'Write a domain name, such as partner.example, or the address of their server.',
  )
}

const ACTS: Readonly<Record<TraceRefused['kind'], string>> = {
  busy: 'Wait until one has ended, or end one, and ask again.',
  ours: 'Name the domain of a partner, or the address of the core.',
}

const refused = ({ kind, message }: TraceRefused): OperationError =>
  new OperationError(kind === 'busy' ? 'conflict' : 'bad-input', message, ACTS[kind])
