// What a partner is shown of our users: how much of their presence, and each for itself notes, capabilities, how long they
// are idle, vCards, and what they publish (PEP). Presence that goes out is cut down to it; what is asked for beyond it is refused by
// `rules/presence-shown.ts`.
//
// Rule 1: who takes leave does so from all who were shown that they are there, and rooms hear what they need to let somebody in and
//         to know them by their nick.
// Rule 2: keys for encryption are no detail of anybody: they cross.

import type { Payload } from '../xml/frame.ts'
import { NS } from '../xmpp/namespaces.ts'
import { classTerms, type PartnerClass } from './classes.ts'

/**
 * `availability`: that somebody is there, and whether they are away (`<show/>`); `online`: that they are there; `none`: nothing,
 * but in rooms, where it is as with `online`.
 */
export type Detail = 'full' | 'availability' | 'online' | 'none'

export interface Shown {
  readonly detail: Detail
  /** What users write of themselves. RFC 6121 §4.7.2.2 */
  readonly notes: boolean
  /** What their clients are, and can do. XEP-0115, XEP-0390 */
  readonly capabilities: boolean
  /** Since when they have done nothing. XEP-0319, XEP-0256, XEP-0012 */
  readonly idle: boolean
  /** XEP-0054, XEP-0153, XEP-0292, XEP-0084 */
  readonly vcard: boolean
  /** What they publish of themselves. XEP-0163 */
  readonly pep: boolean
}

type Part = Exclude<keyof Shown, 'detail'>

/** What is written of it: parts of which nothing is said go by the detail. */
export type ShownAsWritten = Pick<Shown, 'detail'> & { readonly [part in Part]?: boolean | undefined }

/** What is written of classes. */
export type ShownByClass = Readonly<Record<PartnerClass, ShownAsWritten>>

export const PARTS: readonly Part[] = ['notes', 'capabilities', 'idle', 'vcard', 'pep']

/** What is shown with this detail, but for what is said of its parts: everything with `full`, nothing more with others. */
export function shownWith({ detail, ...said }: ShownAsWritten): Shown {
  const all = detail === 'full'
  const { notes = all, capabilities = all, idle = all, vcard = all, pep = all } = said
  return { detail, notes, capabilities, idle, vcard, pep }
}

/** What a partner of a class is shown: what its entry says, or else what is said of its class; undefined: everything. */
export function shownTo(
  { shown: own, class: name }: { readonly shown?: ShownAsWritten; readonly class: PartnerClass },
  byClass: ShownByClass,
): Shown | undefined {
  const written = own ?? (Object.hasOwn(byClass, name) ? byClass[name] : undefined)
  const shown = shownWith(written ?? { detail: 'full', notes: classTerms(name).seesNotes })
  return shown.detail === 'full' && PARTS.every((part) => shown[part]) ? undefined : shown
}

/**
 * What who stands in no entry is shown: what is said of the class `public-unverified`, but nothing that this class is not shown by
 * itself. SECURITY: nobody has written anything about them.
 */
export function shownToStrangers(byClass: ShownByClass): Shown {
  const all = shownWith({ detail: 'full' })
  const said = shownTo({ class: STRANGERS }, byClass) ?? all
  const most = shownTo({ class: STRANGERS }, {}) ?? all
  const detail = ORDER[Math.min(ORDER.indexOf(said.detail), ORDER.indexOf(most.detail))] ?? 'none'
  const isBoth = (part: Part): boolean => said[part] && most[part]
  const [notes, capabilities, idle] = [isBoth('notes'), isBoth('capabilities'), isBoth('idle')]
  return { detail, notes, capabilities, idle, vcard: isBoth('vcard'), pep: isBoth('pep') }
}

/** As whose class they are met. */
const STRANGERS = 'public-unverified'

/** Is anything hidden of presence that was shown before? Undefined: everything is shown. */
export function isLess(after: Shown | undefined, before: Shown | undefined): boolean {
  if (after === undefined) return false
  const rank = (shown: Shown | undefined): number => ORDER.indexOf(shown?.detail ?? 'full')
  return rank(after) < rank(before) || PARTS.some((part) => !after[part] && before?.[part] !== false)
}

/** From nothing to everything. */
const ORDER: readonly Detail[] = ['none', 'online', 'availability', 'full']

const CONTENT: ReadonlySet<string> = new Set([NS.server, NS.client, NS.component])

const OF_NAMESPACE: ReadonlyMap<string, Part | 'needed'> = new Map<string, Part | 'needed'>([
  [NS.muc, 'needed'],
  [NS.mucUser, 'needed'],
  ['urn:xmpp:occupant-id:0', 'needed'], // XEP-0421
  ['http://jabber.org/protocol/caps', 'capabilities'], // XEP-0115
  ['urn:xmpp:caps', 'capabilities'], // XEP-0390
  ['urn:xmpp:idle:1', 'idle'], // XEP-0319
  ['jabber:iq:last', 'idle'], // XEP-0256
  ['urn:xmpp:delay', 'idle'], // XEP-0203: since when they are as they are
  ['jabber:x:delay', 'idle'], // XEP-0091
  ['vcard-temp:x:update', 'vcard'], // XEP-0153
])

