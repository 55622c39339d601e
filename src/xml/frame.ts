// A frame is one complete first-level element of a stream: the bytes it came as, and the few facts every stanza
// is judged by. It is never a tree; whoever needs content parses one on demand (`element.ts`).

import { decodeAttribute } from './references.ts'
import { bufferOf, type Bytes } from './stretch.ts'

/** The name of a first-level element's child: what a stanza carries. */
export interface Payload {
  readonly namespace: string
  readonly name: string
}

/** What every stanza is judged by. Attribute values are decoded (entities resolved). */
export interface FrameFacts {
  /** Local name, without prefix. */
  readonly name: string
  /** The namespace the name resolves to, with the stream header's declarations in scope. */
  readonly namespace: string
  readonly to: string | undefined
  readonly from: string | undefined
  readonly type: string | undefined
  /** The element's own xml:lang; not what it inherits from the stream. */
  readonly lang: string | undefined
  readonly payloads: readonly Payload[]
  /**
   * False when `bytes` use no prefix or default namespace that only `scope` declares, those that streams carry stanzas in
   * as default excepted.
   */
  readonly needsScope: boolean
  /** Does an element in it declare, by default or for a prefix, a namespace that streams carry stanzas in? */
  readonly declaresContent: boolean
}

/** One first-level element as it came off the wire. */
export class Frame implements FrameFacts {
  /** The element's own bytes, from `<` to `>`, where they lie: mostly in the chunk it arrived in. */
  readonly raw: Bytes
  readonly name: string
  readonly namespace: string
  readonly to: string | undefined
  readonly from: string | undefined
  readonly type: string | undefined
  readonly lang: string | undefined
  readonly payloads: readonly Payload[]
  /** Everything outside `bytes` that they rely on: what the stream header declared. */
  readonly scope: Scope
  readonly needsScope: boolean
  readonly declaresContent: boolean
  /** Where the value of `id` stands in `bytes`, until somebody asks for it. */
  #idStart: number
  readonly #idEnd: number
  #id: string | undefined

  /** `idStart`, `idEnd`: where the value of `id` stands in the bytes; -1: it has none. */
  constructor(raw: Bytes, facts: FrameFacts, scope: Scope, idStart: number, idEnd: number) {
    this.raw = raw
    this.name = facts.name
    this.namespace = facts.namespace
    this.to = facts.to
    this.from = facts.from
    this.type = facts.type
    this.lang = facts.lang
    this.payloads = facts.payloads
    this.scope = scope
    this.needsScope = facts.needsScope
    this.declaresContent = facts.declaresContent
    this.#idStart = idStart
    this.#idEnd = idEnd
    this.#id = undefined
  }

  /** The same bytes, to look at. */
  get bytes(): Buffer {
    return bufferOf(this.raw)
  }

  /** An id is never the same twice and seldom asked for: it is read when it is. */
  get id(): string | undefined {
    if (this.#idStart >= 0) {
      this.#id = decodeAttribute(this.bytes.toString('utf8', this.#idStart, this.#idEnd))
      this.#idStart = -1
    }
    return this.#id
  }

  /** The same frame where its addresses or its payloads, and the bytes that carry them, are others. */
  with(changes: {
    readonly to?: string
    readonly from?: string
    readonly bytes?: Bytes
    readonly payloads?: readonly Payload[]
  }): Frame {
    const { to = this.to, from = this.from, bytes = this.raw, payloads = this.payloads } = changes
    const { name, namespace, type, lang, scope, needsScope, declaresContent, id } = this
    const facts = { name, namespace, to, from, type, lang, payloads, needsScope, declaresContent }
    const changed = new Frame(bytes, facts, scope, -1, -1)
    changed.#id = id
    return changed
  }
}

/** What a stream header puts in scope for everything inside it. One object per header, shared by its frames. */
export interface Scope {
  /** The default namespace: `xmlns` on the header, '' where it has none. */
  readonly defaultNamespace: string
  /** Prefix → namespace, `xml` not included. */
  readonly prefixes: ReadonlyMap<string, string>
  /** xml:lang on the header. */
  readonly lang: string | undefined
}

/** The header of a stream. RFC 6120 §4.7. */
export interface StreamHeader {
  readonly to: string | undefined
  readonly from: string | undefined
  readonly id: string | undefined
  readonly version: string | undefined
  readonly lang: string | undefined
  readonly scope: Scope
}
