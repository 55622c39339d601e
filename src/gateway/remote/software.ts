// What a client calls itself: the node of its capabilities, which most clients say with their presence (XEP-0115 §4). It is
// shown to administrators; nothing is decided by it.

import { parseElement } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { NS } from '../../xmpp/namespaces.ts'

const LONGEST = 100

/** Of a stanza of the client: undefined where it says nothing of it. */
export function softwareOf(frame: Frame): string | undefined {
  if (frame.name !== 'presence' || !frame.payloads.some(({ namespace }) => namespace === NS.caps)) return undefined
  const node: unknown = parseElement(frame).getChild('c', NS.caps)?.attrs['node']
  return typeof node === 'string' && node !== '' ? node.slice(0, LONGEST) : undefined
}
