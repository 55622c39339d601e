// The elements that are open, and the facts of the first-level element among them: its name, the attributes every
// stanza is judged by, and what it carries.
//
// Rule 1: told of tags by the lexer in document order; every limit on elements is checked here.
// Rule 2: depth 0 is outside the stream, 1 between its first-level elements, 2 inside one.
// Rule 3: no string is made for what nobody judges by, and none twice for what comes again and again.

import { NS } from '../xmpp/namespaces.ts'
import { FROM, ID, isXmlPrefix, LANG, OTHER, TO, TYPE, VERSION, XMLNS, XMLNS_PREFIX } from './attribute.ts'
import { isContent } from './content.ts'
import { type Fault, FAULTS } from './faults.ts'
import type { FrameFacts, Payload, Scope } from './frame.ts'
import { intern } from './intern.ts'
import type { ScanLimits } from './limits.ts'
import { Namespaces } from './namespaces.ts'
import { LONGEST_LIST, NO_PAYLOADS, type Payloads, withPayload } from './payload.ts'
import { decodeAttribute } from './references.ts'
import { Tag } from './tag.ts'
import { same } from './words.ts'

/** Start and length of an open element's name, and how many namespaces were declared outside it. */
const STRIDE = 3
/** Room for so many at first: so small, it lies in the object itself and not in memory of its own (64 bytes). */
const FIRST = 5

const NOTHING: Buffer = Buffer.alloc(0)
const NO_VIEW = new DataView(new ArrayBuffer(0))

/** Where an id never is. */
export const NO_ID = -(2 ** 30)

/** What nearly everybody calls the stream: one for all. */
const ROOT = Buffer.from('stream:stream')

export class Elements implements FrameFacts {
  limits: ScanLimits
  depth = 0
  /** Elements since the limits were set. */
  total = 0
  readonly tag = new Tag()
  readonly namespaces = new Namespaces()
  /** The root's name as it must come again in its end tag. */
  rootName: Buffer = ROOT

  // The facts of the first-level element, or of the header.
  name = ''
  namespace = ''
  to: string | undefined
  from: string | undefined
  type: string | undefined
  id: string | undefined
  /** Where the value of a first-level element's `id` lies in the bytes, or did before them (negative); NO_ID: it has none. */
  idStart = NO_ID
  idEnd = NO_ID
  version: string | undefined
  lang: string | undefined
  needsScope = false
  declaresContent = false

  /** The bytes that all positions are into. */
  view: DataView = NO_VIEW
  #inStanza = 0
  #carried: Payloads = NO_PAYLOADS
  /** In place of it, where there are more than one keeps lists of. */
  #many: Payload[] | undefined
  #attribute = OTHER
  #prefix = ''
  #outside = 0
  #plainDefault = true
  #stack = new Int32Array(FIRST * STRIDE)
  /** Of how many open elements, from the outermost on, the bytes were left behind. */
  #leftLevels = 0
  /** Their names; the stack has -1 for the first byte, and so on. */
  #left: Buffer = NOTHING
  #leftLength = 0
  /** Units of work on those names so far. */
  work = 0

  constructor(limits: ScanLimits) {
    this.limits = limits
  }

  /** Back to before the header; what the budgets have counted stays counted. */
  reset(): void {
    this.depth = 0
    this.#leftLevels = 0
    this.#leftLength = 0
    this.#left = NOTHING
    this.namespaces.release(0)
    this.namespaces.fromHeader = 0
  }

  /** As if a header had been read that declares nothing: what an element relies on, it must declare itself. */
  enter(): void {
    this.reset()
    this.rootName = ROOT
    this.#plainDefault = false
    this.depth = 1
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
    this.idStart = NO_ID
    this.version = undefined
    this.lang = undefined
    this.needsScope = false
    this.declaresContent = false
    this.#carried = NO_PAYLOADS
    this.#many = undefined
    this.#inStanza = 0
  }

  /** The name of an attribute has been read, which is of this kind. */
  attribute(kind: number, start: number, end: number, colon: number): Fault | undefined {
    this.#attribute = kind
    const { view } = this
    if (colon >= 0) {
      if (kind === XMLNS_PREFIX) this.#prefix = intern(view, colon + 1, end)
      else if (!isXmlPrefix(view, start, colon)) this.tag.prefixed++
    }
    return this.tag.add(view, kind, start, end, colon, this.limits.attributes)
  }

  /** The value of that attribute has been read; `plain` when it stands for itself. */
  value(start: number, end: number, plain: boolean): Fault | undefined {
    // Only declarations matter within a first-level element.
    if (this.#attribute < XMLNS && (this.depth > 1 || this.#attribute === OTHER)) return undefined
    if (this.#attribute === ID && this.depth > 0) {
      this.idStart = start
      this.idEnd = end
      return undefined
    }
    const value = plain ? intern(this.view, start, end) : decodeAttribute(this.#text(start, end))
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
        if (isContent(value)) this.declaresContent = true
        return this.namespaces.declare(prefix, value, this.limits.namespaces)
      }
    }
  }

