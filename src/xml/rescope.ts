// A frame's bytes on another stream. What they mean must not change with the header they stand under: its prefixes, its
// default namespace and its language are part of every stanza. RFC 6120 §4.7.4, §4.8.5, §8.1.5.
//
// Rule 1: nearly every frame needs nothing and travels as the bytes it came as.
// Rule 2: where only the language is missing, it is stamped onto the start tag; the rest stays as it was.
// Rule 3: otherwise the tags are written anew: elements of the content namespace without a prefix (RFC 6120 §4.8.5), every
//         other binding declared where it is first needed; text and values stay as written.

import { NS } from '../xmpp/namespaces.ts'
import { isContent } from './content.ts'
import type { Frame, Scope } from './frame.ts'
import { decodeAttribute } from './references.ts'
import type { Bytes } from './stretch.ts'
import { type RawAttribute, walk } from './walk.ts'
import { attribute, escapeAttribute } from './write.ts'

/** What a stream of ours carries by default. RFC 6120 §4.8.3, XEP-0114 §3 */
export type Content = typeof NS.server | typeof NS.component

/** The stream it goes to: its default namespace (`jabber:server` unless said), prefix `stream`, this language. */
export interface Target {
  readonly lang: string
  /** Beside them: what a client's stream carries. RFC 6120 §4.8.3 */
  readonly content?: Content | typeof NS.client
}

/** The frame's bytes as they mean the same within the target stream; `frame.raw` itself when nothing is needed. */
export function rescope(frame: Frame, target: Target): Bytes {
  const { lang } = frame.scope
  const stamp = frame.lang === undefined && lang !== undefined && lang !== '' && lang !== target.lang ? lang : undefined
  const { content = NS.server } = target
  const former = contentOf(frame.scope)
  if (frame.needsScope || (former !== content && frame.declaresContent)) return rewrite(frame, stamp, content)
  return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)
}

function stampLang(bytes: Buffer, lang: string): Buffer {
  let at = 1
  while (!isNameEnd(bytes[at]!)) at++
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(attribute('xml:lang', lang)), bytes.subarray(at)])
}

/** `>`, `/` and white space: nothing in a name is below 0x2d but these, and `>` is no name character either. */
function isNameEnd(byte: number): boolean {
  return byte <= 0x20 || byte === 0x2f || byte === 0x3e
}

type Bindings = ReadonlyMap<string, string>

interface Level {
  /** What the frame's own prefixes mean here. */
  readonly source: Bindings
  /** What has been declared in what we write. */
  readonly written: Bindings
  /** The name as written, for the end tag. */
  readonly name: string
}

function rewrite(frame: Frame, lang: string | undefined, target: NonNullable<Target['content']>): Buffer {
  const content = contentOf(frame.scope)
  let text = ''
  const levels: Level[] = [
    {
      source: new Map([['', frame.scope.defaultNamespace], ...frame.scope.prefixes]),
      written: new Map([
        ['', target],
        ['stream', NS.streams],
      ]),
      name: '',
    },
  ]
  walk(frame.bytes.toString('utf8'), {
    open(name, attributes, empty) {
      const tag = startTag(levels.at(-1)!, { content, target }, name, attributes)
      text += tag.text + (levels.length === 1 ? attribute('xml:lang', lang) : '') + (empty ? '/>' : '>')
      if (!empty) levels.push(tag.level)
    },
    close: () => (text += `</${levels.pop()!.name}>`),
    text: (raw) => (text += raw),
    cdata: (raw) => (text += `<![CDATA[${raw}]]>`),
  })
  return Buffer.from(text)
}

function contentOf(scope: Scope): string {
  return isContent(scope.defaultNamespace) ? scope.defaultNamespace : NS.server
}

function startTag(
  outer: Level,
  { content, target }: { readonly content: string; readonly target: NonNullable<Target['content']> },
  name: string,
  attributes: readonly RawAttribute[],
): { text: string; level: Level } {
  const own = declarationsOf(attributes)
  const source = own.size === 0 ? outer.source : new Map([...outer.source, ...own])
  const declared = new Map<string, string>()
  const written = (prefix: string): string | undefined => declared.get(prefix) ?? outer.written.get(prefix)
  const need = (prefix: string, namespace: string): void => {
    if (prefix !== 'xml' && written(prefix) !== namespace) declared.set(prefix, namespace)
  }
  const [prefix, local] = split(name)
  const namespace = prefix === 'xml' ? NS.xml : (source.get(prefix) ?? '')
  const writtenName = namespace === content ? local : name
  if (namespace === content) need('', target)
  else need(prefix, namespace)
  let others = ''
  for (const { name: attributeName, value, quote } of attributes) {
    const [attributePrefix] = split(attributeName)
    if (attributeName === 'xmlns' || attributePrefix === 'xmlns') continue
    if (attributePrefix !== '') need(attributePrefix, source.get(attributePrefix) ?? '')
    others += ` ${attributeName}=${quote}${value}${quote}`
  }
  // Prefixes may also stand in values: what the frame declares itself stays declared.
  for (const [ownPrefix, ownNamespace] of own) if (ownPrefix !== '') need(ownPrefix, ownNamespace)
  let text = `<${writtenName}`
  for (const [declaredPrefix, uri] of declared) {
    text += ` ${declaredPrefix === '' ? 'xmlns' : `xmlns:${declaredPrefix}`}='${escapeAttribute(uri)}'`
  }
  const scope = declared.size === 0 ? outer.written : new Map([...outer.written, ...declared])
  return { text: text + others, level: { source, written: scope, name: writtenName } }
}

function declarationsOf(attributes: readonly RawAttribute[]): Bindings {
  const own = new Map<string, string>()
  for (const { name, value } of attributes) {
    const [prefix, local] = split(name)
    if (name === 'xmlns') own.set('', decodeAttribute(value))
    else if (prefix === 'xmlns') own.set(local, decodeAttribute(value))
  }
  own.delete('xml')
  return own
}

function split(name: string): readonly [prefix: string, local: string] {
  const colon = name.indexOf(':')
  return colon < 0 ? ['', name] : [name.slice(0, colon), name.slice(colon + 1)]
}
