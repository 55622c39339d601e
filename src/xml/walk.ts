// Goes over the bytes of a frame tag by tag, for whoever needs more than the facts: a tree, or the same in another scope.
//
// Rule 1: only for bytes the scanner has passed; nothing is checked again.
// Rule 2: iterative, linear, and raw: values and text come as written, references unresolved.

/** An attribute as written. */
export interface RawAttribute {
  readonly name: string
  readonly value: string
  readonly quote: string
}

export interface Visitor {
  /** A start tag; an empty-element tag is `open` with `empty`, without a `close`. */
  open(name: string, attributes: readonly RawAttribute[], empty: boolean): void
  close(name: string): void
  text(raw: string): void
  /** The inside of a CDATA section. */
  cdata(raw: string): void
}

const CDATA = '<![CDATA['

/** Shows the visitor every tag and text of well-formed XML without comments, declarations and processing instructions. */
export function walk(xml: string, visitor: Visitor): void {
  let at = 0
  while (at < xml.length) {
    const less = xml.indexOf('<', at)
    const tag = less < 0 ? xml.length : less
    if (tag > at) visitor.text(xml.slice(at, tag))
    if (less < 0) return
    if (xml.startsWith(CDATA, tag)) {
      const end = xml.indexOf(']]>', tag)
      visitor.cdata(xml.slice(tag + CDATA.length, end))
      at = end + 3
    } else if (xml[tag + 1] === '/') {
      at = xml.indexOf('>', tag) + 1
      visitor.close(xml.slice(tag + 2, at - 1).trimEnd())
    } else {
      at = startTag(xml, tag + 1, visitor)
    }
  }
}

function startTag(xml: string, from: number, visitor: Visitor): number {
  let at = nameEnd(xml, from)
  const name = xml.slice(from, at)
  const attributes: RawAttribute[] = []
  for (;;) {
    at = skipSpace(xml, at)
    if (xml[at] === '>' || xml[at] === '/') break
    const end = nameEnd(xml, at)
    const open = skipSpace(xml, xml.indexOf('=', end) + 1)
    const quote = xml[open]!
    const close = xml.indexOf(quote, open + 1)
    attributes.push({ name: xml.slice(at, end), value: xml.slice(open + 1, close), quote })
    at = close + 1
  }
  const empty = xml[at] === '/'
  visitor.open(name, attributes, empty)
  return empty ? at + 2 : at + 1
}

function nameEnd(xml: string, from: number): number {
  let at = from
  while (!isSpace(xml.charCodeAt(at)) && xml[at] !== '=' && xml[at] !== '>' && xml[at] !== '/') at++
  return at
}

function skipSpace(xml: string, from: number): number {
  let at = from
  while (isSpace(xml.charCodeAt(at))) at++
  return at
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}
