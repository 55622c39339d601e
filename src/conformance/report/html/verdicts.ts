// Every requirement with its result, and the results by area.

import { escaped } from '../escape.ts'
import type { Sources } from './sources.ts'
import { linkTo, MARKS, RESULTS, table, worded } from './making.ts'

export function areas({ report, requirements }: Sources): string {
  const byArea = Map.groupBy(report.verdicts, ({ requirement }) => areaName(requirement, requirements))
  const shown = RESULTS.filter(
    (result) => result !== 'Not assessed' || report.totals[result] > 0 || report.system.reached !== undefined,
  )
  const rows = [...byArea].map(([area, own]) => [
    escaped(area),
    ...shown.map((result) => {
      const count = own.filter((verdict) => verdict.result === result).length
      return count === 0 ? '' : String(count)
    }),
  ])
  return table(['Area', ...shown.map((result) => (result === 'Partially met' ? 'In part' : result))], rows, 'numbers')
}

/** Of more than so many it is told how many there are; the table of cases has them all. */
const NAMED = 60

const areaName = (id: string, requirements: Sources['requirements']): string => requirements.get(id)?.area ?? id

export function requirementTable({ report, requirements }: Sources): string {
  const groups = Map.groupBy(report.verdicts, ({ requirement }) => areaName(requirement, requirements))
  const sections = [...groups].map(([area, own]) => {
    const rows = own.map(({ requirement: id, result, because, plan, cases }) => {
      const about = requirements.get(id)
      const planned = plan === undefined ? '' : ` Plan: ${escaped(plan)}`
      const named = cases.length <= NAMED ? cases.map(linkTo).join(', ') : `<a href="#cases">${cases.length} cases</a>`
      const shown = cases.length > 0 ? `<br><small>${named}</small>` : ''
      return [
        `<span id="${id}">${id}</span>`,
        `${worded(about?.requirement ?? '')}<br><small>${escaped(about?.level ?? '')} · ${escaped(about?.governing ?? '')}</small>`,
        `<span class="${MARKS[result]}">${result}</span>`,
        `${escaped(because)}${planned}${shown}`,
      ]
    })
    return `<h3>${escaped(area)}</h3>${table(['Id', 'Requirement', 'Result', 'Because'], rows, 'folds')}`
  })
  return sections.join('')
}
