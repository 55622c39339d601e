// What rules have to know of the inside of a stanza, read from a tree that is made for it. Only for stanzas that carry what may
// have something to tell: `policy/facts.ts` says which.

import { parseElement } from '../xml/element.ts'
import type { Frame } from '../xml/frame.ts'
import { JINGLE } from '../policy/whom/kinds.ts'

/** Namespaces of what Jingle describes: the application of each content. XEP-0166 §7.2 */
export function described(frame: Frame): readonly string[] {
  const jingles = parseElement(frame)
    .getChildElements()
    .filter((child) => child.getNS() === JINGLE)
  const contents = jingles.flatMap((jingle) =>
    jingle.getChildElements().filter(({ name }) => localName(name) === 'content'),
  )
  const descriptions = contents.flatMap((content) =>
    content.getChildElements().filter(({ name }) => localName(name) === 'description'),
  )
  return [...new Set(descriptions.map((description) => description.getNS() ?? ''))]
}

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)
