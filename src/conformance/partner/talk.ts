// What is said at both ends with one partner: by our users behind the gateway, and by our account there. What comes to either is
// kept until a step has asked for it; what others say to the account is not.

import { domainToASCII } from 'node:url'
import type { Element } from '@xmpp/xml'
import type { Pattern } from '../case.ts'
import { filled, filledPattern, type Words } from '../filling.ts'
import { differs } from '../pattern.ts'
import type { Transcript } from '../stage/transcript.ts'
import { Account, type AccountOptions } from './account.ts'
import { type OwnInstance, SILENT, USER } from './own-instance.ts'
import type { Side } from './scenario.ts'

export interface TalkOptions {
  readonly own: OwnInstance
  readonly peer: string
  /** Of the ids of what is said, and of rooms. */
  readonly prefix: string
  readonly transcript: Transcript
  readonly account?: AccountOptions | undefined
  /** Nothing is waited for any more. */
  readonly signal?: AbortSignal | undefined
}

export class Talk {
  readonly #o: TalkOptions
  readonly #inboxes: Record<Side, Element[]> = { ours: [], theirs: [] }
  /** What had come when something was said last. */
  #old: ReadonlySet<Element> = new Set()
  readonly #bells = new Set<() => void>()
  #account: Account | undefined
  #ear: Disposable | undefined
  #scenario = ''
  #said = 0
  #words: Words = {}
  /** How much has come to our users. */
  heard = 0
  /** Where the account makes rooms: the service, and how their names begin. */
  rooms: { readonly service: string; readonly name: string } | undefined

