// The elements that are open, and the facts of the first-level element among them: its name, the attributes every
// stanza is judged by, and what it carries.
//
// Rule 1: told of tags by the lexer in document order; every limit on elements is checked here.
// Rule 2: depth 0 is outside the stream, 1 between its first-level elements, 2 inside one.
// Rule 3: no string is made for what nobody judges by.

import { NS } from '../xmpp/namespaces.ts'
import { type Fault, FAULTS } from './faults.ts'
import type { Payload, Scope } from './frame.ts'
import { intern } from './intern.ts'
import type { ScanLimits } from './limits.ts'
import { Namespaces } from './namespaces.ts'
import { payloadOf } from './payload.ts'
import { decodeAttribute } from './references.ts'
import { Tag } from './tag.ts'

/** Start and length of an open element's name, and how many namespaces were declared outside it. */
const STRIDE = 3

// What an attribute is to us.
const OTHER = 0
const TO = 1
const FROM = 2
const TYPE = 3
const ID = 4
const VERSION = 5
const LANG = 6
/** Declares the default namespace, and a prefix. */
const XMLNS = 7
const XMLNS_PREFIX = 8

// Short names as one number, for a comparison in one step.
const TO_WORD = packed('to')
const ID_WORD = packed('id')
const FROM_WORD = packed('from')
const TYPE_WORD = packed('type')
const VERSION_WORD = Buffer.from('version')
const LANG_WORD = Buffer.from('xml:lang')
const XMLNS_WORD = Buffer.from('xmlns')
const XML_WORD = Buffer.from('xml')

const NO_PAYLOADS: readonly Payload[] = []

export class Elements {
  limits: ScanLimits
  depth = 0
  /** Elements since the limits were set. */
  total = 0
  readonly tag = new Tag()
  readonly namespaces = new Namespaces()
  /** The root's name as it must come again in its end tag. */
  rootName: Buffer = Buffer.alloc(0)

  // The facts of the first-level element, or of the header.
  name = ''
  namespace = ''
  to: string | undefined
  from: string | undefined
  type: string | undefined
  id: string | undefined
  /** Where the value of a first-level element's `id` lies in the bytes; -1: it has none. */
  idStart = -1
  idEnd = -1
  version: string | undefined
  lang: string | undefined
  payloads: readonly Payload[] = NO_PAYLOADS
  needsScope = false

  #inStanza = 0
  #carried: Payload[] | undefined
  #attribute = OTHER
  #prefix = ''
  #outside = 0
  #plainDefault = true
  #stack = new Int32Array(8 * STRIDE)

  constructor(limits: ScanLimits) {
    this.limits = limits
  }

  /** Back to before the header; what the budgets have counted stays counted. */
  reset(): void {
    this.depth = 0
    this.namespaces.release(0)
    this.namespaces.fromHeader = 0
  }

  /** The name of a start tag has been read. */
  named(start: number, end: number, colon: number): void {
    this.tag.begin(start, end, colon)
    this.#outside = this.namespaces.count
    if (this.depth > 1) return
    this.to = undefined
    this.from = undefined
    this.type = undefined
    this.id = undefined
    this.idStart = -1
    this.version = undefined
    this.lang = undefined
    this.needsScope = false
    this.#carried = undefined
    this.payloads = NO_PAYLOADS
    this.#inStanza = 0
  }

  /** The name of an attribute has been read. */
  attribute(bytes: Buffer, start: number, end: number, colon: number): Fault | undefined {
    const attribute = this.depth <= 1 ? factOf(bytes, start, end, colon) : declarationOf(bytes, start, end, colon)
    this.#attribute = attribute
    if (colon >= 0) {
      if (attribute === XMLNS_PREFIX) this.#prefix = intern(bytes, colon + 1, end)
      else if (colon - start !== 3 || !begins(bytes, start, XML_WORD)) this.tag.prefixed++
    }
    return this.tag.add(bytes, start, end, colon, this.limits.attributes)
  }

