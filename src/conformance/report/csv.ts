// The verdicts as a table for spreadsheets. RFC 4180

import type { Requirement } from '../requirement.ts'
import type { Report } from './report.ts'

const COLUMNS = ['id', 'area', 'requirement', 'level', 'governing', 'result', 'because', 'plan', 'cases'] as const

/** A row for each requirement, after a row of names. */
export function csvOf({ verdicts }: Report, requirements: ReadonlyMap<string, Requirement>): string {
  const rows = verdicts.map(({ requirement: id, result, because, plan = '', cases }) => {
    const { area = '', requirement = '', level = '', governing = '' } = requirements.get(id) ?? {}
    return [id, area, requirement, level, governing, result, because, plan, cases.join(' ')]
  })
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

/** A spreadsheet takes what begins like a formula for one, so an apostrophe says that it is text. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}
