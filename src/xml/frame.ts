// A frame is one complete first-level element of a stream: the bytes it came as, and the few facts every stanza
// is judged by. It is never a tree; whoever needs content parses one on demand (`element.ts`).

/** The name of a first-level element's child: what a stanza carries. */
export interface Payload {
  readonly namespace: string
  readonly name: string
}

/** One first-level element as it came off the wire. Attribute values are decoded (entities resolved). */
export interface Frame {
  /** The element's own bytes, from `<` to `>`; shares memory with the chunk it arrived in. */
  readonly bytes: Buffer
  /** Local name, without prefix. */
  readonly name: string
  /** The namespace the name resolves to, with the stream header's declarations in scope. */
  readonly namespace: string
  readonly to: string | undefined
  readonly from: string | undefined
  readonly type: string | undefined
  readonly id: string | undefined
  /** The element's own xml:lang; not what it inherits from the stream. */
  readonly lang: string | undefined
  readonly payloads: readonly Payload[]
  /** Everything outside `bytes` that they rely on: what the stream header declared. */
  readonly scope: Scope
  /**
   * False when `bytes` use no prefix or default namespace that only `scope` declares, `jabber:server` and
   * `jabber:component:accept` as default excepted.
   */
  readonly needsScope: boolean
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
