// Which streams of partners a house would end if it took the place of the one in force. Asked before a change is made, by the
// very questions that are asked when it is: what is up is held against the coming house.

import type { Partner } from '../policy/partner.ts'
import type { Stream } from '../net/stream.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { House } from './house.ts'
import type { KnownKeys } from './keys/known-keys.ts'
import type { Revocations } from './revocations.ts'
import { objectionToChange } from './standing.ts'

/** What an entry is about to be; undefined: there will be none. */
export interface ComingEntry {
  readonly domain: string
  readonly partner: Partner | undefined
}

/** Streams that would end, by the domain at their other end. */
export interface Cut {
  readonly domain: string
  readonly streams: number
}

/** What is up now, and who looks at it. */
export interface Standing {
  readonly house: House
  readonly streams: { all(): Iterable<Stream> }
  readonly keys: Pick<KnownKeys, 'objectionTo'>
  readonly revocations: Pick<Revocations, 'refusal'>
}

/** Of so many streams at once it is asked whether their certificates were revoked. */
const AT_ONCE = 64

/** @param now Unix time in milliseconds */
export async function cutsBy(coming: House, standing: Standing, now: number): Promise<readonly Cut[]> {
  const cut: Stream[] = []
  const waiting: Stream[] = []
  for (const stream of standing.streams.all()) {
    if (stream.info.leg !== 'partner' || !stream.open) continue
    const objection = objectionToChange(coming, stream, standing.house, now)
    if (objection ?? standing.keys.objectionTo(stream, coming)) cut.push(stream)
    else waiting.push(stream)
  }
  while (waiting.length > 0) {
    await Promise.all(
      waiting.splice(-AT_ONCE).map(async (stream) => {
        if (await refusal(coming, stream, standing)) cut.push(stream)
      }),
    )
  }
  return cutsOf(cut)
}

/** These streams, by the domain at their other end. */
export function cutsOf(streams: Iterable<Stream>): readonly Cut[] {
  const cut = new Map<string, number>()
  for (const { info } of streams) cut.set(info.pair.remote, (cut.get(info.pair.remote) ?? 0) + 1)
  return Array.from(cut, ([domain, number]) => ({ domain, streams: number }))
}

/** Of those about whom more has to be known than now, whether it is known: it is found out, as it would be then. */
async function refusal(
  coming: House,
  { info, proven }: Stream,
  { house, revocations }: Standing,
): Promise<ReasonId | undefined> {
  const side = info.role === 'receiving' ? 'client' : 'server'
  for (const { pair, method } of proven) {
    const domain = pair.remote
    if (method !== 'certificate' || coming.revocation(domain) === house.revocation(domain)) continue
    const verdict = coming.verifyPartner(domain, info.chain, side, info.tls)
    if (!verdict.proven) return verdict.reason
    const reason = await revocations.refusal(coming, { domain, chain: info.chain }, verdict.path)
    if (reason) return reason
  }
  return undefined
}
