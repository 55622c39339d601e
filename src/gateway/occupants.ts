// Who is behind the nicks in rooms, theirs and ours, as far as rooms tell (XEP-0045 §7.2.3): so that the words of somebody who is
// kept out do not come in by a room of somebody who is not, and those of somebody behind a wall do not go out by a room of ours.
//
// Rule 1: only what proven senders have said is learnt. A room that tells one of ours and not another (a semi-anonymous one its
//         moderators) has told; what takes leave is forgotten.
// Rule 2: bounded, in all and by whose room it is: who has much to tell pushes out what is known of his own.
// Rule 3: a room that names nobody hides its people; then it answers for them.

import type { Nicks } from '../policy/authors.ts'
import type { Frame } from '../xml/frame.ts'
import { bareAddress, foldedAddress, parseAddress, withoutResource } from '../xmpp/address.ts'
import { Memo } from '../xmpp/memo.ts'
import { NS } from '../xmpp/namespaces.ts'
import { occupants } from './content.ts'

export const MOST = 20_000
/** Of one partner's entry, or of one domain of ours. */
export const MOST_OF_ONE = 5000
/** More are behind no nick. */
const MOST_BEHIND = 4
/** Of a longer address the domain is known, but of what may be a decorated name all: in its localpart stands whose it is. XEP-0106 */
const LONGEST = 512
const DECORATED = '\\40'

/** Whose room it is that tells. */
export interface Teller {
  /** The domain of the partner's entry where there is one, or the room's. */
  readonly owner: string
  /** Of a room of ours only these domains, which are ours, are of interest; absent: all are. */
  readonly only?: ReadonlySet<string>
}

interface Occupant {
  readonly owner: string
  readonly behind: readonly string[]
}

export class Occupants implements Nicks {
  /** By the address in the room, the same for all spellings. */
  readonly #known = new Map<string, Occupant>()
  /** The same addresses by owner, from the one learnt first. */
  readonly #owned = new Map<string, Set<string>>()
  readonly #canonical = new Memo<string>()

  get size(): number {
    return this.#known.size
  }

  /** Takes presence from a room. */
  learn(frame: Frame, { owner, only }: Teller): void {
    const { name, from, type, payloads } = frame
    if (name !== 'presence' || from === undefined || !payloads.some(({ namespace }) => namespace === NS.mucUser)) return
    const nick = canonical(from)
    if (nick === undefined) return
    if (type === 'unavailable') return this.#forget(nick)
    const told = type === undefined ? occupants(frame) : []
    if (told.length === 0) return
    this.#forget(nick)
    const behind = addresses(told, only)
    if (behind.length > 0) this.#remember(nick, { owner, behind })
  }

  speaking(frame: Frame): readonly string[] {
    const { name, type } = frame
    if (name === 'presence' && type !== undefined && type !== 'unavailable') return NOBODY
    if (name === 'iq' && !isQuestion(type)) return NOBODY
    const behind = this.behind(frame.from)
    // Who comes with a name is who has the nick now.
    return behind.length > 0 && name === 'presence' && occupants(frame).length > 0 ? NOBODY : behind
  }

  hearing({ name, type, to }: Frame): readonly string[] {
    return (name === 'message' && type !== 'error') || (name === 'iq' && isQuestion(type)) ? this.behind(to) : NOBODY
  }

  /** Who is behind a nick, as far as it is known. */
  behind(text: string | undefined): readonly string[] {
    if (this.#known.size === 0 || text === undefined || !text.includes('/')) return NOBODY
    const plain = this.#known.get(text)
    if (plain !== undefined) return plain.behind
    let nick = this.#canonical.get(text)
    if (nick === undefined) this.#canonical.keep(text, (nick = canonical(text) ?? text))
    return (nick === text ? undefined : this.#known.get(nick)?.behind) ?? NOBODY
  }

  #remember(nick: string, occupant: Occupant): void {
    const { owner } = occupant
    const own = this.#owned.get(owner) ?? new Set()
    if (own.size >= MOST_OF_ONE) this.#forgetFirst(own)
    else if (this.#known.size >= MOST) this.#forgetFirst(own.size * this.#owned.size >= MOST ? own : this.#largest())
    this.#known.set(nick, occupant)
    this.#owned.set(owner, own.add(nick))
  }

  #largest(): ReadonlySet<string> {
    let largest: ReadonlySet<string> = new Set()
    for (const own of this.#owned.values()) if (own.size > largest.size) largest = own
    return largest
  }

  #forgetFirst(own: ReadonlySet<string>): void {
    for (const first of own) return this.#forget(first)
  }

  #forget(nick: string): void {
    const occupant = this.#known.get(nick)
    if (occupant === undefined) return
    this.#known.delete(nick)
    const own = this.#owned.get(occupant.owner)
    own?.delete(nick)
    if (own?.size === 0) this.#owned.delete(occupant.owner)
  }
}

const NOBODY: readonly string[] = []

const isQuestion = (type: string | undefined): boolean => type === 'get' || type === 'set'

/** A nick as it is known; undefined where it is no address. */
function canonical(text: string): string | undefined {
  const address = parseAddress(text)
  return address && `${foldedAddress(text)}/${address.resource ?? ''}`
}

/** What is kept of those that a room names. */
function addresses(told: readonly string[], only: ReadonlySet<string> | undefined): readonly string[] {
  const kept = new Set<string>()
  for (const text of told) {
    const address = parseAddress(withoutResource(text))
    if (address === undefined || only?.has(address.domain) === false) continue
    const bare = bareAddress(address)
    // Copied, since a part of a text keeps all of it in memory.
    const isTooLong = bare.length > LONGEST && !bare.includes(DECORATED)
    kept.add(Buffer.from(isTooLong ? address.domain : bare).toString())
    if (kept.size === MOST_BEHIND) break
  }
  return [...kept]
}
