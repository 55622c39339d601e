// Two servers as far as presence goes, the ledgers between them, and ways between all that break and are mended.

import assert from 'node:assert/strict'
import { mock } from 'node:test'
import type { House } from '../../../src/gateway/house.ts'
import { Ledgers } from '../../../src/gateway/ledgers/ledgers.ts'
import type { Link } from '../../../src/gateway/links/link.ts'
import type { Parcel } from '../../../src/gateway/links/parcels.ts'
import type { Question } from '../../../src/gateway/ledgers/questions.ts'
import { Streams } from '../../../src/gateway/streams.ts'
import type { Stream, StreamEnd } from '../../../src/net/stream.ts'
import { Rooms } from '../../../src/policy/rooms.ts'
import { type ShownAsWritten, shownWith } from '../../../src/policy/shown.ts'
import { parseFragment } from '../../../src/xml/fragment.ts'
import type { Frame } from '../../../src/xml/frame.ts'

export const OURS = 'corp.example'
export const THEIRS = 'partner.example'
export const BROKEN = { by: 'network', reason: 'SP-214', reference: 'r', detail: '', condition: undefined } as const
export const GOOD_BYE = { by: 'peer', reason: 'SP-464', reference: 'r', detail: '', condition: undefined } as const
export const RETURN_MS = 5000

const APART = {
  user: OURS,
  decides: { is: 'wall', name: 'wall x', place: undefined, allow: 'none', direction: 'both' },
  reports: [],
}

export type Side = 'core' | 'partner'
export const other = (side: Side): Side => (side === 'core' ? 'partner' : 'core')
export const bareOf = (address: string): string => address.replace(/\/.*/, '')
export const sideOf = (address: string): Side => (address.includes(OURS) ? 'core' : 'partner')
export const whoOf = (one: string): string => one.replace(/ .*/, '')
export const key = (from: string, to: string): string => `${from} ${to}`

export function frameOf(text: string): Frame {
  const read = parseFragment(text)
  assert.ok(read.ok, text)
  return read.frame
}

export const presence = (from: string, to: string, type?: string): Frame =>
  frameOf(`<presence from='${from}' to='${to}'${type ? ` type='${type}'` : ''}/>`)

/** Both servers as far as presence goes: who is there, whom they show themselves to, and what the other side believes. */
export class World {
  readonly ledgers: Ledgers
  readonly #streams = new Streams()
  readonly truth = new Set<string>()
  readonly belief = new Set<string>()
  /** Shown, and delivered when it was last shown. */
  readonly delivered = new Set<string>()
  readonly up: Record<Side, boolean> = { core: true, partner: true }
  readonly said: string[] = []
  readonly answered: Question[] = []
  readonly rooms = new Rooms()
  readonly told: { readonly contacts: number; readonly occupants: number; readonly reason: string }[] = []
  /** How often all seats in rooms were gone over. */
  goneOver = 0
  blocked = false
  /** A wall stands between all. */
  apart = false
  shown: ShownAsWritten | undefined
  /** Does our domain belong to somebody else now? */
  given = false
  readonly #ours = new Set([OURS, `conference.${OURS}`])
  /** Does a server say that somebody is not there? */
  answersProbes = true
  reached = 0
  #now = 1_000_000
  readonly #open: Record<Side, Stream[]> = { core: [], partner: [] }

  constructor(limits: Readonly<Record<string, number>> = {}) {
    const house = {
      ours: this.#ours,
      isOurs: (domain: string) => !this.given && domain.endsWith(OURS),
      admission: () => (this.blocked ? 'SP-102' : undefined),
      partners: {
        find: () => undefined,
        behind: (domain: string) => (domain === 'served.example' ? THEIRS : undefined),
        terms: () => undefined,
        shownUnder: () => this.shown && shownWith(this.shown),
      },
      whom: { towards: () => (this.apart ? { of: () => ({ at: () => APART }) } : undefined) },
      settings: {
        limits: {
          questions: 100,
          presences: 1000,
          iqAnswerMs: 60_000,
          peerReturnMs: RETURN_MS,
          queueStanzas: 8,
          ...limits,
        },
      },
    }
    this.ledgers = new Ledgers({
      house: () => house as unknown as House,
      ways: { back: (leg: Side) => this.#link(leg) as unknown as Link },
      streams: this.#streams,
      journal: {
        takenBack: (taken) => this.told.push(taken),
        askedAgain: () => {},
        ledgers: () => {},
        bug: (error) => assert.fail(String(error)),
      },
      answer: (question) => this.answered.push(question),
      gone: (isGone) => {
        this.goneOver += 1
        this.rooms.gone(isGone)
      },
      reference: () => 'x',
      now: () => this.#now,
    })
    for (const side of ['core', 'partner'] as const) this.#opens(side)
  }

  #link(side: Side) {
    return {
      waiting: 0,
      wake: () => (this.reached += 1),
      stream: this.#open[side][0],
      send: (parcel: Parcel) => {
        if (this.up[side] && !(side === 'partner' && this.blocked))
          this.#arrives(side, frameOf(parcel.bytes.toString()))
        else if (parcel.undelivered) parcel.undelivered()
        else this.ledgers.bounced(parcel)
      },
    }
  }

