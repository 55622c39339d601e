// What may be kept of the facts of a decision: names and numbers in bearable amounts, never what people wrote.
//
// Rule 1: this is the second lock. Facts are gathered without contents; should some ever slip in, they stop here.
// Rule 2: one odd record must not spoil the batch it is written with: whatever comes in, plain JSON comes out.

import type { DecisionRecord } from '../store/store.ts'

/** Names under which contents travel in stanzas and in code. */
const WITHHELD = new Set(['body', 'subject', 'html', 'xml', 'raw', 'stanza', 'content', 'text'])
const LONGEST_TEXT = 3071 // A full address. RFC 7622 §3.1
const LONGEST_LIST = 50
const DEEPEST = 6

/** The record as it is kept. */
export function withoutContents(record: DecisionRecord): DecisionRecord {
  const { facts, detail, from, to, id } = record
  return { ...record, detail: cut(detail), from: cut(from), to: cut(to), id: cut(id), facts: plainObject(facts, 0) }
}

const cut = (text: string | undefined): string | undefined =>
  text !== undefined && text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text

function plainObject(value: object, depth: number): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    if (!WITHHELD.has(name)) kept[name] = plainValue(inner, depth + 1)
  }
  return kept
}

function plainValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return cut(value)
    case 'number':
    case 'boolean':
      return value
    case 'object':
      if (value === null || depth > DEEPEST || ArrayBuffer.isView(value)) return undefined
      if (!Array.isArray(value)) return plainObject(value, depth)
      return value.slice(0, LONGEST_LIST).map((item: unknown) => plainValue(item, depth + 1))
    default:
      return undefined
  }
}