  /** The value of that attribute has been read; `plain` when it stands for itself. */
  value(bytes: Buffer, start: number, end: number, plain: boolean): Fault | undefined {
    if (this.#attribute === OTHER) return undefined
    if (this.#attribute === ID && this.depth > 0) {
      this.idStart = start
      this.idEnd = end
      return undefined
    }
    const read = plain ? intern(bytes, start, end) : bytes.toString('utf8', start, end)
    const value = plain ? read : decodeAttribute(read)
    switch (this.#attribute) {
      case TO:
        this.to = value
        return undefined
      case FROM:
        this.from = value
        return undefined
      case TYPE:
        this.type = value
        return undefined
      case ID:
        this.id = value
        return undefined
      case VERSION:
        this.version = value
        return undefined
      case LANG:
        this.lang = value
        return undefined
      default: {
        const prefix = this.#attribute === XMLNS ? '' : this.#prefix
        return this.namespaces.declare(prefix, value, this.limits.namespaces)
      }
    }
  }

  /** The start tag is complete: the element is open now. */
  open(bytes: Buffer): Fault | undefined {
    if (++this.total > this.limits.totalElements) return FAULTS.totalElements
    const { tag } = this
    const level = this.depth
    if (level > 0) {
      if (level > this.limits.depth) return FAULTS.depth
      if (++this.#inStanza > this.limits.elements) return FAULTS.elements
    }
    const place = this.#placeOf(bytes)
    if (place === undefined) return FAULTS.prefix
    if (tag.prefixed > 0) {
      const used = tag.resolve(bytes, this.namespaces)
      if (typeof used === 'object') return used
      if (used) this.needsScope = true
    }
    if (level === 0) return this.#openRoot(bytes, place)
    if (level <= 2) {
      const name = intern(bytes, tag.colon < 0 ? tag.nameStart : tag.colon + 1, tag.nameEnd)
      const namespace = this.namespaces.at(place)
      if (level === 1) {
        if (name === 'stream' && namespace === NS.streams) return FAULTS.streamNested
        this.name = name
        this.namespace = namespace
      } else if (this.#carried === undefined) {
        this.payloads = this.#carried = [payloadOf(namespace, name)]
      } else {
        this.#carried.push(payloadOf(namespace, name))
      }
    }
    const at = (level - 1) * STRIDE
    if (at === this.#stack.length) this.#grow()
    this.#stack[at] = tag.nameStart
    this.#stack[at + 1] = tag.nameEnd - tag.nameStart
    this.#stack[at + 2] = this.#outside
    this.depth = level + 1
    return undefined
  }

  /** The innermost element is closed. */
  close(): void {
    this.depth--
    this.namespaces.release(this.#stack[(this.depth - 1) * STRIDE + 2]!)
  }

  /** Where the name of the innermost element begins in the bytes; only inside a first-level element. */
  get openNameStart(): number {
    return this.#stack[(this.depth - 2) * STRIDE]!
  }

  get openNameLength(): number {
    return this.#stack[(this.depth - 2) * STRIDE + 1]!
  }

  /** What the header declared, once it has been read. */
  scope(): Scope {
    const prefixes = this.namespaces.headerDeclarations()
    const defaultNamespace = prefixes.get('') ?? ''
    prefixes.delete('')
    return { defaultNamespace, prefixes, lang: this.lang }
  }

  /** The bytes have moved towards the front by `by`. */
  rebase(by: number): void {
    this.tag.rebase(by)
    if (this.idStart >= 0) {
      this.idStart -= by
      this.idEnd -= by
    }
    for (let level = 1; level < this.depth; level++) this.#stack[(level - 1) * STRIDE]! -= by
  }

  /** Where the namespace of the tag's name is declared; undefined: nowhere. */
  #placeOf(bytes: Buffer): number | undefined {
    const { namespaces, tag } = this
    if (tag.colon < 0) {
      // Deeper names only matter where the header's default namespace is one that another stream would not have.
      if (this.depth > 2 && this.#plainDefault) return -1
      const place = namespaces.find('')
      if (!this.#plainDefault && place < namespaces.fromHeader) this.needsScope = true
      return place
    }
    const prefix = intern(bytes, tag.nameStart, tag.colon)
    const place = namespaces.find(prefix)
    if (place < 0 && prefix !== 'xml') return undefined
    if (place >= 0 && place < namespaces.fromHeader) this.needsScope = true
    return place
  }

  #openRoot(bytes: Buffer, place: number): Fault | undefined {
    const { tag, namespaces } = this
    const name = intern(bytes, tag.colon < 0 ? tag.nameStart : tag.colon + 1, tag.nameEnd)
    if (name !== 'stream') return FAULTS.streamRoot
    if (namespaces.at(place) !== NS.streams) return FAULTS.streamNamespace
    this.rootName = Buffer.from(bytes.subarray(tag.nameStart, tag.nameEnd))
    namespaces.fromHeader = namespaces.count
    const content = namespaces.at(namespaces.find(''))
    this.#plainDefault = content === NS.server || content === NS.component
    this.depth = 1
    return undefined
  }

  #grow(): void {
    const larger = new Int32Array(this.#stack.length * 2)
    larger.set(this.#stack)
    this.#stack = larger
  }
}

/** Which of the attributes we judge by, or which declaration, a name is. */
function factOf(bytes: Buffer, start: number, end: number, colon: number): number {
  switch (end - start) {
    case 2: {
      const name = (bytes[start]! << 8) | bytes[start + 1]!
      if (name === TO_WORD) return TO
      return name === ID_WORD ? ID : OTHER
    }
    case 4: {
      const name = (bytes[start]! << 24) | (bytes[start + 1]! << 16) | (bytes[start + 2]! << 8) | bytes[start + 3]!
      if (name === FROM_WORD) return FROM
      return name === TYPE_WORD ? TYPE : OTHER
    }
    case 7:
      if (begins(bytes, start, VERSION_WORD)) return VERSION
      break
    case 8:
      if (begins(bytes, start, LANG_WORD)) return LANG
      break
    default:
  }
  return declarationOf(bytes, start, end, colon)
}

function declarationOf(bytes: Buffer, start: number, end: number, colon: number): number {
  const prefixEnd = colon < 0 ? end : colon
  if (prefixEnd - start !== 5 || !begins(bytes, start, XMLNS_WORD)) return OTHER
  return colon < 0 ? XMLNS : XMLNS_PREFIX
}

function packed(name: string): number {
  let number = 0
  for (const byte of Buffer.from(name)) number = (number << 8) | byte
  return number
}

function begins(bytes: Buffer, start: number, word: Uint8Array): boolean {
  for (let at = 0; at < word.length; at++) if (bytes[start + at] !== word[at]) return false
  return true
}
