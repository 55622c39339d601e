// The facts of one stanza that wants to cross: all that the rules judge by. Plain data that survives JSON, so that "why
// was this refused?" can be answered later by running the rules on what was recorded. No contents, only the names of
// what the stanza carries.

import type { Frame, Payload } from '../xml/frame.ts'
import { formatAddress, parseAddress, type Address } from '../xmpp/address.ts'
import { parseDomain } from '../xmpp/domain.ts'
import { classTerms } from './classes.ts'
import { type Author, authorsIn, type Nicks } from './authors.ts'
import type { Judging } from './judging.ts'
import type { ConductState } from './conduct/conduct.ts'
import type { Limits } from './limits/sentry.ts'
import type { Direction, FederationMode } from './partner.ts'
import type { PartnerList, PartnerTerms } from './partners.ts'
import type { Acquaintances } from './relations/relations.ts'
import { namesNodes, type Shown } from './shown.ts'
import type { Standing } from './whom/clause.ts'
import { JINGLE, REFERENCE } from './whom/kinds.ts'
import type { Whom } from './whom/whom.ts'

export type StanzaKind = 'message' | 'presence' | 'iq'
export type Side = 'from' | 'to'

export interface Facts {
  readonly direction: Direction
  readonly kind: StanzaKind
  readonly type: string | undefined
  readonly id: string | undefined
  /** In canonical form; the text as it came where it is malformed; undefined where the stanza names nobody. */
  readonly from: string | undefined
  readonly to: string | undefined
  /** Canonical; undefined where not even a domain can be read. */
  readonly fromDomain: string | undefined
  readonly toDomain: string | undefined
  /** Which of the two break the rules for addresses. RFC 7622 §3 */
  readonly malformed: readonly Side[]
  /** The domains that have proven on its stream that they may speak to this recipient. */
  readonly provenDomains: readonly string[]
  /** The only domain that its stream is for, where there is one: the name of a component. */
  readonly streamFor?: string
  /** The domain that proved itself and says whose it is, where its sender has a decorated name there. XEP-0106 */
  readonly via?: string | undefined
  readonly payloads: readonly Payload[]
  readonly bytes: number
  /** The terms of the outside party; undefined where no entry covers it. */
  readonly partner: PartnerTerms | undefined
  /** What the outside party is shown of our users; absent: all there is. */
  readonly shown?: Shown | undefined
  /** How the domain outside has to be met for its conduct; absent: as any other. */
  readonly conduct?: ConductState | undefined
  /** What policies say of the user inside and the outside party; absent where they say nothing. */
  readonly whom?: Standing | undefined
  /** Who else has a part in it, and is judged. */
  readonly authors?: readonly Author[] | undefined
  /** Does our user know who sends it? Absent where it does not matter: it may come from anybody. */
  readonly acquainted?: boolean | undefined
  /** Namespaces of what Jingle or references describe, where they do. XEP-0166 §7.2, XEP-0385 §3 */
  readonly described?: readonly string[] | undefined
  /** Names of the nodes of which it tells or asks, where the partner is not shown everything. XEP-0060, XEP-0163 */
  readonly nodes?: readonly string[] | undefined
  /** Are both in one room? Asked of questions, and of words for a room, of a partner that is shown nobody. */
  readonly inRoom?: boolean | undefined
  readonly mode: FederationMode
  /** The domains we speak for. */
  readonly ours: readonly string[]
  /** Unix time in milliseconds. */
  readonly at: number
}

/** Who speaks to whom, and on what terms. */
export type PairFacts = Omit<Facts, 'kind' | 'type' | 'id' | 'payloads' | 'bytes' | Told>

/** What is said, in which direction and under which entry. */
export type StanzaFacts = Pick<
  Facts,
  'direction' | 'from' | 'to' | 'kind' | 'type' | 'id' | 'payloads' | 'partner' | 'shown' | Told
>

/** What is known of the users on both sides, and found inside. */
type Told = 'whom' | 'acquainted' | 'authors' | 'described' | 'nodes' | 'inRoom'

