// Presence taken back and asked for again: what has to be said is in the table of presences, and is said at the pace of the
// links, which have stanzas of people to carry too.
//
// Rule 1: whoever is told is off the table, or waits there to be asked for, before the words leave; what could not be
//         delivered comes back into the table and is said when there is a stream again.
// Rule 2: nothing is said to a peer that is lost, or no longer admitted.

import { attribute } from '../../xml/write.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { Leg } from '../leg.ts'
import type { Link } from '../links/link.ts'
import { bareOf, type Spelling } from '../names.ts'
import type { Presences } from './presences.ts'
import type { Belief, Sight, Sights } from './sights.ts'

export interface TakingBackOptions {
  readonly presences: Presences
  /** Of everything that is said: who answers with an error answers us. */
  readonly id: string
  isOurs(domain: string): boolean
  /** May anything be said to this domain now? */
  reachable(domain: string): boolean
  /** May one see the other, as things stand? */
  mayBeSeen(sight: Sight): boolean
  /** Our way to a domain on behalf of another; undefined when all places are taken. */
  link(leg: Leg, local: string, remote: string): Pick<Link, 'send' | 'waiting'> | undefined
  /** The address of somebody outside as ours have it; absent: the same. */
  address?(outside: Spelling): Spelling
  /** Answers about these are awaited from now on. */
  awaits(sights: Sights): void
  /** How many may wait for one link before we wait too. */
  room(): number
}

/** Whose presence it is, and who hears of it. */
interface Ends extends Pick<Sight, 'role'> {
  readonly from: Spelling
  readonly to: Spelling
}

/** Most that is said on one link in one round. */
const ROUND = 200

export class TakingBack {
  readonly #options: TakingBackOptions

  constructor(options: TakingBackOptions) {
    this.#options = options
  }

  /** Says the next part of what has to be said. True when there is more. */
  round(): boolean {
    const { presences } = this.#options
    let more = false
    for (const sights of presences.all()) {
      if (sights.waiting('due').size > 0 && this.#tell(sights)) more = true
      if (sights.waiting('ask').size > 0 && this.#ask(sights)) more = true
      if (sights.waiting('doubted').size > 0 && this.#makeSure(sights)) more = true
    }
    return more
  }

  /** Off the table: those who are told are asked for later, or at once if that may be, or forgotten. */
  told(sight: Sight): void {
    const { presences, reachable, mayBeSeen } = this.#options
    if (!mayBeAsked(sight)) return presences.forget(sight)
    const isAsked = reachable(sight.from.domain) && reachable(sight.to.domain) && mayBeSeen(sight)
    presences.turn(sight, isAsked ? 'ask' : 'taken')
  }

  #tell(sights: Sights): boolean {
    const { presences, reachable, id } = this.#options
    if (!reachable(sights.to)) return this.#all(sights, 'due', 'owed')
    return this.#say(sights, 'due', sights.from, sights.to, (sight) => {
      this.told(sight)
      return { bytes: farewell(this.#inside(sight, false), id), undelivered: () => presences.missed(sight, 'owed') }
    })
  }

  #ask(sights: Sights): boolean {
    const { presences, reachable, id } = this.#options
    if (!reachable(sights.from) || !reachable(sights.to)) return this.#all(sights, 'ask', 'taken')
    return this.#say(sights, 'ask', sights.to, sights.from, (sight) => {
      // One question for all resources of both.
      for (const other of sights.between(bareOf(sight.from), bareOf(sight.to))) {
        if (other.belief === 'ask') presences.forget(other)
      }
      return { bytes: probe(this.#inside(sight, true), id), undelivered: () => presences.missed(sight, 'taken') }
    })
  }

  /** Asks for those who are believed in: who does not show themselves again is gone. */
  #makeSure(sights: Sights): boolean {
    const { presences, reachable, awaits, id } = this.#options
    if (!reachable(sights.from) || !reachable(sights.to)) return false
    awaits(sights)
    return this.#say(sights, 'doubted', sights.to, sights.from, (sight) => {
      const asked = sights.between(bareOf(sight.from), bareOf(sight.to)).filter(({ belief }) => belief === 'doubted')
      for (const one of asked) sights.turn(one, 'awaited')
      const undelivered = (): void => {
        for (const one of asked) if (one.belief === 'awaited') presences.turn(one, 'seen')
      }
      return { bytes: probe(this.#inside(sight, true), id), undelivered }
    })
  }

