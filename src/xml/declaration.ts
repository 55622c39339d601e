// The XML declaration, `<?xml version='1.0' encoding='UTF-8'?>`, which may stand once at the very start of a stream.
// XML 1.0 §2.8; RFC 6120 §11.4 (declaration), §11.6 (all and only UTF-8).

import { KIND, SPACE } from './bytes.ts'
import { type Fault, FAULTS } from './faults.ts'

const FIELDS = ['version', 'encoding', 'standalone']

/** What is wrong with the declaration whose ASCII bytes, `<?xml` to `?>`, lie between `start` and `end`. */
export function checkDeclaration(bytes: Buffer, start: number, end: number): Fault | undefined {
  const text = bytes.toString('latin1', start + 5, end - 2)
  const fields = pseudoAttributes(text)
  if (fields === undefined) return FAULTS.declaration
  const names = [...fields.keys()]
  // The order is fixed, and only the version must be there.
  const order = names.map((name) => FIELDS.indexOf(name))
  if (order[0] !== 0 || order.some((place, at) => at > 0 && place <= order[at - 1]!)) return FAULTS.declaration
  if (fields.get('version') !== '1.0') return FAULTS.declarationVersion
  const encoding = fields.get('encoding')
  if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') return FAULTS.declaredEncoding
  const standalone = fields.get('standalone')
  return standalone === undefined || standalone === 'yes' || standalone === 'no' ? undefined : FAULTS.declaration
}

function pseudoAttributes(text: string): Map<string, string> | undefined {
  const fields = new Map<string, string>()
  let at = 0
  const skip = (): boolean => {
    const from = at
    while (at < text.length && (KIND[text.charCodeAt(at)]! & SPACE) !== 0) at++
    return at > from
  }
  for (;;) {
    const spaced = skip()
    if (at === text.length) return fields
    const equals = text.indexOf('=', at)
    if (!spaced || equals < 0) return undefined
    const name = text.slice(at, equals).trimEnd()
    at = equals + 1
    skip()
    const quote = text[at]
    const close = quote === "'" || quote === '"' ? text.indexOf(quote, at + 1) : -1
    if (close < 0 || fields.has(name) || !FIELDS.includes(name)) return undefined
    fields.set(name, text.slice(at + 1, close))
    at = close + 1
  }
}