/** What an element of presence is. */
function sortOf({ namespace, name }: Payload): Part | 'needed' | 'show' | 'rest' {
  if (name === 'status') return 'notes'
  if (CONTENT.has(namespace)) return name === 'show' ? 'show' : name === 'error' ? 'needed' : 'rest'
  return OF_NAMESPACE.get(namespace) ?? 'rest'
}

/** Is this element of presence shown? `type`: that of the presence. */
export function isShown(payload: Payload, type: string | undefined, shown: Shown): boolean {
  const sort = sortOf(payload)
  if (sort === 'needed') return true
  if (sort === 'show') return shown.detail === 'full' || shown.detail === 'availability'
  // Who asks for a subscription, or answers, says nothing of how they are.
  if (sort === 'rest') return shown.detail === 'full' || (type !== undefined && type !== 'unavailable')
  return shown[sort]
}

/** Does presence of this kind tell that somebody is there, or was until now? Not to a room, and not from one. */
export const showsSomebody = (type: string | undefined, payloads: readonly Payload[]): boolean =>
  (type === undefined || type === 'unavailable') &&
  !payloads.some(({ namespace }) => namespace === NS.muc || namespace === NS.mucUser)

const KEYS = /^(?:eu\.siacs\.conversations\.axolotl\.|urn:xmpp:omemo:|urn:xmpp:openpgp:)/ // XEP-0384, XEP-0373
const OF_VCARD = /^urn:xmpp:(?:vcard4$|avatar:)/ // XEP-0292 §4, XEP-0084

/** Is what is published at these nodes shown? Of none: whatever users publish is meant. */
export function areNodesShown(nodes: readonly string[], shown: Shown): boolean {
  if (nodes.length === 0) return shown.pep
  return nodes.every((node) => KEYS.test(node) || (OF_VCARD.test(node) ? shown.vcard : shown.pep))
}

/** Does a stanza name nodes? Of nodes at which somebody publishes service discovery tells as well. XEP-0060 §5, XEP-0030 §3 */
export const namesNodes = (payloads: readonly Payload[]): boolean =>
  isPublished(payloads) || payloads.some(({ namespace }) => DISCOVERY.has(namespace))

const DISCOVERY: ReadonlySet<string> = new Set([NS.discoInfo, NS.discoItems])

/** An item that a server tells of when it is asked what belongs to an account (XEP-0030 §4.1): is it shown? */
export function isItemShown(
  { node, address }: { readonly node: string | undefined; readonly address: string | undefined },
  shown: Shown,
): boolean {
  // A client that is there, or a nick.
  if (shown.detail === 'none' && address?.includes('/') === true) return false
  return node === undefined || areNodesShown([node], shown)
}

/** Does a stanza tell what somebody publishes, or ask for it? */
export const isPublished = (payloads: readonly Payload[]): boolean =>
  payloads.some(({ namespace }) => PUBLISHED.has(namespace))

const PUBLISHED: ReadonlySet<string> = new Set([NS.pubsub, NS.pubsubOwner, NS.pubsubEvent])

/** What a question asks somebody for, as far as it is a part that is shown or not; `hasResource`: it asks a client of theirs. */
export function askedFor({ namespace }: Payload, hasResource: boolean): Part | undefined {
  const part = ASKED.get(namespace)
  return part === 'capabilities' && !hasResource ? undefined : part
}

/** Is it answered? With `none` parts are shown in rooms: since when an account has been idle tells whether somebody is there. */
export const isAnswered = (part: Part, shown: Shown): boolean =>
  shown[part] && (part !== 'idle' || shown.detail !== 'none')

const ASKED: ReadonlyMap<string, Part> = new Map<string, Part>([
  ['vcard-temp', 'vcard'], // XEP-0054
  ['urn:ietf:params:xml:ns:vcard-4.0', 'vcard'], // XEP-0292 §3
  ['jabber:iq:last', 'idle'], // XEP-0012
  [NS.discoInfo, 'capabilities'], // XEP-0030
  [NS.discoItems, 'capabilities'], // XEP-0030
  ['jabber:iq:version', 'capabilities'], // XEP-0092
  ['urn:xmpp:time', 'capabilities'], // XEP-0202: where they are, as far as a clock tells
  ['jabber:iq:time', 'capabilities'], // XEP-0090
  ['jabber:iq:browse', 'capabilities'], // XEP-0011
  ['jabber:iq:avatar', 'vcard'], // XEP-0008
])