  /** As one of ours has it: people behind a provider have their own addresses. Whoever is asked about is ours as well. */
  #inside(sight: Sight, isProbe: boolean): Ends {
    const { isOurs } = this.#options
    const hears = isProbe ? sight.from : sight.to
    if (!isOurs(hears.domain)) return sight
    const [from, to] = isProbe ? [sight.from, this.#address(sight.to)] : [this.#address(sight.from), sight.to]
    return { from, to, role: sight.role }
  }

  #address(outside: Spelling): Spelling {
    return this.#options.address?.(outside) ?? outside
  }

  #all(sights: Sights, before: Exclude<Belief, 'seen'>, after: Belief): false {
    for (const sight of sights.waiting(before)) sights.turn(sight, after)
    return false
  }

  #say(
    sights: Sights,
    belief: 'due' | 'ask' | 'doubted',
    local: string,
    remote: string,
    words: (sight: Sight) => { readonly bytes: Buffer; undelivered(): void },
  ): boolean {
    const { isOurs, link: linkTo, room } = this.#options
    const link = linkTo(isOurs(remote) ? 'core' : 'partner', local, remote)
    const inside = isOurs(remote) && this.#options.address !== undefined
    let said = 0
    for (const sight of sights.waiting(belief)) {
      if (!link || said >= ROUND || link.waiting >= room()) return true
      said += 1
      const other = inside ? this.#address(isOurs(sight.to.domain) ? sight.from : sight.to).domain : local
      const way = other === local ? link : (linkTo('core', other, remote) ?? link)
      way.send({ ...words(sight), frame: undefined, source: undefined })
    }
    return false
  }
}

/** Is there a server that knows whether they are there? Rooms show presence of their own, and have none to give. */
export function mayBeAsked({ from, role, over }: Sight): boolean {
  const isRoom = from.text === from.bare && from.bare !== from.domain
  return role === 'contact' && !over && !isRoom
}

/** That somebody is gone. Occupants go from their room, which is what closes it for whoever sees himself go. XEP-0045 §7.14, §16.1 */
export function farewell({ from, to, role }: Ends, id: string): Buffer {
  const head = `<presence type='unavailable'${attribute('id', id)}${attribute('from', from.wire)}${attribute('to', to.wire)}`
  if (role === 'contact' || role === 'guest') return Buffer.from(`${head}/>`)
  const codes = role === 'self' ? "<status code='110'/><status code='332'/>" : ''
  return Buffer.from(`${head}><x xmlns='${NS.mucUser}'><item affiliation='none' role='none'/>${codes}</x></presence>`)
}

/** That somebody is there, and nothing else. */
export const greeting = ({ from, to }: Sight, id: string): Buffer =>
  Buffer.from(`<presence${attribute('id', id)}${attribute('from', from.wire)}${attribute('to', to.wire)}/>`)

/** Is the contact there? Asked for whoever saw them. RFC 6121 §4.3 */
function probe({ from, to }: Pick<Ends, 'from' | 'to'>, id: string): Buffer {
  return Buffer.from(
    `<presence type='probe'${attribute('id', id)}${attribute('from', bareWire(to))}${attribute('to', bareWire(from))}/>`,
  )
}

function bareWire({ wire }: Spelling): string {
  const slash = wire.indexOf('/')
  return slash === -1 ? wire : wire.slice(0, slash)
}