  /** The start tag is complete: the element is open now. */
  open(): Fault | undefined {
    if (++this.total > this.limits.totalElements) return FAULTS.totalElements
    const { tag } = this
    const level = this.depth
    if (level > 0) {
      if (level > this.limits.depth) return FAULTS.depth
      if (++this.#inStanza > this.limits.elements) return FAULTS.elements
    }
    const place = this.#placeOf()
    if (place === undefined) return FAULTS.prefix
    if (tag.prefixed > 0) {
      const used = tag.resolve(this.view, this.namespaces)
      if (typeof used === 'object') return used
      if (used) this.needsScope = true
    }
    if (level === 0) return this.#openRoot(place)
    if (level <= 2) {
      const name = intern(this.view, tag.colon < 0 ? tag.nameStart : tag.colon + 1, tag.nameEnd)
      const namespace = this.namespaces.at(place)
      if (level === 1) {
        if (name === 'stream' && namespace === NS.streams) return FAULTS.streamNested
        this.name = name
        this.namespace = namespace
      } else {
        this.#carry(namespace, name)
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
    if (this.#leftLevels >= this.depth) this.#forgetLeft()
    this.namespaces.release(this.#stack[(this.depth - 1) * STRIDE + 2]!)
  }

  /** Are these bytes, as many as the name of the innermost element has, that name? Only inside a first-level element. */
  isOpenName(from: number): boolean {
    const start = this.#stack[(this.depth - 2) * STRIDE]!
    const length = this.openNameLength
    if (start >= 0) return same(this.view, from, start, length)
    for (let at = 0; at < length; at++) if (this.view.getUint8(from + at) !== this.openNameByte(at)) return false
    return true
  }

  /** A byte of the name of the innermost element. */
  openNameByte(at: number): number | undefined {
    const start = this.#stack[(this.depth - 2) * STRIDE]!
    return start >= 0 ? this.view.getUint8(start + at) : this.#left[at - start - 1]
  }

  get openNameLength(): number {
    return this.#stack[(this.depth - 2) * STRIDE + 1]!
  }

  /** What the first-level element carries so far. */
  get payloads(): readonly Payload[] {
    return this.#many ?? this.#carried.list
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
    this.#shift(by)
    for (let at = this.#leftLevels * STRIDE; at < (this.depth - 1) * STRIDE; at += STRIDE) this.#stack[at]! -= by
  }

  /** Other bytes follow, where places are less by `by`, and no tag is being read: what is needed of these is kept. */
  leave(by: number): void {
    this.#shift(by)
    for (; this.#leftLevels < this.depth - 1; this.#leftLevels++) {
      const at = this.#leftLevels * STRIDE
      const name = bytesOf(this.view, this.#stack[at]!, this.#stack[at + 1]!)
      this.#stack[at] = -this.#leftLength - 1
      this.#keepName(name)
      this.work += 1 + name.length
    }
  }

  #keepName(name: Buffer): void {
    const length = this.#leftLength + name.length
    if (length > this.#left.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(256, 2 * length))
      this.#left.copy(larger, 0, 0, this.#leftLength)
      this.#left = larger
    }
    name.copy(this.#left, this.#leftLength)
    this.#leftLength = length
  }

  /** The element that was closed is one whose name was left behind. */
  #forgetLeft(): void {
    this.#leftLevels = this.depth - 1
    this.#leftLength = -this.#stack[this.#leftLevels * STRIDE]! - 1
    if (this.#leftLevels === 0) this.#left = NOTHING
  }

  #shift(by: number): void {
    if (this.idStart === NO_ID) return
    this.idStart -= by
    this.idEnd -= by
  }

  /** Where the namespace of the tag's name is declared; undefined: nowhere. */
  #placeOf(): number | undefined {
    const { namespaces, tag } = this
    if (tag.colon < 0) {
      // Deeper names only matter where the header's default namespace is one that another stream would not have.
      if (this.depth > 2 && this.#plainDefault) return -1
      const place = namespaces.default
      if (!this.#plainDefault && place < namespaces.fromHeader) this.needsScope = true
      return place
    }
    const prefix = intern(this.view, tag.nameStart, tag.colon)
    const place = namespaces.find(prefix)
    if (place < 0 && prefix !== 'xml') return undefined
    if (place >= 0 && place < namespaces.fromHeader) this.needsScope = true
    return place
  }

  #carry(namespace: string, name: string): void {
    if (this.#many !== undefined) this.#many.push({ namespace, name })
    else if (this.#carried.list.length < LONGEST_LIST) this.#carried = withPayload(this.#carried, namespace, name)
    else this.#many = [...this.#carried.list, { namespace, name }]
  }

  #text(start: number, end: number): string {
    return bytesOf(this.view, start, end - start).toString('utf8')
  }

  #openRoot(place: number): Fault | undefined {
    const { tag, namespaces } = this
    const name = intern(this.view, tag.colon < 0 ? tag.nameStart : tag.colon + 1, tag.nameEnd)
    if (name !== 'stream') return FAULTS.streamRoot
    if (namespaces.at(place) !== NS.streams) return FAULTS.streamNamespace
    this.rootName = ownName(this.#text(tag.nameStart, tag.nameEnd))
    namespaces.fromHeader = namespaces.count
    const content = namespaces.at(namespaces.default)
    this.#plainDefault = isContent(content)
    this.depth = 1
    return undefined
  }

  #grow(): void {
    const larger = new Int32Array(this.#stack.length * 2)
    larger.set(this.#stack)
    this.#stack = larger
  }
}

function bytesOf({ buffer, byteOffset }: DataView, start: number, length: number): Buffer {
  return Buffer.from(buffer, byteOffset + start, length)
}

/** Memory of its own: a piece of what Node hands out in slices would hold the whole for as long as the stream lasts. */
function ownName(text: string): Buffer {
  if (text === 'stream:stream') return ROOT
  const own = Buffer.alloc(Buffer.byteLength(text))
  own.write(text)
  return own
}
