// The partner list in forms that others read: CSV for spreadsheets, JSON for programs. Both can be imported again.

import { COLUMNS, toCell } from './columns.ts'
import { writeCsv } from './csv.ts'

/** An entry as its file has it: keys and their values, `domain` among them. */
export type Exported = Readonly<Record<string, unknown>>

/** A table with all that can stand in a file, so that a spreadsheet shows what there is to be filled in. RFC 4180 */
export function toCsv(partners: readonly Exported[]): string {
  return writeCsv(
    COLUMNS,
    partners.map((partner) => COLUMNS.map((name) => toCell(partner[name]))),
  )
}

/** One document, the keys in the order of the files. */
export function toJson(partners: readonly Exported[]): string {
  return `${JSON.stringify({ partners: partners.map(inOrder) }, undefined, 2)}\n`
}

function inOrder(partner: Exported): Exported {
  return Object.fromEntries(COLUMNS.flatMap((name) => (partner[name] === undefined ? [] : [[name, partner[name]]])))
}
