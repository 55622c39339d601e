// What a stream must come to: saxes, a strict parser by others, and the list of what XMPP forbids (`restrictions.ts`), in
// the terms of our scanner.
//
// Rule 1: saxes gets one token at a time, so whatever it complains about is known to be wrong with that token.
// Rule 2: all that is wrong with the first token that is wrong counts: which of it is found first is the scanner's business.

import { isUtf8 } from 'node:buffer'
import { SaxesParser, type SaxesTagNS } from 'saxes'
import type { ScanLimits } from '../../src/xml/limits.ts'
import { NS } from '../../src/xmpp/namespaces.ts'
import { type Finding, judgeDeclaration, judgeName, judgeReferences, RESTRICTIONS } from './restrictions.ts'
import { type Token, tokenise } from './tokens.ts'

/** An element with its namespaces resolved. */
export interface Resolved {
  readonly namespace: string
  readonly name: string
  /** `{namespace}name=value`, declarations left out, sorted. */
  readonly attributes: readonly string[]
  /** Elements and text, adjoining texts as one. */
  readonly children: readonly (Resolved | string)[]
}

export interface Root {
  readonly attributes: readonly string[]
  /** Prefix → namespace, the default under ''. */
  readonly declared: ReadonlyMap<string, string>
}

export interface Opinion {
  readonly tokens: readonly Token[]
  readonly root: Root | undefined
  /** The complete children of the root, before anything wrong. */
  readonly elements: readonly Resolved[]
  /** Which token closes the root. */
  readonly closed: number | undefined
  /** The first token that is wrong, one beyond the last where its first byte is, and all that is wrong with it. */
  readonly wrong: { readonly token: number; readonly findings: readonly Finding[] } | undefined
  /** The last bytes begin a character that does not end. */
  readonly cut: boolean
  /** From this token on saxes understands namespaces differently: it cuts white space off their ends. */
  readonly trimmedFrom: number | undefined
  /** Elements begun, for the budget. */
  readonly counted: number
}

export interface Before {
  /** A stream was here before: white space may come before the declaration. */
  readonly restarted?: boolean
  readonly bytes?: number
  readonly elements?: number
}

/** What to think of a stream. */
export function opinion(bytes: Buffer, limits: ScanLimits, before: Before = {}): Opinion {
  const { text, broken, cut } = decode(bytes)
  const tokens = tokenise(text, before.restarted === true)
  const reader = new Reader(limits, before)
  let wrong: Opinion['wrong']
  const crossing = limits.totalBytes - (before.bytes ?? 0)
  for (const [at, token] of tokens.entries()) {
    if (reader.closedBy !== undefined) break
    reader.read(token, at)
    if (token.end > crossing) reader.findings.push(RESTRICTIONS.totalBytes)
    if (broken !== undefined && at === tokens.length - 1 && !token.whole) {
      // What a whole character in its place would come to may be found out at its first byte.
      reader.findings.push(RESTRICTIONS.encoding)
      for (const character of broken.slice(0, 1)) reader.read({ ...token, text: character }, at)
    }
    if (reader.findings.length > 0) {
      wrong = { token: at, findings: [...reader.findings, ...alsoFound(token, limits)] }
      break
    }
  }
  if (wrong === undefined && reader.closedBy === undefined) {
    const findings: Finding[] = []
    if (bytes.length > crossing) findings.push(RESTRICTIONS.totalBytes)
    if (broken !== undefined) {
      findings.push(RESTRICTIONS.encoding, ...(broken.length > 0 ? reader.outsideText() : []))
    }
    if (findings.length > 0) wrong = { token: tokens.length, findings }
  }
  const { root, closedBy, trimmedFrom } = reader
  // What a token completes that is itself wrong is not complete.
  const isBefore = (token: number): boolean => wrong === undefined || token < wrong.token
  return {
    tokens,
    root,
    elements: reader.elements.filter(({ token }) => isBefore(token)).map(({ element }) => element),
    closed: closedBy !== undefined && isBefore(closedBy) ? closedBy : undefined,
    wrong,
    cut,
    trimmedFrom,
    counted: reader.total,
  }
}

/** What may be found in a token that is wrong in another way, before that: nobody tells how far saxes came. */
function alsoFound({ kind, text }: Token, limits: ScanLimits): readonly Finding[] {
  const found: Finding[] = []
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(text)) found.push(RESTRICTIONS.character)
  if (kind !== 'tag') return found
  const names = text.split(/[^\w.\-:\u{80}-\u{10ffff}]/u)
  if (names.some((name) => Buffer.byteLength(name) > limits.nameBytes)) found.push(RESTRICTIONS.nameBytes)
  const attributes = Math.max(text.split('=').length, text.split(/[\t\r\n ]+(?=[^\t\r\n =/>])/).length) - 1
  if (attributes > limits.attributes) found.push(RESTRICTIONS.attributes)
  if (text.includes('xmlns')) found.push(RESTRICTIONS.namespaces)
  return found
}

