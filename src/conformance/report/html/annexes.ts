// The annexes: what was agreed on in handshakes, which certificates prove what, both versions of IP side by side, and the
// limits in force.

import { areaOf } from '../../requirement.ts'
import type { Run } from '../../verdict.ts'
import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import { linkTo, resultOf, table } from './making.ts'
import { pkeTable } from './pke.ts'

export function tlsAnnex({ report }: Sources): string {
  const all = report.runs.flatMap((run) => (run.tls ?? []).map((agreed) => ({ agreed, run })))
  if (all.length === 0) return '<p>No handshake was completed.</p>'
  const ways = Map.groupBy(all, ({ agreed: { gateway, version, suite, group = 'not told' } }) =>
    [version, suite, group, gateway].join('\0'),
  )
  const rows = [...ways]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([way, own]) => [...way.split('\0').map(escaped), String(own.length), casesOf(own.map(({ run }) => run))])
  return `<p>Every handshake between the gateway and its peers that was completed in this run, by what it came to; what each case agreed on stands with the cases. The group is known where the peer is the client, whom OpenSSL tells it. What must not be agreed on is tried by cases of the areas TLS and SAS.</p>${table(['Version', 'Suite', 'Group', 'The gateway is', 'Handshakes', 'In'], rows, 'folds')}`
}

/** All of them, or how many where they are many. */
function casesOf(runs: readonly Run[]): string {
  const ids = [...new Set(runs.map((run) => run.case))]
  return ids.length <= 12 ? ids.map(linkTo).join(', ') : `${ids.length} cases`
}

export function pkiAnnex({ report, cases }: Sources): string {
  const groups = Map.groupBy(report.runs, (run) => run.case)
  const rows = [...groups].flatMap(([id, runs]) => {
    const { certificate, title = '', role, entry } = cases.get(id) ?? {}
    const isAbout = (certificate !== undefined && certificate !== 'none') || id.startsWith('PKI-')
    if (!isAbout) return []
    const terms = entry === undefined ? '' : `<br><small>${escaped(JSON.stringify(entry))}</small>`
    return [
      [
        linkTo(id),
        `${escaped(certificate ?? 'good')}${terms}`,
        escaped(title),
        role === 'receiving' ? 'server' : 'client',
        resultOf(runs),
      ],
    ]
  })
  if (rows.length === 0) return '<p>No case of this report is about certificates.</p>'
  return `<p>What peers have shown, and what came of it. The certificates themselves lie with the evidence.</p>${table(['Case', 'Certificate', 'What is shown', 'The gateway is', 'Outcome'], rows, 'folds')}${pkeTable({ report })}`
}

export function ipAnnex({ report }: Sources): string {
  const areas = Map.groupBy(report.runs, ({ case: id }) => areaOf({ id }))
  const of = (runs: readonly Run[], ip: 4 | 6): string => {
    const own = runs.filter((run) => run.ip === ip)
    return `${own.filter(({ outcome }) => outcome.kind === 'pass').length} of ${own.length}`
  }
  const rows = [...areas].map(([area, runs]) => [area, of(runs, 4), of(runs, 6), apart(runs)])
  const spoken = report.runs.some(({ ip }) => ip === 6)
    ? `Every case that is spoken on a wire is played over both, with listeners and peers on addresses of both${exceptions(report.runs)}.`
    : '<strong>The machine of this run has no IPv6: nothing was played over it.</strong>'
  return `<p>${spoken} The core behind the gateway was on ${coreOf(report)}.</p>${table(['Area', 'IPv4, as expected', 'IPv6, as expected', 'Cases that differ'], rows)}`
}

/** Cases that need what one version alone has. */
function exceptions(runs: readonly Run[]): string {
  const spoken = Map.groupBy(runs, ({ case: id, ip }) => (ip === undefined ? undefined : id))
  const once = [...spoken].flatMap(([id, own]) =>
    id !== undefined && new Set(own.map(({ ip }) => ip)).size === 1 ? [`${linkTo(id)} (IPv${own[0]!.ip} alone)`] : [],
  )
  return once.length === 0 ? '' : `, but for ${once.join(', ')}`
}

/** Over what the gateway and its core spoke. */
const coreOf = ({ interfaces }: Sources['report']): string =>
  interfaces.some(({ name, address }) => name === 'Core' && address.startsWith('[')) ? 'IPv6' : 'IPv4'

function apart(runs: readonly Run[]): string {
  const kinds = Map.groupBy(runs, (run) => run.case)
  const differ = [...kinds].filter(([, own]) => new Set(own.map(({ outcome }) => outcome.kind)).size > 1)
  return differ.length === 0 ? 'none' : differ.map(([id]) => linkTo(id)).join(', ')
}

export function limitsAnnex({ report }: Sources): string {
  if (report.limits.length === 0) return '<p>None were told.</p>'
  const rows = report.limits.map(({ name, value, about }) => [
    `<code>${escaped(name)}</code>`,
    escaped(value),
    escaped(about),
  ])
  return `<p>In force in this run; all of them can be set.</p>${table(['Limit', 'Value', 'What it is'], rows, 'folds')}`
}
