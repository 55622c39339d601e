// What rules have to know of the inside of a stanza, read from a tree that is made for it. Only for stanzas that carry what may
// have something to tell: `policy/facts.ts` says which.

import { parseElement } from '../xml/element.ts'
import type { Frame } from '../xml/frame.ts'
import { JINGLE, REFERENCE } from '../policy/whom/kinds.ts'
import { NS } from '../xmpp/namespaces.ts'

/** Namespaces of what Jingle describes, which is the application of each content (XEP-0166 §7.2), and of what references hold (XEP-0385 §3). */
export function described(frame: Frame): readonly string[] {
  const found = parseElement(frame)
    .getChildElements()
    .flatMap((child) => {
      if (child.getNS() === REFERENCE) return child.getChildElements()
      return child.getNS() === JINGLE ? named(named([child], 'content'), 'description') : []
    })
  return [...new Set(found.map((description) => description.getNS() ?? ''))]
}

/** Names of the nodes of which a stanza tells, or asks. XEP-0060 §6.5, §7.1.2.1, XEP-0163 §4.3, XEP-0030 §3.2 */
export function nodes(frame: Frame): readonly string[] {
  const found = parseElement(frame)
    .getChildElements()
    .flatMap((child) => {
      const namespace = child.getNS()
      if (namespace === NS.discoInfo || namespace === NS.discoItems) return [child]
      return namespace?.startsWith(NS.pubsub) === true ? child.getChildElements() : []
    })
  return [...new Set(found.flatMap(({ attrs }) => attrs['node'] ?? []))]
}

type Tree = ReturnType<typeof parseElement>

const localName = (name: string): string => name.slice(name.indexOf(':') + 1)

/** The children of that name of all of these. */
const named = (parents: readonly Tree[], wanted: string): readonly Tree[] =>
  parents.flatMap((parent) => parent.getChildElements().filter(({ name }) => localName(name) === wanted))

/** Whom a stanza names, as written. */
interface Named {
  readonly authors: readonly string[]
  readonly statuses: readonly string[]
  readonly occupants: readonly string[]
}

/** A frame is asked about by the rules, by who writes down, and by who remembers; it is read once. */
const known = new WeakMap<Frame, Named>()

/**
 * Whose words a stanza carries beside those of its sender, and of whom it tells: senders of what was forwarded (XEP-0297),
 * copied (XEP-0280), archived (XEP-0313) or delayed (XEP-0203, XEP-0091), original senders (XEP-0033 `ofrom`), who is behind a
 * nick or an invitation (XEP-0045), and participants of channels (XEP-0369, XEP-0403). Each once, as written.
 */
export const authors = (frame: Frame): readonly string[] => namedIn(frame).authors

/** Who is behind the nick that presence comes from, as its room says. XEP-0045 §7.2.3 */
export const occupants = (frame: Frame): readonly string[] => namedIn(frame).occupants

/** What presence from a room says of itself, by its codes. XEP-0045 §15.6 */
export const statuses = (frame: Frame): readonly string[] => namedIn(frame).statuses

function namedIn(frame: Frame): Named {
  let found = known.get(frame)
  if (found === undefined) known.set(frame, (found = readNamed(frame)))
  return found
}

function readNamed(frame: Frame): Named {
  const children = parseElement(frame).getChildElements()
  const found = new Set<string>()
  const waiting = [...children]
  for (let element = waiting.pop(); element !== undefined; element = waiting.pop()) {
    const address = authorIn(element)
    if (address !== undefined && address !== '') found.add(address)
    for (const child of element.getChildElements()) waiting.push(child)
  }
  const ofRoom = children.filter((child) => child.getNS() === NS.mucUser)
  const behind = new Set(named(ofRoom, 'item').flatMap(({ attrs }) => attrs['jid'] || []))
  const codes = named(ofRoom, 'status').flatMap(({ attrs }) => attrs['code'] || [])
  return { authors: [...found], occupants: [...behind], statuses: codes }
}

function authorIn(element: Tree): string | undefined {
  switch (localName(element.name)) {
    case 'message':
    case 'presence':
    case 'iq':
    case 'delay':
    case 'invite':
    case 'decline':
      return element.attrs['from']
    case 'x':
      return element.getNS() === 'jabber:x:delay' ? element.attrs['from'] : undefined
    case 'item':
      return element.getNS()?.startsWith(NS.muc) === true ? element.attrs['jid'] : undefined
    case 'address':
      return element.attrs['type'] === 'ofrom' ? element.attrs['jid'] : undefined
    case 'jid':
      return element.getNS()?.startsWith('urn:xmpp:mix:') === true ? element.getText().trim() : undefined
    default:
      return undefined
  }
}