/** What does not change from stanza to stanza of a stream, until the settings do. */
export interface Crossing {
  readonly direction: Direction
  /** Who has proven on the stream that it may speak to a domain; undefined: to one that cannot be read. */
  provenTowards(toDomain: string | undefined): readonly string[]
  /** The only domain that the stream is for; absent: any. */
  readonly streamFor?: string
  /** What comes is from people who have decorated names at this domain. */
  readonly via?: string | undefined
  readonly partners: PartnerList
  readonly mode: FederationMode
  readonly ours: readonly string[]
  /** Absent: no policy says anything. */
  readonly whom?: Whom
  /** Keeps the figures of rules; absent: nobody does. */
  readonly judging?: Judging
  /** Whom our users know; absent: nobody knows anybody. */
  readonly relations?: Acquaintances | undefined
  /** How a domain outside has to be met for its conduct, by the terms of its entry; absent: as any other. */
  conduct?(domain: string, partner: PartnerTerms | undefined): ConductState
  /** The addresses of whose words a stanza carries, and of whom it tells, as written. */
  authors?(frame: Frame): readonly string[]
  readonly nicks?: Nicks
  /** Namespaces of what is described in Jingle or in references of a stanza. */
  described?(frame: Frame): readonly string[]
  /** Absent: what is sent is held against nothing. */
  readonly limits?: Limits
  /** Names of the nodes of which a stanza tells or asks. */
  nodes?(frame: Frame): readonly string[]
  /** Is one of the two in the room that the other is in, or is? As far as is remembered. */
  inRoom?(frame: Frame): boolean
}

/** The facts of a stanza. `frame` is a message, presence or iq; `at` is Unix time in milliseconds. */
export function gatherFacts(frame: Frame, crossing: Crossing, at: number): Facts {
  const { direction, partners, mode, ours } = crossing
  const from = parse(frame.from)
  const to = parse(frame.to)
  const fromDomain = from === undefined ? readDomain(frame.from) : from.domain
  const toDomain = to === undefined ? readDomain(frame.to) : to.domain
  const outside = direction === 'inbound' ? speaker(crossing, fromDomain) : toDomain
  const partner = outside === undefined ? undefined : partners.terms(outside)
  const user = direction === 'inbound' ? frame.to : frame.from
  const whom = crossing.whom
    ?.towards(partner)
    ?.of(user ?? '')
    ?.at(at)
  const conduct = outside === undefined ? undefined : crossing.conduct?.(outside, partner)
  const described = describedIn(frame, crossing)
  const shown = partners.shownUnder(partner)
  const nodes = nodesIn(frame, crossing, shown)
  const inRoom = inRoomOf(frame, crossing, shown)
  const authors = authorsIn(frame, crossing, partner, at)
  const acquainted = needsAcquaintance(direction, { partner, mode, conduct })
    ? (crossing.relations?.knows(frame.to ?? '', frame.from ?? '', at) ?? false)
    : undefined
  return {
    direction,
    kind: stanzaKind(frame.name) ?? 'message',
    type: frame.type,
    id: frame.id,
    from: from === undefined ? frame.from || undefined : formatAddress(from),
    to: to === undefined ? frame.to || undefined : formatAddress(to),
    fromDomain,
    toDomain,
    malformed: malformed(from === undefined && isGiven(frame.from), to === undefined && isGiven(frame.to)),
    provenDomains: provenIn(crossing, fromDomain, toDomain),
    ...(crossing.via === undefined ? {} : { via: crossing.via }),
    ...(crossing.streamFor === undefined ? {} : { streamFor: crossing.streamFor }),
    payloads: frame.payloads,
    bytes: frame.bytes.length,
    partner,
    ...(shown && { shown }),
    ...(conduct !== undefined && conduct !== 'normal' && { conduct }),
    ...(whom && { whom }),
    ...(acquainted !== undefined && { acquainted }),
    ...(authors && authors.length > 0 && { authors }),
    ...(described && { described }),
    ...(nodes && { nodes }),
    ...(inRoom !== undefined && { inRoom }),
    mode,
    ours,
    at,
  }
}

