// What goes out to a partner that is not shown everything of our users: cut down to what it is shown. `policy/shown.ts` says what
// that is. Nobody is told: there is nothing that the sender could do about it, and a room or an account takes an error for a sign
// that the recipient is gone.

import { areNodesShown, isItemShown, isShown, type Shown, showsSomebody } from '../policy/shown.ts'
import type { Frame } from '../xml/frame.ts'
import { prune, pruneChildren } from '../xml/prune.ts'
import { NS } from '../xmpp/namespaces.ts'
import { nodes } from './content.ts'

/** Who knows whom to be there, as far as is remembered. */
export interface Known {
  /** Is its sender in a room of theirs? Presence to a nick may be to somebody, or to a room that let its sender in. XEP-0045 §7.6, §7.7 */
  isGuest(frame: Frame): boolean
  /** Was its recipient shown that its sender is there, and not yet told that this is over? */
  isBelieved(frame: Frame): boolean
  /** Is it between a room and somebody who is in it? */
  inRoom(frame: Frame): boolean
}

/** What of an outbound stanza crosses; undefined: nothing. */
export function showing(frame: Frame, shown: Shown, known: Known): Frame | undefined {
  if (frame.name === 'message') return isHidden(frame, shown) || tellsOf(frame, shown, known) ? undefined : frame
  if (frame.name === 'iq') return withoutHiddenItems(frame, shown)
  if (frame.name !== 'presence') return frame
  if (shown.detail === 'none' && showsSomebody(frame.type, frame.payloads) && !known.isGuest(frame)) {
    // Who was never shown that they are there would learn it from their leave.
    if (frame.type === undefined || !known.isBelieved(frame)) return undefined
  }
  return prune(frame, (payload) => isShown(payload, frame.type, shown))
}

/** Does it tell what somebody publishes, and is that not shown? What a service publishes is nobody's. XEP-0163 §4.3 */
function isHidden(frame: Frame, shown: Shown): boolean {
  if (shown.pep && shown.vcard) return false
  const { type, payloads } = frame
  if (type === 'error' || !payloads.some(({ namespace }) => namespace === NS.pubsubEvent)) return false
  return isSomebodys(frame) && !areNodesShown(nodes(frame), shown)
}

/**
 * Does it tell, without somebody's doing, whether they are there? SECURITY: a server answers a message that is not to be kept only
 * where it reaches no client, and one that asks for events only where it is kept. RFC 6121 §8.5.2.2.1, XEP-0334, XEP-0022
 */
function tellsOf(frame: Frame, { detail }: Shown, known: Known): boolean {
  if (detail !== 'none' || !isSomebodys(frame) || known.inRoom(frame)) return false
  // With words it is somebody's own, and asks for events.
  return frame.type === 'error' || (has(frame, NS.event) && !frame.payloads.some(({ name }) => name === 'body'))
}

const has = (frame: Frame, wanted: string): boolean => frame.payloads.some(({ namespace }) => namespace === wanted)

/** An account's answer to what belongs to it: its nodes, and the clients that are there. XEP-0030 §4.1, XEP-0163 §6.1 */
function withoutHiddenItems(frame: Frame, shown: Shown): Frame {
  const { type, payloads } = frame
  if (type !== 'result' || !payloads.some(({ namespace }) => namespace === NS.discoItems) || !isSomebodys(frame))
    return frame
  return pruneChildren(frame, (item) => isItemShown({ node: item.get('node'), address: item.get('jid') }, shown))
}

function isSomebodys({ from = '' }: Frame): boolean {
  const slash = from.indexOf('/')
  return (slash === -1 ? from : from.slice(0, slash)).includes('@')
}

/** The same in words, for whoever asks what would become of a stanza. */
export function showingText(frame: Frame, shown: Shown): string {
  const left = showing(frame, shown, { isGuest: () => false, isBelieved: () => false, inRoom: () => false })
  if (left === undefined) return 'nothing against it; it is not sent: the partner is not shown such a thing'
  if (left !== frame && frame.name === 'iq')
    return 'nothing against it; it crosses without items that the partner is not shown'
  const names = frame.payloads.filter((payload) => !left.payloads.includes(payload)).map(({ name }) => `<${name}/>`)
  return names.length === 0 ? 'nothing against it' : `nothing against it; it crosses without ${names.join(', ')}`
}
