// Who of ours has to do with whom outside: whom they asked, approved or wrote to. Learnt from what they send, so that strangers
// can be told from those whom they know.
//
// Rule 1: only what ours do makes somebody known, or ends it. SECURITY: nothing that anybody outside does adds to it, or takes
//         from it; what they send keeps a relation that there is from being forgotten.
// Rule 2: who takes leave of somebody, and neither asks for nor grants their presence then, has nothing to do with them any more.
// Rule 3: forgotten is what was not used for so many days, and beyond `most` what was not used for longest.
// Rule 4: users of ours are told apart as the core does (`foldedAddress`); those outside by their canonical address, since two
//         whom our core would take for one may be two.

import type { Frame } from '../../xml/frame.ts'
import { bareAddress, foldedAddress, parseAddress, withoutResource } from '../../xmpp/address.ts'
import { Memo } from '../../xmpp/memo.ts'
import { actOf, MARKS } from './acts.ts'
import { Calendar, dayOf } from './calendar.ts'
import { Recent } from './recent.ts'
import { RelationTable } from './table.ts'

const DAY_MS = 86_400_000
/** A use is written down where the last one is longer ago than so many days. */
const RENEW_DAYS = 7
/** Of `most`, so many are forgotten at once when it is full. */
const SPARE = 1 / 128
/** Most changes that wait to be written. */
const MOST_UNSAVED = 100_000

export interface Relation {
  /** Bare, as `foldedAddress` gives it; a domain or a room of ours where it is that. */
  readonly user: string
  /** Bare, in canonical form. */
  readonly contact: string
  /** `MARKS`, added up; 0: it is over. */
  readonly marks: number
  /** Of its last use, in days since 1970. */
  readonly day: number
}

export interface RelationOptions {
  /** A keyed hash: at least 16 characters, each of them one octet, that nobody outside can foretell. */
  hash(text: string): string
  /** Milliseconds by a clock that nobody sets; absent: days go as the clock does. */
  steady?(): number
  /** Of the settings. */
  limits(): { readonly relations: number; readonly relationsKeptMs: number }
}

export interface RelationFigures {
  readonly known: number
  /** Changes that wait to be written, and those since the start that were too many for that. */
  readonly waiting: number
  readonly unsaved: number
  /** Forgotten since the start: not used for long, and those that made room. */
  readonly unused: number
  readonly displaced: number
}

/** Does our user know somebody outside? */
export interface Acquaintances {
  /** Addresses as they come, at this time (ms). */
  knows(user: string, contact: string, at: number): boolean
}

export class Relations implements Acquaintances {
  readonly #options: RelationOptions
  readonly #table = new RelationTable()
  readonly #calendar: Calendar
  readonly #recent = new Recent()
  readonly #users = new Memo<string>()
  readonly #contacts = new Memo<string>()
  #known = 0
  readonly #changes = new Map<string, Relation>()
  #unsaved = 0
  /** Of those, what is over and may still be kept. */
  #unsavedEnds = 0
  #unused = 0
  #displaced = 0
  #nextPart = 0

  constructor(options: RelationOptions) {
    this.#options = options
    this.#calendar = new Calendar(options.steady)
  }