/** Who is outside: a provider itself, where it names somebody whom it does not serve. */
const speaker = ({ via, partners }: Crossing, from: string | undefined): string | undefined =>
  via === undefined || from === undefined || partners.behind(from) === via ? from : via

/** Who has proven to speak for people whom it serves is as good as they are. */
function provenIn(crossing: Crossing, from: string | undefined, to: string | undefined): readonly string[] {
  const proven = crossing.provenTowards(to)
  const { via } = crossing
  if (via === undefined || from === undefined || speaker(crossing, from) !== from) return proven
  return proven.includes(via) ? [...proven, from] : proven
}

/** Who has proven to have sent it: the domain that it is from, or the one that says whose it is; undefined: neither. */
export function provenSender({
  fromDomain,
  via,
  provenDomains,
}: Pick<Facts, 'fromDomain' | 'via' | 'provenDomains'>): string | undefined {
  if (fromDomain !== undefined && provenDomains.includes(fromDomain)) return fromDomain
  return via !== undefined && provenDomains.includes(via) ? via : undefined
}

/**
 * Must who sends it be known to whom it is for? Where the class of their entry says so, or the mode of those in no entry, and of
 * whom is watched for their conduct.
 */
export const needsAcquaintance = (
  direction: Direction,
  { partner, mode, conduct }: Pick<Facts, 'partner' | 'mode' | 'conduct'>,
): boolean => {
  if (direction === 'outbound') return false
  if (conduct === 'watch') return true
  return partner === undefined ? mode === 'limited' : !classTerms(partner.class).mayBegin
}

/** Which kind of stanza an element of this name is; undefined when it is none. RFC 6120 §8. */
export const stanzaKind = (name: string): StanzaKind | undefined =>
  name === 'message' || name === 'presence' || name === 'iq' ? name : undefined

/** Has it something in it that says what the stanza is? */
export const isDescribed = ({ name, payloads }: Frame): boolean =>
  payloads.some(({ namespace }) => namespace === REFERENCE || (namespace === JINGLE && name === 'iq'))

/** What is described in it; undefined where nothing is. */
export const describedIn = (frame: Frame, { described }: Crossing): readonly string[] | undefined =>
  isDescribed(frame) ? described?.(frame) : undefined

/** The nodes that are judged of it; undefined where none are. */
export const nodesIn = (frame: Frame, { nodes }: Crossing, shown: Shown | undefined): readonly string[] | undefined =>
  shown !== undefined && namesNodes(frame.payloads) ? nodes?.(frame) : undefined

/** Does it matter whether both are in one room? Of what a server answers otherwise for a client that is not there. RFC 6121 §8.5.3.2 */
export const isAskedInRoom = (
  { name, type }: Pick<Frame, 'name' | 'type'>,
  direction: Direction,
  shown: Shown | undefined,
): boolean =>
  direction === 'inbound' && shown?.detail === 'none' && (name === 'iq' || (name === 'message' && type === 'groupchat'))

/** Are both in one room, where that matters? */
export const inRoomOf = (
  frame: Frame,
  { direction, inRoom }: Crossing,
  shown: Shown | undefined,
): boolean | undefined => (isAskedInRoom(frame, direction, shown) ? inRoom?.(frame) : undefined)

// An empty `from` or `to` names nobody. RFC 6120 §4.9.3.7
const isGiven = (text: string | undefined): text is string => text !== undefined && text !== ''

const parse = (text: string | undefined): Address | undefined => (isGiven(text) ? parseAddress(text) : undefined)

// The domain of an address whose other parts are malformed, so that its sender can still be held to it.
function readDomain(text: string | undefined): string | undefined {
  if (!isGiven(text)) return undefined
  const slash = text.indexOf('/')
  const bare = slash === -1 ? text : text.slice(0, slash)
  return parseDomain(bare.slice(bare.indexOf('@') + 1))
}

const NONE: readonly Side[] = []

function malformed(from: boolean, to: boolean): readonly Side[] {
  if (!from && !to) return NONE
  return from && to ? ['from', 'to'] : [from ? 'from' : 'to']
}
