// The live test of a partner as an operation. It makes connections and sends one ping, so it is for those who may act; it
// changes nothing, so others need not wait for it.

import * as z from 'zod'
import { ProbeRefused } from '../gateway/probe/probes.ts'
import { parseDomain } from '../xmpp/domain.ts'
import { operation, OperationError } from './operation.ts'
import { ProbeReportShape } from './probe-shapes.ts'

/** Seconds that a probe may take: the control socket waits for no operation longer than a minute. */
export const PROBE_SECONDS = { least: 1, most: 50, usual: 45 } as const

export const probe = operation({
  name: 'probe',
  about: 'Tests a partner live, admitted or not: DNS, every address, TLS, authentication, a ping and the way back.',
  role: 'operate',
  aside: true,
  input: z.strictObject({
    domain: z.string().max(1023),
    from: z.string().max(1023).optional(),
    seconds: z.number().min(PROBE_SECONDS.least).max(PROBE_SECONDS.most).default(PROBE_SECONDS.usual),
  }),
  output: ProbeReportShape,
  async run({ control }, { domain, from, seconds }, tell) {
    const query = { domain: canonical(domain), from: from === undefined ? undefined : canonical(from) }
    try {
      return await control.probe({ ...query, timeoutMs: seconds * 1000 }, tell)
    } catch (error) {
      if (error instanceof ProbeRefused) throw refused(error)
      throw error
    }
  },
})

function canonical(text: string): string {
  const domain = parseDomain(text)
  if (domain !== undefined) return domain
  throw new OperationError('bad-input', `"${text}" is no domain`, 'Write a domain name, such as partner.example.')
}

const ACTS: Readonly<Record<ProbeRefused['kind'], string>> = {
  busy: 'Wait until it has ended, and ask again.',
  ours: 'Name the domain of a partner; `sallyport check --online` tests our own.',
  'not-ours': 'Name one of `domains:` in gateway.yaml.',
}

function refused({ kind, message }: ProbeRefused): OperationError {
  return new OperationError(kind === 'busy' ? 'conflict' : 'bad-input', message, ACTS[kind])
}