  get figures(): RelationFigures {
    const [waiting, unsaved, unused, displaced] = [this.#changes.size, this.#unsaved, this.#unused, this.#displaced]
    return { known: this.#known, waiting, unsaved, unused, displaced }
  }

  /** So many since the start are known no more, and no change says so: whoever keeps them has to look for them. */
  get goneUnsaid(): number {
    return this.#unused + this.#displaced + this.#unsavedEnds
  }

  /** Of those, what was ended, and would be known again if nobody looked. */
  get endsUnsaid(): number {
    return this.#unsavedEnds
  }

  knows(user: string, contact: string, at: number): boolean {
    const day = this.#calendar.of(at)
    if (this.#recent.marks(user, contact, day) !== 0) return true
    const pair = this.#pair(user, contact)
    const entry = pair && this.#current(pair, day)
    if (pair === undefined || entry === undefined) return false
    const used = day - entry.day > RENEW_DAYS ? day : entry.day
    if (used !== entry.day) this.#put(pair, { marks: entry.marks, day: used })
    this.#recent.keep(user, contact, entry.marks, used + RENEW_DAYS)
    return true
  }

  /** Why and since when it is known; undefined: it is not. */
  find(user: string, contact: string, at: number): Relation | undefined {
    const pair = this.#pair(user, contact)
    const entry = pair && this.#current(pair, this.#calendar.of(at))
    return pair && entry && { ...pair, ...entry }
  }

  /** A stanza of ours has passed, at this time (ms). */
  learn(frame: Pick<Frame, 'name' | 'type' | 'from' | 'to' | 'payloads'>, at: number): void {
    const { makes, ends, onlyIfSet = false, renews } = actOf(frame)
    const { from = '', to = '' } = frame
    if (makes !== undefined) this.#note(from, to, makes, this.#calendar.of(at))
    else if (ends !== undefined) this.#part(from, to, ends, onlyIfSet)
    else if (renews) this.knows(from, to, at)
  }

  /** They have to do with each other, by these marks. False where it is no pair of addresses. */
  add(user: string, contact: string, marks: number, at: number): boolean {
    return this.#note(user, contact, marks, this.#calendar.of(at))
  }

  /** They have nothing to do with each other any more; false where they had not. */
  forget(user: string, contact: string): boolean {
    const pair = this.#pair(user, contact)
    return pair !== undefined && this.#delete(pair)
  }

  /** Takes what was kept, which is not a change. */
  restore(kept: Iterable<Relation>, at: number): void {
    const { relations: most } = this.#options.limits()
    const today = dayOf(at)
    let newest = 0
    for (const { user, contact, marks, day } of kept) {
      newest = Math.max(newest, Math.min(day, today))
      if (marks === 0 || this.#known >= most) continue
      if (this.#table.put(this.#hash({ user, contact }), { marks, day })) this.#known += 1
    }
    // What was used last says on which day that was, whatever the clock says now.
    this.#calendar.begin(newest > 0 ? newest : today)
    const since = this.#since(this.#calendar.of(at))
    for (let part = 0; part < this.#table.parts; part++) this.#known -= this.#table.forgetBefore(since, part)
  }

  /** Is what was kept still known? */
  has(pair: Pick<Relation, 'user' | 'contact'>): boolean {
    return this.#table.find(this.#hash(pair)) !== undefined
  }

  /** What is to be written, so many at most; it counts as written. */
  changes(most: number): readonly Relation[] {
    const taken = [...this.#changes.values().take(most)]
    for (const one of taken) this.#changes.delete(keyOf(one))
    return taken
  }

  /** It could not be written: it is still to be, unless something has changed since. */
  keepLater(taken: readonly Relation[]): void {
    for (const one of taken) if (!this.#changes.has(keyOf(one))) this.#change(one)
  }

  /** Forgets what is too old, in a part of all of them each time; gives how many. */
  tick(now: number): number {
    this.#calendar.turn(now)
    const part = this.#nextPart
    this.#nextPart = (part + 1) % this.#table.parts
    const gone = this.#forgetBefore(this.#since(this.#calendar.of(now)), part)
    this.#unused += gone
    return gone
  }

  #note(user: string, contact: string, marks: number, day: number): boolean {
    if ((this.#recent.marks(user, contact, day) & marks) === marks) return true
    const pair = this.#pair(user, contact)
    if (pair === undefined) return false
    const known = this.#current(pair, day)
    const all = (known?.marks ?? 0) | marks
    const used = known !== undefined && day - known.day <= RENEW_DAYS ? known.day : day
    if (known?.marks !== all || known.day !== used) this.#put(pair, { marks: all, day: used })
    this.#recent.keep(user, contact, all, used + RENEW_DAYS)
    return true
  }

  #part(user: string, contact: string, ended: number, onlyIfSet: boolean): void {
    const pair = this.#pair(user, contact)
    const known = pair && this.#table.find(this.#hash(pair))
    if (pair === undefined || known === undefined) return
    const left = known.marks & ~ended
    if (onlyIfSet && left === known.marks) return
    if ((left & (MARKS.asked | MARKS.approved)) === 0) return void this.#delete(pair)
    if (left !== known.marks) this.#put(pair, { marks: left, day: known.day })
    this.#recent.clear()
  }

  #put(pair: Pair, entry: { readonly marks: number; readonly day: number }): void {
    const { relations: most } = this.#options.limits()
    const hash = this.#hash(pair)
    if (this.#known >= most && this.#table.find(hash) === undefined) this.#makeRoom(most)
    if (this.#table.put(hash, entry)) this.#known += 1
    this.#change({ ...pair, ...entry })
  }

  #delete(pair: Pair): boolean {
    this.#recent.clear()
    if (!this.#table.delete(this.#hash(pair))) return false
    this.#known -= 1
    this.#change({ ...pair, marks: 0, day: 0 })
    return true
  }

  #makeRoom(most: number): void {
    const wanted = this.#known - most + Math.ceil(SPARE * most)
    const day = this.#table.dayOfOldest(wanted)
    if (day === undefined) return
    let gone = 0
    // Where many were last used on the same day, those of some parts make room.
    for (let parts = this.#table.parts; parts > 0 && gone < wanted; parts--) {
      this.#nextPart = (this.#nextPart + 1) % this.#table.parts
      gone += this.#forgetBefore(day, this.#nextPart)
    }
    this.#displaced += gone
  }

  #forgetBefore(day: number, part: number): number {
    const gone = this.#table.forgetBefore(day, part)
    this.#known -= gone
    if (gone > 0) this.#recent.clear()
    return gone
  }

  #change(relation: Relation): void {
    const key = keyOf(relation)
    if (this.#changes.size < MOST_UNSAVED || this.#changes.has(key)) return void this.#changes.set(key, relation)
    this.#unsaved += 1
    if (relation.marks === 0) this.#unsavedEnds += 1
  }

  /** What is known of them, unless it is too old. */
  #current(pair: Pair, day: number): { readonly marks: number; readonly day: number } | undefined {
    const entry = this.#table.find(this.#hash(pair))
    return entry !== undefined && entry.day >= this.#since(day) ? entry : undefined
  }

  #since(day: number): number {
    return day - Math.ceil(this.#options.limits().relationsKeptMs / DAY_MS)
  }

  #hash({ user, contact }: Pair): string {
    return this.#options.hash(`${user}\n${contact}`)
  }

  #pair(user: string, contact: string): Pair | undefined {
    const [ours, theirs] = [
      remembered(this.#users, user, foldedAddress),
      remembered(this.#contacts, contact, canonical),
    ]
    return ours === undefined || theirs === undefined ? undefined : { user: ours, contact: theirs }
  }
}

type Pair = Pick<Relation, 'user' | 'contact'>

const keyOf = ({ user, contact }: Pair): string => `${user}\n${contact}`

function remembered(memo: Memo<string>, text: string, read: (text: string) => string | undefined): string | undefined {
  const bare = withoutResource(text)
  const known = memo.get(bare)
  if (known !== undefined) return known
  const found = read(bare)
  if (found !== undefined) memo.keep(bare, found)
  return found
}

function canonical(bare: string): string | undefined {
  const address = parseAddress(bare)
  return address && bareAddress(address)
}

/** The two addresses as they are kept; undefined where one of them is none. */
export function pairOf(user: string, contact: string): Pair | undefined {
  const [ours, theirs] = [foldedAddress(user), canonical(withoutResource(contact))]
  return ours === undefined || theirs === undefined ? undefined : { user: ours, contact: theirs }
}
