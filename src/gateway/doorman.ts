// Stands at rooms of ours: who from outside may enter, among how many organisations, and whether somebody who enters makes a room
// that was not there (XEP-0045 §10.1). What is known of rooms is in `policy/rooms.ts`.
//
// Rule 1: who may not enter is refused before the room hears of it, and hears what those hear whom a wall keeps out.
// Rule 2: whether a room is there only the core knows. Who has made one and may not is out of it again at once, by which it is gone, and
//         hears the same; that they were in it they do not hear.
// Rule 3: who goes out hears nothing more of the room but that.

import type { Decision } from '../policy/checkpoint.ts'
import { standingOf } from '../policy/conduct/standing.ts'
import type { Facts } from '../policy/facts.ts'
import type { Passage } from '../policy/passages.ts'
import { type NoEntry, type Occupant, type Place, Rooms } from '../policy/rooms.ts'
import { TO_OUTSIDERS } from '../policy/whom/clause.ts'
import type { Frame } from '../xml/frame.ts'
import type { Asked } from '../xml/stanza-error.ts'
import { foldedAddress, parseAddress, withoutResource } from '../xmpp/address.ts'
import { NS } from '../xmpp/namespaces.ts'
import { statuses } from './content.ts'
import type { House } from './house.ts'

type Refuse = Extract<Decision, { verdict: 'refuse' }>

/** What becomes of a stanza that has to do with a room, and what follows. */
export interface Met {
  /** It ends here, refused or unsaid; absent: it goes on. */
  readonly ends?: Refuse | 'withheld'
  /** Who is told that it is refused, in the place of its sender. */
  readonly told?: Asked
  /** Those who are out of the room from now on. */
  readonly out?: readonly Occupant[]
}

/** Who is out and may not have heard of it: they made the room, or are too many. */
interface Shut {
  readonly why: 'made' | 'crowded'
  readonly at: number
  /** The room has said so; what it says of itself may still come. */
  readonly isGone?: true
}

const MOST_SHUT = 1000
/** A room that has not said for so long that somebody is out never will. */
const SHUT_MS = 60_000

export class Doorman {
  readonly rooms = new Rooms()
  readonly #house: () => House
  /** By the room and the full address. */
  readonly #shut = new Map<string, Shut>()

  constructor(house: () => House) {
    this.#house = house
  }

  /** Undefined: it has nothing to do with rooms, or may go on. Only presence does, unless somebody has just been put out. */
  meets(frame: Frame, passage: Passage, at: number): Met | undefined {
    if (frame.name !== 'presence') return this.#shut.size > 0 ? this.#unsaid(frame, passage, at) : undefined
    return passage.direction === 'inbound' ? this.#comes(frame, passage, at) : this.#shows(frame, passage, at)
  }

