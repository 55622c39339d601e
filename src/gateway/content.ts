// What rules have to know of the inside of a stanza, read from a tree that is made for it. Only for stanzas that carry what may
// have something to tell: `policy/facts.ts` says which.

import { parseElement } from '../xml/element.ts'
import type { Frame } from '../xml/frame.ts'
import { JINGLE } from '../policy/whom/kinds.ts'
import { NS } from '../xmpp/namespaces.ts'

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

/**
 * Whose words a stanza carries beside those of its sender, and of whom it tells: senders of what was forwarded (XEP-0297),
 * copied (XEP-0280) or archived (XEP-0313), original senders (XEP-0033 `ofrom`), and who is behind a nick or an invitation
 * (XEP-0045). Each once, as written.
 */
export function authors(frame: Frame): readonly string[] {
  const found = new Set<string>()
  const waiting = parseElement(frame).getChildElements()
  for (let element = waiting.pop(); element !== undefined; element = waiting.pop()) {
    const address = authorIn(element)
    if (address !== undefined && address !== '') found.add(address)
    for (const child of element.getChildElements()) waiting.push(child)
  }
  return [...found]
}

type Tree = ReturnType<typeof parseElement>

function authorIn(element: Tree): string | undefined {
  switch (localName(element.name)) {
    case 'message':
    case 'presence':
    case 'iq':
    case 'delay':
    case 'invite':
    case 'decline':
      return element.attrs['from']
    case 'item':
      return element.getNS()?.startsWith(NS.muc) === true ? element.attrs['jid'] : undefined
    case 'address':
      return element.attrs['type'] === 'ofrom' ? element.attrs['jid'] : undefined
    default:
      return undefined
  }
}
