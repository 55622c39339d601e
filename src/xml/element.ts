// A frame as a tree, for the few that need one: features, errors, rules about content. The tree is that of `@xmpp/xml`;
// the walk is ours, because its parser is not fit for what strangers send.
//
// Rule 1: only bytes the scanner has passed.
// Rule 2: what a header declared and the frame uses is written onto the root, so that the tree stands alone.

import { Element } from '@xmpp/xml'
import { NS } from '../xmpp/namespaces.ts'
import type { Frame } from './frame.ts'
import { decodeAttribute, decodeText, normaliseLineEnds } from './references.ts'
import { type RawAttribute, walk } from './walk.ts'
import { attribute, escapeText } from './write.ts'

/** An element that knows `xmlns=''` and the built-in prefix, which the library's own does not. */
class ParsedElement extends Element {
  override findNS(prefix = ''): string | undefined {
    if (prefix === 'xml') return NS.xml
    const declaration = prefix === '' ? 'xmlns' : `xmlns:${prefix}`
    if (Object.hasOwn(this.attrs, declaration)) {
      const namespace = this.attrs[declaration]
      return namespace === '' ? undefined : namespace
    }
    return this.parent === null ? undefined : this.parent.findNS(prefix)
  }
}

/** The frame as a tree that stands alone: every namespace resolves within it. */
export function parseElement(frame: Frame): Element {
  let root: Element | undefined
  let open: Element | undefined
  const add = (text: string): void => {
    if (text === '') return
    const { children } = open!
    const last = children.length - 1
    // One text is one string, however many sections and references it was written in.
    if (typeof children[last] === 'string') children[last] += text
    else children.push(text)
  }
  walk(frame.bytes.toString('utf8'), {
    open(name, attributes, empty) {
      const element = new ParsedElement(name)
      if (root === undefined) inherit(element, frame)
      for (const raw of attributes) set(element, raw)
      if (open === undefined) root = element
      else open.append(element)
      if (!empty) open = element
    },
    close() {
      open = open!.parent ?? undefined
    },
    text: (raw) => add(decodeText(raw)),
    cdata: (raw) => add(normaliseLineEnds(raw)),
  })
  return root!
}

/** The bytes of a tree. Declares nothing that the tree does not. */
export function serialize(element: Element): Buffer {
  return Buffer.from(write(element))
}

function inherit(element: Element, { scope, needsScope }: Frame): void {
  element.attrs['xmlns'] = scope.defaultNamespace
  if (!needsScope) return
  for (const [prefix, namespace] of scope.prefixes) element.attrs[`xmlns:${prefix}`] = namespace
}

function set(element: Element, { name, value }: RawAttribute): void {
  // Not by assignment: `__proto__` is a name that a peer may use.
  Object.defineProperty(element.attrs, name, {
    value: decodeAttribute(value),
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

function write(element: Element): string {
  let text = `<${element.name}`
  for (const [name, value] of Object.entries(element.attrs)) {
    text += attribute(name, value)
  }
  if (element.children.length === 0) return `${text}/>`
  text += '>'
  for (const child of element.children) text += child instanceof Element ? write(child) : escapeText(child)
  return `${text}</${element.name}>`
}
