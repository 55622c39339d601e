// Which streams that are up a change of the partner list would end. Said before it is made, so that nobody cuts off a partner
// by a slip.

import { admissionByTerms } from '../policy/admission.ts'
import type { Partner } from '../policy/partner.ts'
import { PartnerList } from '../policy/partners.ts'
import type { StreamStatus } from '../gateway/control.ts'
import type { Context } from './operation.ts'

/** What an entry is about to be; undefined: there will be none. */
export interface ComingEntry {
  readonly domain: string
  readonly partner: Partner | undefined
}

/** Who would be cut off, in words; undefined: nobody. */
export function cutsText(context: Context, coming: readonly ComingEntry[]): string | undefined {
  if (!context.running) return undefined
  const cut = cutsOf(context, coming)
  if (cut.size === 0) return undefined
  const total = [...cut.values()].reduce((sum, number) => sum + number, 0)
  const named = [...cut].slice(0, MOST_NAMED).map(([domain, number]) => `${domain} (${number})`)
  const more = cut.size > MOST_NAMED ? ` and ${cut.size - MOST_NAMED} more` : ''
  const streams = total === 1 ? 'a stream that is up' : `${total} streams that are up`
  return `this would end ${streams}: ${named.join(', ')}${more}`
}

const MOST_NAMED = 20

/** The domains whose streams would end, and how many of each. */
function cutsOf({ control, now }: Context, coming: readonly ComingEntry[]): ReadonlyMap<string, number> {
  const streams = control.status().streams.filter(({ leg }) => leg === 'partner')
  const cut = new Map<string, number>()
  if (streams.length === 0) return cut
  const changed = new Set(coming.map(({ domain }) => domain))
  const before = new PartnerList(control.partners())
  const rest = before.all.filter(({ domain }) => !changed.has(domain))
  const after = new PartnerList([...rest, ...coming.flatMap(({ partner }) => partner ?? [])])
  const circumstances = { mode: 'closed', now: now() } as const
  const stands = (list: PartnerList, stream: StreamStatus, domain: string): boolean =>
    admissionByTerms(list.terms(domain), circumstances) === undefined && isProof(list.find(domain), stream)
  for (const stream of streams) {
    const lost = [stream, ...stream.further].find(
      ({ remote }) => stands(before, stream, remote) && !stands(after, stream, remote),
    )
    if (lost) cut.set(lost.remote, (cut.get(lost.remote) ?? 0) + 1)
  }
  return cut
}

/** Is what the peer has proven itself by enough for the entry? Of anchors only the house knows. */
function isProof(partner: Partner | undefined, { method, certificate }: StreamStatus): boolean {
  if (partner === undefined) return false
  if (method === 'dialback') return partner.authentication === 'dialback-over-tls'
  return partner.pins.length === 0 || (certificate !== undefined && partner.pins.includes(certificate.spki))
}
