// Against which spirals of FMN a report under the profile nato is held, and what the rows of each come to.

import { type Asked, FMN_SOURCE, type Part, rowsOf, SPECIFICATIONS, SPIRALS } from '../../baselines.ts'
import { escaped } from '../escape.ts'
import { linkToRow, MARKS, RESULTS, table } from './making.ts'
import type { Sources } from './sources.ts'

const PARTS: Readonly<Record<Part, string>> = {
  edge: 'done by the edge',
  carried: 'carried as it is',
  core: 'asked of the core through the edge',
}

/** Of whom one asks for it. */
const OF: Readonly<Record<Asked, string>> = {
  all: 'yes',
  ...{ rooms: 'of whoever hosts rooms', forms: 'of whoever exchanges forms' },
  ...{ discovery: 'of whoever offers a search for users', pubsub: 'of whoever offers publish-subscribe' },
  labels: 'of whoever labels messages',
}

/** A row of an area that the report is not about. */
const ABSENT = 'not in this report'
const COLUMNS = [...RESULTS, ABSENT] as const
const named = (column: string): string => (column === ABSENT ? 'Not in this report' : column)

export function baselineAnnex({ report }: Sources): string {
  const verdicts = new Map(report.verdicts.map(({ requirement, result }) => [requirement, result]))
  const row = (id: string): string => {
    const result = verdicts.get(id)
    return `<span class="whole">${linkToRow(id)} ${result === undefined ? ABSENT : `<span class="${MARKS[result]}">${result}</span>`}</span>`
  }
  const sums = SPIRALS.map((spiral) => {
    const results = rowsOf(spiral).map((id) => verdicts.get(id))
    const asked = SPECIFICATIONS.filter(({ under }) => under[spiral] !== undefined).length
    const counts = COLUMNS.map((column) => String(results.filter((one) => (one ?? ABSENT) === column).length))
    return [`FMN Spiral ${spiral}${spiral === 5 ? ', as proposed' : ''}`, String(asked), ...counts]
  })
  const rows = SPECIFICATIONS.map(({ name, title, under, part, rows: own }) => [
    `${escaped(name)}<br><small>${escaped(title)}</small>`,
    ...SPIRALS.map((spiral) => {
      const asked = under[spiral]
      return asked === undefined ? '' : OF[asked]
    }),
    PARTS[part],
    own.map(row).join(', '),
  ])
  return `<p>Pinned: ${escaped(FMN_SOURCE)}. What one spiral asks for another may not: stream management, for one, is in Spiral 3 alone, and escaping of addresses in 4 and 5. The same rows are counted under each that asks for them.</p>
${table(['Baseline', 'Specifications', ...COLUMNS.map(named)], sums, 'numbers')}
${table(['Specification', ...SPIRALS.map((spiral) => `Spiral ${spiral}`), 'Here', 'Rows'], rows, 'folds')}`
}