/** The token that the byte at `offset` belongs to. */
export function tokenOf(tokens: readonly Token[], offset: number): number {
  const at = tokens.findIndex(({ end }) => offset < end)
  if (at >= 0) return at
  const last = tokens.at(-1)
  return last !== undefined && !last.whole ? tokens.length - 1 : tokens.length
}

interface Decoded {
  readonly text: string
  /** The text ends where bytes are not UTF-8; these characters begin as they do. */
  readonly broken: readonly string[] | undefined
  /** The text ends within a character. */
  readonly cut: boolean
}

function decode(bytes: Buffer): Decoded {
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), broken: undefined, cut: false }
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let text = ''
  let whole = 0
  for (let at = 0; at < bytes.length; at++) {
    let more
    try {
      more = decoder.decode(bytes.subarray(at, at + 1), { stream: true })
    } catch {
      return { text, broken: charactersLike(bytes.subarray(whole, at)), cut: false }
    }
    if (more !== '') whole = at + 1
    text += more
  }
  return { text, broken: undefined, cut: true }
}

/** Characters that begin with these bytes, and what more they take; none where no character does. */
export function charactersLike(begun: Buffer): readonly string[] {
  const [lead = 0] = begun
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  return [0x80, 0x90, 0xa0, 0xa9, 0xbf]
    .map((next) => Buffer.from([...begun, next, 0x8d, 0x8d, 0x8d].slice(0, length)))
    .filter((character) => begun.length > 0 && begun.length < length && isUtf8(character))
    .map((character) => character.toString())
}

interface Open {
  readonly tag: SaxesTagNS
  readonly children: (Resolved | string)[]
  readonly declarations: number
}

const XMLNS = 'http://www.w3.org/2000/xmlns/'
const WHITE = /^[\t\r\n ]*$/

class Reader {
  findings: Finding[] = []
  root: Root | undefined
  readonly elements: { readonly element: Resolved; readonly token: number }[] = []
  closedBy: number | undefined
  /** Elements begun. */
  total: number
  trimmedFrom: number | undefined

  readonly #limits: ScanLimits
  readonly #parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' })
  readonly #open: Open[] = []
  #token = 0
  #started = false
  /** Where what a limit on bytes holds for begins. */
  #start = 0
  #inStanza = 0
  #attributes = 0