  constructor(o: TalkOptions) {
    this.#o = o
    o.signal?.addEventListener('abort', () => {
      for (const ring of this.#bells) ring()
    })
  }

  get words(): Words {
    return this.#words
  }

  /** By which the account has logged in; undefined: there is none. */
  get mechanism(): string | undefined {
    return this.#account?.mechanism
  }

  /** Begins a scenario: what has come before is past. @throws when the account cannot log in */
  async begin(scenario: string): Promise<void> {
    const { own, peer, prefix } = this.#o
    this.#scenario = scenario.toLowerCase()
    await this.comeBack()
    const theirs = this.#account?.address ?? ''
    const [theirBare = ''] = theirs.split('/')
    const [localPart = ''] = theirBare.split('@')
    this.#words = {
      ...{ us: own.us, peer, user: `${USER}@${own.us}/desk` },
      ...{ ours: `${SILENT.user}@${own.us}/desk`, ourBare: `${SILENT.user}@${own.us}` },
      ...{ guest: `${SILENT.guest}@${own.us}/desk`, ourRoom: `${SILENT.room}${prefix}-${this.#scenario}@${own.us}` },
      ...{ theirs, theirBare, theirUpper: `${localPart.toUpperCase()}@${peer}` },
      ...(this.rooms && { room: `${this.rooms.name}-${this.#scenario}@${this.rooms.service}` }),
    }
    this.#ear?.[Symbol.dispose]()
    this.#inboxes.ours.length = 0
    this.#inboxes.theirs.length = 0
    // The core may be another one than before.
    this.#ear = own.core.listen((stanza) => {
      if (!isFrom(stanza, peer)) return
      this.heard += 1
      this.#keep('ours', stanza)
    })
  }

  /** The account logs in, unless it is there. @throws when it cannot */
  async comeBack(): Promise<void> {
    if (!this.#account || this.#account.isGone) await this.logIn()
  }

  /** @throws when it cannot */
  async logIn(): Promise<void> {
    const { account } = this.#o
    if (!account) return
    this.#account = await Account.logIn(account, (stanza) => {
      const { own, peer, prefix } = this.#o
      if (isOfRun(stanza, { us: own.us, peer, rooms: this.rooms?.service, prefix })) this.#keep('theirs', stanza)
    })
    this.#words = { ...this.#words, theirs: this.#account.address }
    this.#o.transcript.add('note', `${this.#account.address} has logged in by ${this.#account.mechanism}`)
  }

  async leave(how: 'leaves' | 'breaks off'): Promise<void> {
    if (how === 'leaves') await this.#account?.logOut()
    else this.#account?.breakOff()
    this.#o.transcript.add('note', `our account there ${how}`)
  }

  #keep(side: Side, stanza: Element): void {
    this.#o.transcript.add(side === 'ours' ? 'gateway to core' : 'partner to account', stanza.toString())
    this.#inboxes[side].push(stanza)
    for (const ring of this.#bells) ring()
  }

  /** Says something with an id of its own, which it gives back. @throws when there is nobody to say it */
  say(by: Side, words: string): string {
    const { own, transcript, prefix } = this.#o
    this.#said += 1
    const id = `${prefix}-${this.#scenario}-${this.#said}`
    this.#words = { ...this.#words, id, asked: this.#words['id'] ?? id }
    this.#old = new Set([...this.#inboxes.ours, ...this.#inboxes.theirs])
    const stanza = filled(words, this.#words)
    if (by === 'ours') {
      transcript.add('core to gateway', stanza)
      own.core.say(stanza)
      return id
    }
    if (!this.#account || this.#account.isGone) throw new Error('our account at the partner is not logged in any more')
    transcript.add('account to partner', stanza)
    this.#account.say(stanza)
    return id
  }

  /** The pattern with the words of what was said last. */
  filled(pattern: Pattern): Pattern {
    return filledPattern(pattern, this.#words)
  }

  /** The first that has come, or comes in time, and is what is wanted on its side; it is taken. @throws when the run is ended */
  async take(wanted: Partial<Record<Side, (stanza: Element) => boolean>>, ms: number): Promise<Element | undefined> {
    const until = performance.now() + ms
    for (;;) {
      this.#o.signal?.throwIfAborted()
      for (const [side, inbox] of [
        ['ours', this.#inboxes.ours],
        ['theirs', this.#inboxes.theirs],
      ] as const) {
        const index = inbox.findIndex((stanza) => wanted[side]?.(stanza) === true)
        if (index !== -1) return inbox.splice(index, 1)[0]
      }
      const left = until - performance.now()
      if (left <= 0) return undefined
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, left)
      this.#bells.add(resolve)
      await promise
      clearTimeout(timer)
      this.#bells.delete(resolve)
    }
  }

  /** Has it come since something was said last? */
  isNew(stanza: Element): boolean {
    return !this.#old.has(stanza)
  }

  /** What has come there last and was not asked for. */
  nearest(side: Side): Element | undefined {
    return this.#inboxes[side].at(-1)
  }

  /** An error that has come back to a side for what it has said last. */
  returned(side: Side): Element | undefined {
    return this.#inboxes[side].find(({ attrs }) => attrs['type'] === 'error' && attrs['id'] === this.#words['id'])
  }

  [Symbol.dispose](): void {
    this.#ear?.[Symbol.dispose]()
    this.#account?.leave()
  }
}

/** Is it like one of them? */
export const likeOneOf =
  (patterns: readonly Pattern[]) =>
  (stanza: Element): boolean =>
    patterns.some((pattern) => differs(stanza, pattern) === undefined)

/**
 * Has it to do with the run, of all that may come to an account of ours at the partner? That is what comes from us, from rooms, from
 * the partner's server itself, and what answers us.
 *
 * SECURITY: what others say to the account is theirs; evidence is signed, and handed on.
 */
export function isOfRun(
  stanza: Element,
  { us, peer, rooms, prefix }: { us: string; peer: string; rooms: string | undefined; prefix: string },
): boolean {
  if (stanza.attrs['id']?.startsWith(`${prefix}-`) === true) return true
  return stanza.attrs['from'] === peer || isFrom(stanza, us) || (rooms !== undefined && isFrom(stanza, rooms))
}

/** Of the domain, or of a service below it. */
function isFrom({ attrs }: Element, of: string): boolean {
  const [bare = ''] = (attrs['from'] ?? '').split('/')
  const domain = domainToASCII(bare.replace(/^.*@/s, ''))
  return domain === of || domain.endsWith(`.${of}`)
}
