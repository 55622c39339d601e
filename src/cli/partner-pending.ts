// Domains that wait to be let in, as a table: for `status` and `partner list`.

import type { PendingOutput, StatusOutput } from '../admin/schemas.ts'
import { tone, type Cell, type Output } from './output.ts'
import { count } from './text.ts'

/** @param all those there are, where these are only some */
export function showPending(output: Output, some: readonly PendingOutput[], all?: StatusOutput['pending']): void {
  if (some.length === 0) return
  output.heading('DOMAINS THAT WAIT: `sallyport partner allow <domain>`, or `sallyport partner block <domain>`')
  output.table(
    ['domain', 'wants', 'asked', 'last', 'name', 'probe'],
    some.map((one) => [
      tone('strong', one.domain),
      wantsText(one),
      count(one.times, 'time'),
      one.lastAt.slice(0, 16).replace('T', ' '),
      one.certificate ? `proven, by ${one.certificate.issuer}` : tone('careful', 'not proven: only ours wrote there'),
      probeCell(one),
    ]),
  )
  const more = (all?.domains.length ?? some.length) - some.length
  if (more > 0) output.line(`  ${more} more in \`sallyport partner list\``)
  if (all !== undefined && all.pushedOut > 0)
    output.line(tone('careful', `  ${all.pushedOut} gave way to others: limits.pendingDomains`))
}

/** Who to whom, and what for. */
function wantsText({ inbound, outbound }: PendingOutput): string {
  const wishes = [inbound, outbound].flatMap((wish) => wish ?? [])
  return wishes.map(({ from, to, kind, reference }) => `${kind}: ${from} to ${to} (${reference})`).join('; ')
}

function probeCell({ certificate, probe }: PendingOutput): Cell {
  if (probe === undefined) return certificate ? 'not yet' : 'none, as nothing is proven'
  if (probe.good) return tone('good', probe.says)
  return tone('bad', `${probe.reason ?? ''} ${probe.says}`.trim())
}
