// The same cases as the areas that JITC looks at where it certifies that something is enabled for a public key infrastructure.

import { escaped } from '../escape.ts'
import { linkTo, resultOf, table } from './making.ts'
import type { Sources } from './sources.ts'

interface PkeArea {
  readonly name: string
  /** How the ids of its cases begin. */
  readonly cases: readonly string[]
  /** What there is to say besides, or instead of cases. */
  readonly note?: string
}

export const PKE_AREAS: readonly PkeArea[] = [
  {
    name: 'Retrieving certificates',
    cases: ['PKI-01/below-'],
    note: 'Certificates of CAs come with the chain, from files, and where trust.fetch permits it from where a certificate says that its issuer is.',
  },
  {
    name: 'Import and export of keys and certificates',
    cases: ['PKI-05/', 'PKI-20/'],
    note: 'Of keys nothing is exported: they are files that their owner copies. A certificate is shown, and goes out as a request to a CA; no case exports one with its key.',
  },
  { name: 'Storing trust points', cases: ['PKI-03/'] },
  { name: 'Protocols', cases: ['TLS-09/', 'TLS-16/', 'PKI-16/'] },
  { name: 'Status checking', cases: ['PKI-08/', 'PKI-09/', 'PKI-10/', 'PKI-13/', 'PKI-14/', 'PKI-15/'] },
  {
    name: 'Retrieving from an archive',
    cases: [],
    note: 'Does not apply: nothing is kept that is encrypted for somebody or signed by somebody, and no private key is escrowed.',
  },
  {
    name: 'Development and processing of paths',
    cases: ['PKI-01/', 'PKI-04/', 'PKI-06/', 'PKI-07/', 'PKI-11/', 'PKI-12/', 'PKI-17/'],
  },
  { name: 'Configuration', cases: ['PKI-15/', 'PKI-17/', 'PKI-18/', 'PKI-21/', 'TLS-20/'] },
  {
    name: 'Documentation',
    cases: [],
    note: 'docs/certificates.md and docs/profiles.md of the product: what to get, what is demanded of partners, what is reported and what to do.',
  },
]

/** A row for each area, in their order; how many of its cases came out as expected, and which did not. */
export function pkeTable({ report }: Pick<Sources, 'report'>): string {
  const byCase = Map.groupBy(report.runs, (run) => run.case)
  const rows = PKE_AREAS.map(({ name, cases, note }) => {
    const own = [...byCase].filter(([id]) => cases.some((begin) => id.startsWith(begin)))
    const bad = own.filter(([, runs]) => resultOf(runs) !== 'as expected')
    const count =
      cases.length === 0
        ? 'none'
        : own.length === 0
          ? 'none played here'
          : `${own.length - bad.length} of ${own.length} as expected`
    const which = bad.length === 0 ? '' : `; not: ${bad.map(([id]) => linkTo(id)).join(', ')}`
    const begins =
      own.length === 0
        ? ''
        : `<br><small>${escaped(cases.map((begin) => begin.replace(/[/-]$/, '')).join(', '))}</small>`
    return [escaped(name), `${count}${which}${begins}`, escaped(note ?? '')]
  })
  return `<h3>By the areas of a PK-enabled certification</h3><p>The areas that JITC names for it, with the cases of this report that bear on each.</p>${table(['Area', 'Cases', 'Besides'], rows, 'folds')}`
}
