// Pieces that the parts of the page have in common.

import type { ReadCase } from '../../reading.ts'
import type { Result, Run } from '../../verdict.ts'
import { escaped } from '../escape.ts'

export const RESULTS: readonly Result[] = ['Met', 'Partially met', 'Not met', 'N/A', 'Not assessed']
export const MARKS: Readonly<Record<Result, string>> = {
  ...{ Met: 'met', 'Partially met': 'partly' },
  ...{ 'Not met': 'not', 'N/A': 'na' },
  'Not assessed': 'na',
}

/** A table whose first column names the row. Cells are HTML. `kind`: how it folds on a narrow screen. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], kind = 'plain'): string {
  const heads = head.map((name) => `<th scope="col">${name}</th>`).join('')
  const body = rows.map(([first = '', ...rest]) => {
    const cells = rest.map(
      (cell, index) => `<td data-head="${escaped(withoutTags(head[index + 1] ?? ''))}">${cell}</td>`,
    )
    return `<tr><th scope="row">${first}</th>${cells.join('')}</tr>`
  })
  return `<table class="${kind}"><thead><tr>${heads}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

/** A head stands before its cell, on a narrow screen, as text. */
const withoutTags = (html: string): string => html.replace(/<[^>]*>/g, '')

/** Names with their values, which are HTML. */
export const facts = (rows: readonly (readonly [string, string])[]): string =>
  `<dl>${rows.map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`).join('')}</dl>`

/** What the table of requirements says, with its emphasis and its words of the wire. */
export const worded = (text: string): string =>
  escaped(text)
    .replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>')
    .replace(/`(.+?)`/g, '<code>$1</code>')

/** A digest, which breaks where it has to. */
export const digest = (text: string): string => `<code>${escaped(text)}</code>`

/** Of the runs of one case: as expected, or what else they came to. */
export const resultOf = (runs: readonly Run[]): string => {
  const bad = runs.filter(({ outcome }) => outcome.kind !== 'pass')
  return bad.length === 0 ? 'as expected' : escaped([...new Set(bad.map(({ outcome }) => outcome.kind))].join(', '))
}

/** What holds before a case, what is done in it, and what is expected. */
export function stepList({ before, steps }: ReadCase): string {
  const lines = [
    ...before.map((text) => `<li>Before: ${escaped(text)}</li>`),
    ...steps.map(
      ({ kind, text }) => `<li>${kind === 'does' ? '' : '<strong>Expected</strong>: '}${escaped(text)}</li>`,
    ),
  ]
  return `<ol>${lines.join('')}</ol>`
}

export const anchorOf = (id: string): string => `case-${id.replaceAll('/', '-')}`
export const linkTo = (id: string): string => `<a href="#${anchorOf(id)}">${escaped(id)}</a>`
export const linkToRow = (id: string): string => `<a href="#${escaped(id)}">${escaped(id)}</a>`

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