  constructor(limits: ScanLimits, before: Before) {
    this.#limits = limits
    this.total = before.elements ?? 0
    const parser = this.#parser
    parser.on('error', ({ message }) => this.#complain(message))
    parser.on('opentagstart', ({ name }) => {
      this.#attributes = 0
      this.findings.push(...judgeName(name, limits))
    })
    parser.on('attribute', (attribute) => this.#attribute(attribute.name, attribute.value))
    parser.on('opentag', (tag) => this.#opened(tag))
    parser.on('closetag', () => this.#closed())
    parser.on('text', (text) => this.#text(text))
    parser.on('cdata', (text) => this.#text(text))
  }

  read(token: Token, at: number): void {
    this.#token = at
    const { kind, text } = token
    const inside = this.#open.length
    if (kind === 'text') this.#judgeText(text, token.whole)
    else {
      if (inside <= 1) this.#start = token.start
      this.#judgeMarkup(token)
    }
    if (!FORBIDDEN.has(kind) && kind !== 'declaration') {
      this.#started = true
      this.#parser.write(text)
    } else if (kind === 'declaration' && !this.#started) {
      // saxes wants it at the very start.
      this.#parser.write(text)
    }
    this.#judgeBytes(token, inside)
  }

  /** What is wrong with a character that stands where no tag is open. */
  outsideText(): readonly Finding[] {
    this.findings = []
    this.#judgeText('é', false)
    return this.findings
  }

  #judgeText(text: string, whole: boolean): void {
    const depth = this.#open.length
    if (depth < 2 && !WHITE.test(text)) this.findings.push(depth === 0 ? RESTRICTIONS.outside : RESTRICTIONS.between)
    if (depth === 0 && !this.#started && text.startsWith('\ufeff')) this.findings.push(RESTRICTIONS.byteOrderMark)
    if (text.includes('&')) this.findings.push(...judgeReferences(text, whole))
  }

  #judgeMarkup({ kind, text, whole }: Token): void {
    const { findings } = this
    const depth = this.#open.length
    if (kind === 'comment') findings.push(RESTRICTIONS.comment)
    if (kind === 'dtd') findings.push(RESTRICTIONS.dtd)
    if (kind === 'instruction') findings.push(RESTRICTIONS.instruction)
    if (kind === 'markup' && text !== '<!' && !'<!-'.startsWith(text) && !'<![CDATA['.startsWith(text))
      findings.push(RESTRICTIONS.markup)
    if (kind === 'declaration' && whole) findings.push(...judgeDeclaration(text))
    if (kind === 'section' && depth === 0) findings.push(RESTRICTIONS.outside)
    if (kind === 'section' && depth === 1) findings.push(RESTRICTIONS.between)
    if (kind === 'tag' && text.includes('&')) findings.push(...judgeReferences(text, whole))
  }

  /** Whether what began at `#start` goes on beyond its limit within this token. `inside`: what was open before it. */
  #judgeBytes(token: Token, inside: number): void {
    const depth = this.#open.length
    const isOpen = inside > 1 || (token.kind !== 'text' && inside <= 1)
    if (!isOpen) return
    const allowed = inside === 0 ? this.#limits.headerBytes : this.#limits.stanzaBytes
    const last = this.#start + allowed
    const ends = token.whole && (inside === 0 || depth <= 1)
    if (token.end > last || (token.end === last && !ends)) {
      this.findings.push(inside === 0 ? RESTRICTIONS.headerBytes : RESTRICTIONS.stanzaBytes)
    }
  }

  #attribute(name: string, value: string): void {
    const { findings } = this
    findings.push(...judgeName(name, this.#limits))
    if (++this.#attributes > this.#limits.attributes) findings.push(RESTRICTIONS.attributes)
    if ((name === 'xmlns' || name.startsWith('xmlns:')) && value.trim() !== value) this.trimmedFrom ??= this.#token
  }

  #opened(tag: SaxesTagNS): void {
    const { findings } = this
    const limits = this.#limits
    const level = this.#open.length
    const declarations = Object.keys(tag.attributes).filter(isDeclaration).length
    const inScope = this.#open.reduce((sum, open) => sum + open.declarations, declarations)
    if (inScope > limits.namespaces) findings.push(RESTRICTIONS.namespaces)
    if (++this.total > limits.totalElements) findings.push(RESTRICTIONS.totalElements)
    if (level > limits.depth) findings.push(RESTRICTIONS.depth)
    if (level === 1) this.#inStanza = 0
    if (level > 0 && ++this.#inStanza > limits.elements) findings.push(RESTRICTIONS.elements)
    if (level === 0) {
      if (tag.local !== 'stream') findings.push(RESTRICTIONS.root)
      if (tag.uri !== NS.streams) findings.push(RESTRICTIONS.rootNamespace)
      const declared = new Map(Object.entries(tag.ns))
      declared.delete('xml')
      this.root ??= { attributes: attributesOf(tag), declared }
    } else if (level === 1 && tag.local === 'stream' && tag.uri === NS.streams) findings.push(RESTRICTIONS.nested)
    this.#open.push({ tag, children: [], declarations })
  }

  #closed(): void {
    const { tag, children } = this.#open.pop()!
    const closed = { namespace: tag.uri, name: tag.local, attributes: attributesOf(tag), children }
    if (this.#open.length > 1) this.#open.at(-1)!.children.push(closed)
    else if (this.#open.length === 0) this.closedBy ??= this.#token
    else this.elements.push({ element: closed, token: this.#token })
  }

  #text(more: string): void {
    const children = this.#open.at(-1)?.children
    if (children === undefined || more === '') return
    const last = children.length - 1
    if (typeof children[last] === 'string') children[last] += more
    else children.push(more)
  }

  #complain(message: string): void {
    if (/unbound namespace prefix|may not have "xmlns" as prefix/.test(message)) this.findings.push(RESTRICTIONS.prefix)
    else if (/undefined entity/.test(message)) this.findings.push(RESTRICTIONS.entity)
    else this.findings.push({ what: message.replace(/^\d+:\d+: /, ''), condition: 'not-well-formed' })
  }
}

const FORBIDDEN: ReadonlySet<string> = new Set(['comment', 'dtd', 'instruction', 'markup'])

const isDeclaration = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:')

function attributesOf(tag: SaxesTagNS): readonly string[] {
  return Object.values(tag.attributes)
    .filter(({ uri, name }) => uri !== XMLNS && name !== 'xmlns')
    .map(({ uri, local, value }) => `{${uri}}${local}=${value}`)
    .toSorted()
}