  /** What a room says does not cross: who is out of it by that is out, whether they hear of it or not. */
  unheard(
    frame: Frame,
    { direction, toDomain = '', partner }: Pick<Facts, 'direction' | 'toDomain' | 'partner'>,
  ): void {
    if (frame.name !== 'presence' || direction !== 'outbound' || this.rooms.size === 0) return
    const { type, from = '', to = '' } = frame
    const place = placeOf(from, to, standingOf(toDomain, partner, this.#house().partners))
    if (place === undefined) return
    if (type === 'error') this.rooms.refused(place)
    else if (type === 'unavailable') this.#goes(frame, place, statuses(frame))
  }

  #comes(frame: Frame, passage: Passage, at: number): Met | undefined {
    const { type, payloads, from = '', to = '' } = frame
    if (type !== undefined && type !== 'unavailable') return undefined
    const says = payloads.some(({ namespace }) => namespace === NS.muc)
    if (!says && (this.rooms.size === 0 || !to.includes('/'))) return undefined
    const place = placeOf(to, from, passage.standing)
    if (place === undefined) return undefined
    if (type === 'unavailable') {
      this.rooms.left(place)
      return undefined
    }
    // A room may let in who does not say that they enter, as before XEP-0045.
    if (!says && !this.rooms.has(place.room)) return undefined
    const { most, counts } = this.#terms()
    const against = this.rooms.enters(place, { address: from, nick: to }, most, counts, at)
    if (against === undefined && this.#shut.get(keyOf(place))?.isGone) this.#shut.delete(keyOf(place))
    return against && { ends: refusal(against) }
  }

  #shows(frame: Frame, passage: Passage, at: number): Met | undefined {
    const { type, payloads, from = '', to = '' } = frame
    const place = placeOf(from, to, passage.standing)
    if (type === 'error') {
      if (place !== undefined) this.rooms.refused(place)
      return undefined
    }
    if (!payloads.some(({ namespace }) => namespace === NS.mucUser)) return this.#ofItself(frame, place, passage, at)
    if (place === undefined || (type !== undefined && type !== 'unavailable')) return undefined
    const codes = statuses(frame)
    if (type === 'unavailable') return this.#goes(frame, place, codes)
    if (this.#shut.size > 0 && this.#isShut(place, at)) return { ends: 'withheld' }
    if (codes.includes(MADE) && !mayMake(passage.facts(frame, at).whom?.decides.allow)) {
      this.#shutOut(place, { why: 'made', at })
      this.rooms.left(place)
      const against: NoEntry = { reason: 'SP-172', detail: `room=${place.room}, user=${to}` }
      const told = { name: 'presence', type: undefined, id: undefined, from: to, to: from } as const
      return { ends: { ...refusal(against), silent: true }, told, out: [{ address: to, nick: from }] }
    }
    const nick = codes.includes(SELF) ? from : undefined
    const out = this.rooms.shows(place, { address: to, nick }, this.#terms().most, at)
    for (const { address } of out) {
      const gone = placeOf(from, address, '')
      if (gone !== undefined) this.#shutOut(gone, { why: 'crowded', at })
    }
    return out.length > 0 ? { out } : undefined
  }

  /** Somebody goes, or is put out; who takes another nick does not. XEP-0045 §7.6, §7.14, §9.1 */
  #goes({ from }: Frame, place: Place, codes: readonly string[]): Met | undefined {
    const shut = this.#shut.get(keyOf(place))
    const isSelf = codes.includes(SELF) || this.rooms.nickOf(place) === from
    if (isSelf && !codes.includes(OTHER_NICK)) {
      this.rooms.left(place)
      if (shut?.why === 'made') this.#shut.set(keyOf(place), { ...shut, isGone: true })
      else this.#shut.delete(keyOf(place))
    }
    return shut?.why === 'made' && shut.isGone !== true ? { ends: 'withheld' } : undefined
  }

  /** What else a room says to who is out of it. */
  #unsaid({ from = '', to = '' }: Frame, { direction }: Passage, at: number): Met | undefined {
    const place = direction === 'outbound' ? placeOf(from, to, '') : undefined
    return place && this.#isShut(place, at) ? { ends: 'withheld' } : undefined
  }

  /**
   * The presence of a room itself: whoever made it and may not does not hear of it by that either, nor before it is known who made it.
   * COMPAT: ejabberd 23.01 shows a room to who enters it, with its capabilities, before it lets them in, and takes leave when it is gone.
   */
  #ofItself(frame: Frame, place: Place | undefined, passage: Passage, at: number): Met | undefined {
    if (place === undefined || frame.from?.includes('/') !== false) return undefined
    const mayHaveMade = this.rooms.asks(place) && !mayMake(passage.facts(frame, at).whom?.decides.allow)
    return mayHaveMade || this.#shutAt(place, at)?.why === 'made' ? { ends: 'withheld' } : undefined
  }

  #isShut(place: Place, at: number): boolean {
    const shut = this.#shutAt(place, at)
    return shut !== undefined && shut.isGone !== true
  }

  #shutAt(place: Place, at: number): Shut | undefined {
    const shut = this.#shut.get(keyOf(place))
    if (shut === undefined || at - shut.at < SHUT_MS) return shut
    this.#shut.delete(keyOf(place))
    return undefined
  }

  #shutOut(place: Place, shut: Shut): void {
    if (this.#shut.size >= MOST_SHUT) for (const first of this.#shut.keys()) if (this.#shut.delete(first)) break
    this.#shut.set(keyOf(place), shut)
  }

  /** Among how many organisations somebody may be in a room; undefined: however many. */
  mostOf(domain: string): number | undefined {
    return this.#terms().most(domain)
  }

  #terms(): { most(organisation: string): number | undefined; readonly counts: boolean } {
    const { partners, settings } = this.#house()
    const all = settings.policy.rooms?.organisations
    return {
      most: (organisation) => partners.find(organisation)?.rooms?.organisations ?? all,
      counts: all !== undefined || partners.countsOrganisations,
    }
  }
}

const [SELF, MADE, OTHER_NICK] = ['110', '201', '303'] as const

/** May somebody for whom this may cross make rooms? */
const mayMake = (allow: 'all' | 'none' | readonly string[] = 'all'): boolean =>
  allow === 'all' || (allow !== 'none' && allow.includes('room-setup'))

const refusal = ({ reason, detail }: NoEntry): Refuse => ({
  ...{ verdict: 'refuse', rule: 'rooms', reason, detail },
  ...TO_OUTSIDERS,
})

const keyOf = ({ room, user }: Place): string => `${room}\n${user}`

/** Of a nick and a full address; undefined where there is no room. */
function placeOf(nick: string, text: string, organisation: string): Place | undefined {
  const room = nick.includes('@') ? foldedAddress(withoutResource(nick)) : undefined
  const bare = foldedAddress(withoutResource(text))
  const user = parseAddress(text)
  if (room === undefined || bare === undefined) return undefined
  return { room, organisation, user: `${bare}/${user?.resource ?? ''}` }
}
