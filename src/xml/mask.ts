// XML for eyes that are not to see what it says: texts and attribute values give way to the number of their characters.
//
// Rule 1: only bytes the scanner has passed, or our own.
// Rule 2: SECURITY: what is shown is listed, everything else is masked. Names of elements and attributes, and namespaces,
//         are always shown.

import { decodeAttribute, decodeText, normaliseLineEnds } from './references.ts'
import { type RawAttribute, walk } from './walk.ts'

/**
 * `addressing`: no text, and of attributes those of the root that say who, to whom and what kind. `attributes`: all of
 * them, and no text. `all`: everything.
 */
export type Showing = 'addressing' | 'attributes' | 'all'

export interface Masked {
  readonly xml: string
  /** Of the root, decoded. */
  readonly from: string | undefined
  readonly to: string | undefined
}

const ADDRESSING = new Set(['to', 'from', 'type', 'id', 'xml:lang'])

/** The element with nothing in it but what may be shown; otherwise as it was written. */
export function mask(xml: string, showing: Showing): Masked {
  const written: string[] = []
  let depth = 0
  let hidden = 0
  let root: readonly RawAttribute[] = []
  const say = (words: string): void => {
    if (hidden > 0) written.push(`…${hidden}…`)
    hidden = 0
    written.push(words)
  }
  const text = (raw: string, decoded: () => string): void => {
    if (showing === 'all') written.push(raw)
    else hidden += lengthOf(decoded())
  }
  walk(xml, {
    open(name, attributes, empty) {
      const isRoot = depth === 0
      if (isRoot) root = attributes
      const isShown = (attribute: string): boolean =>
        showing !== 'addressing' || isDeclaration(attribute) || (isRoot && ADDRESSING.has(attribute))
      const shown = attributes.map(({ name: attribute, value, quote }) => {
        const seen = isShown(attribute) ? value : `…${lengthOf(decodeAttribute(value))}…`
        return ` ${attribute}=${quote}${seen}${quote}`
      })
      say(`<${name}${shown.join('')}${empty ? '/>' : '>'}`)
      if (!empty) depth += 1
    },
    close(name) {
      depth -= 1
      say(`</${name}>`)
    },
    text: (raw) => text(raw, () => decodeText(raw)),
    cdata: (raw) => text(`<![CDATA[${raw}]]>`, () => normaliseLineEnds(raw)),
  })
  const valueOf = (wanted: string): string | undefined => {
    const raw = root.find(({ name }) => name === wanted)?.value
    return raw === undefined ? undefined : decodeAttribute(raw)
  }
  return { xml: written.join(''), from: valueOf('from'), to: valueOf('to') }
}

const isDeclaration = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:')

/** In characters, not in the units of a string. */
const lengthOf = (text: string): number => {
  let count = 0
  for (const _ of text) count += 1
  return count
}