  #opens(side: Side): void {
    const pair = side === 'core' ? { local: THEIRS, remote: OURS } : { local: OURS, remote: THEIRS }
    const stream = {
      info: { leg: side, role: 'initiating', pair, counters: { bytesIn: 0 } },
      proven: [{ pair }],
      open: true,
      close: () => {},
      interject: (bytes: Buffer) => this.#arrives(side, frameOf(bytes.toString())),
    } as unknown as Stream
    this.#open[side] = [stream]
    this.#streams.add(stream)
    this.ledgers.opened(stream)
  }

  /** The partner speaks on its stream for a further domain. */
  proves(remote: string): void {
    const [stream] = this.#open.partner
    const pair = { local: OURS, remote }
    assert.ok(stream)
    Object.assign(stream, { proven: [...stream.proven, { pair }] })
    this.ledgers.opened(stream, pair)
  }

  #ends(side: Side, end: StreamEnd): void {
    for (const stream of this.#open[side].splice(0)) {
      Object.assign(stream, { open: false })
      this.#streams.delete(stream)
      this.ledgers.ended(stream, end)
    }
  }

  /** What a server does with presence that reaches it. */
  #arrives(side: Side, { type, from = '', to = '' }: Frame): void {
    assert.equal(sideOf(to), side)
    this.said.push(`${type ?? 'available'} ${from} > ${to}`)
    if (type === undefined) {
      this.belief.add(key(from, to))
      this.delivered.add(key(from, to))
    } else if (type === 'unavailable') {
      for (const one of this.belief) {
        const [who = '', whom = ''] = one.split(' ')
        const isWho = who === from || (from === bareOf(from) && bareOf(who) === from)
        if (isWho && (whom === to || (to === bareOf(to) && bareOf(whom) === to))) this.belief.delete(one)
      }
    } else if (type === 'probe') {
      const shown = [...this.truth].filter((one) => one.endsWith(` ${from}`) && bareOf(whoOf(one)) === to)
      for (const one of shown) this.#crosses(presence(whoOf(one), from))
      if (shown.length === 0 && this.answersProbes) this.#crosses(presence(to, from, 'unavailable'))
    }
  }

  #crosses(frame: Frame): void {
    const [from, to] = [sideOf(frame.from ?? ''), sideOf(frame.to ?? '')]
    if (!this.up[from] || this.blocked) return
    const pair = { local: to === 'core' ? THEIRS : OURS, remote: to === 'core' ? OURS : THEIRS }
    const question = this.ledgers.crossed(frame, 0, to, pair)
    this.#link(to).send({ bytes: frame.bytes, frame, source: undefined, question })
  }

  // --- what may happen ---

  shows(from: string, to: string): void {
    if (!this.up[sideOf(from)]) return
    this.truth.add(key(from, to))
    this.delivered.delete(key(from, to))
    this.#crosses(presence(from, to))
  }

  goes(from: string, to: string): void {
    if (!this.up[sideOf(from)] || !this.truth.delete(key(from, to))) return
    this.#crosses(presence(from, to, 'unavailable'))
  }

  says(frame: Frame): void {
    this.#crosses(frame)
  }

  cut(side: Side, end: StreamEnd = BROKEN): void {
    if (!this.up[side]) return
    this.up[side] = false
    this.#ends(side, end)
  }

  crash(side: Side): void {
    this.cut(side)
    for (const one of this.truth) if (sideOf(whoOf(one)) === side) this.truth.delete(one)
    for (const one of this.belief) {
      if (sideOf(whoOf(one)) === side) continue
      this.belief.delete(one)
      this.delivered.delete(one)
    }
  }

  mend(side: Side): void {
    if (this.up[side]) return
    this.up[side] = true
    if (side === 'core' || !this.blocked) this.#opens(side)
  }

  block(): void {
    this.blocked = true
    this.ledgers.enforce()
    this.#ends('partner', { ...GOOD_BYE, by: 'us', reason: 'SP-102' })
  }

  /** What was ours no longer is. */
  give(): void {
    const former = new Set(this.#ours)
    this.#ours.clear()
    this.given = true
    this.ledgers.left(former)
    for (const side of ['core', 'partner'] as const) this.#ends(side, { ...GOOD_BYE, by: 'us', reason: 'SP-115' })
  }

  /** Other settings. */
  changes(settings: { readonly apart?: boolean; readonly shown?: ShownAsWritten | undefined }): void {
    const shown = this.shown && shownWith(this.shown)
    const former = { ours: [], partners: { terms: () => undefined, shownUnder: () => shown } }
    Object.assign(this, settings)
    this.ledgers.changed(former as unknown as House)
    this.quiet()
  }

  allow(): void {
    if (!this.blocked) return
    this.blocked = false
    this.ledgers.enforce()
    if (this.up.partner) this.#opens('partner')
  }

  later(ms: number): void {
    for (const end = this.#now + ms; this.#now < end;) {
      this.#now += 1000
      this.ledgers.tick()
      this.quiet()
    }
  }

  /** Everything that is to be said is said. */
  quiet(): void {
    for (let rounds = 0; rounds === 0 || (this.ledgers.status.presencesDue > 0 && rounds < 100); rounds++)
      mock.timers.tick(50)
  }
}

export function world(limits?: Readonly<Record<string, number>>): World {
  mock.timers.reset()
  mock.timers.enable({ apis: ['setTimeout'] })
  return new World(limits)
}
