// One connection of a probe: to one address, by the dialler that all streams of ours come from, up to a stream that is
// ready. What it saw on the way becomes the attempt's data.

import { dial, type DialFailure } from '../../net/dial.ts'
import type { StreamLimits } from '../../net/limits.ts'
import type { InitiatingDialback } from '../../stream/initiating.ts'
import type { Stream, StreamHandler } from '../../net/stream.ts'
import type { Pair, TlsInfo } from '../../stream/types.ts'
import { chainWords } from '../../trust/chain-words.ts'
import type { Identity } from '../../trust/identity.ts'
import type { Verdict } from '../../trust/verdict.ts'
import type { ProbeAttempt, ProbeCertificate, ProbeTarget } from './report.ts'
import { StreamWatch } from './watch.ts'

export interface AttemptOptions {
  readonly pair: Pair
  readonly target: ProbeTarget
  readonly address: string
  readonly identity: Identity
  verify(chain: readonly Buffer[], staple: Buffer | undefined, tls: TlsInfo): Promise<Verdict>
  /** Present where dialback is proof enough. */
  readonly dialback: InitiatingDialback | undefined
  readonly limits: StreamLimits
  readonly reference: string
  readonly signal: AbortSignal
  handler(stream: Stream): StreamHandler
  bug(error: unknown, reference: string): void
  now(): number
}

export interface AttemptResult {
  readonly attempt: ProbeAttempt
  readonly stream: Stream | undefined
  readonly failure: DialFailure | undefined
}

/** Tries one address. Never rejects. */
export async function attempt(options: AttemptOptions): Promise<AttemptResult> {
  const { pair, target, address, now } = options
  const watch = new StreamWatch(now)
  let certificate: ProbeCertificate | undefined
  const result = await dial(
    {
      ...options,
      leg: 'partner',
      targets: [{ ...target, address }],
      async verify(chain, staple, tls) {
        const verdict = await options.verify(chain, staple, tls)
        certificate = certificateOf(chain, pair.remote, verdict)
        return verdict
      },
      observer: (sight) => watch.see(sight),
    },
    (stream) => options.handler(stream),
  )
  const failure = result.ok ? undefined : result.failure
  const { connectedAt, startedAt, readyAt } = watch
  return {
    stream: result.ok ? result.stream : undefined,
    failure,
    attempt: {
      ...target,
      address,
      from: watch.from,
      at: new Date(startedAt).toISOString(),
      connectMs: connectedAt && connectedAt - startedAt,
      offers: watch.offers,
      secured: watch.secured,
      certificate,
      authentication: watch.authentication,
      dialback: watch.dialback,
      method: result.ok ? result.stream.info.method : undefined,
      readyMs: readyAt && readyAt - startedAt,
      failure: failure && { ...endOf(failure), detail: watch.lost ?? failure.detail },
      followed: false,
    },
  }
}

/** The end of a stream that never became ready, as a probe tells it. */
export function endOf({ reason, detail, by, condition, reference }: Omit<DialFailure, 'attempts'>) {
  return { reason, detail, by, condition, reference }
}

function certificateOf(chain: readonly Buffer[], domain: string, verdict: Verdict): ProbeCertificate {
  const words = chainWords(chain, domain)
  return verdict.proven
    ? { ...words, proven: true, anchor: verdict.anchor, failure: undefined }
    : { ...words, proven: false, anchor: undefined, failure: { reason: verdict.reason, detail: verdict.detail } }
}
