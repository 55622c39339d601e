// Stands at a passage and holds what goes by against the limits of who sends it. Where nothing is limited there is no sentry, and
// no stanza pays for what is not asked.

import type { Frame } from '../../xml/frame.ts'
import { foldedAddress, withoutResource } from '../../xmpp/address.ts'
import { Memo } from '../../xmpp/memo.ts'
import { stanzaKind } from '../facts.ts'
import type { Direction } from '../partner.ts'
import { starts } from '../rules/partner-direction.ts'
import type { Asked, Exceeded, Meters } from './meters.ts'
import type { LimitStanding, Load } from './meter.ts'
import type { Request, RequestCaps, Requests, TooManyRequests } from './requests.ts'
import { type Allowance, DAY_LIMITS, type DayLimit, isLimiting, type Terms } from './terms.ts'

/** In the place of a partner, for all of ours: no domain is empty. */
const OURS = ''

/** What has been sent, and how much may be. */
export interface Limits {
  readonly meters: Meters
  readonly requests: Requests
  /** What holds between us and a domain outside. */
  terms(domain: string): Terms
}

/** What limits look at. */
export type Sent = Pick<Frame, 'name' | 'type' | 'from' | 'to' | 'payloads'> & {
  readonly raw: { readonly length: number }
}

export class Sentry {
  readonly #meters: Meters
  readonly #requests: Requests
  readonly #group: string
  readonly #terms: Terms
  readonly #inbound: boolean
  /** Are there rates? Else only stanzas with names that count cost anything. */
  readonly #isPaced: boolean
  readonly #counted: ReadonlySet<DayLimit>
  /** How many requests may wait; undefined: as many as come. */
  readonly #caps: RequestCaps | undefined

  private constructor({ meters, requests }: Limits, domain: string, terms: Terms, direction: Direction) {
    this.#meters = meters
    this.#requests = requests
    this.#inbound = direction === 'inbound'
    this.#group = this.#inbound ? domain : OURS
    this.#terms = terms
    this.#caps = capsOf(terms, direction)
    const all = limiting(terms, direction)
    this.#isPaced = all.some((one) => one.stanzasPerSecond !== undefined || one.bytesPerSecond !== undefined)
    this.#counted = new Set(DAY_LIMITS.filter((limit) => all.some((one) => one[limit] !== undefined)))
  }

  /**
   * For the way between us and a domain outside; undefined: nothing is limited.
   * @param standing the name under which what it sends is counted
   */
  static at(limits: Limits, domain: string, direction: Direction, standing = domain): Sentry | undefined {
    const terms = limits.terms(domain)
    const isThere = limiting(terms, direction).length > 0 || capsOf(terms, direction) !== undefined
    return isThere ? new Sentry(limits, standing, terms, direction) : undefined
  }

  /** Takes what a stanza that may cross costs; where that exceeds a limit, takes nothing and says which. */
  take(frame: Sent, at: number): Exceeded | TooManyRequests | undefined {
    const request = this.#caps && requestOf(frame, this.#group)
    if (request === undefined || this.#caps === undefined) return this.#takeSent(frame, at)
    const exceeded = this.#requests.exceeded(request, this.#caps, at) ?? this.#takeSent(frame, at)
    if (exceeded === undefined) this.#requests.add(request, at)
    return exceeded
  }

  /** What a stanza would exceed; nothing is taken. */
  wouldExceed(frame: Sent, at: number): Exceeded | TooManyRequests | undefined {
    const request = this.#caps && requestOf(frame, this.#group)
    const tooMany = request && this.#caps && this.#requests.exceeded(request, this.#caps, at)
    const load = { bytes: frame.raw.length, names: this.#namesOf(frame) }
    return tooMany ?? this.#meters.wouldExceed(this.#group, this.#askedOf(frame.from), load, this.#terms.burstMs, at)
  }

  /** How it stands with all limits that hold for who sends a stanza, each with whose it is; undefined: the partner's. */
  standing(from: string | undefined, at: number): readonly (LimitStanding & { readonly user: string | undefined })[] {
    return this.#askedOf(from).flatMap((asked) =>
      this.#meters
        .standing(this.#group, asked, this.#terms.burstMs, at)
        .map((standing) => ({ ...standing, user: asked.user })),
    )
  }

  /** How many requests wait that count where this one does, and may; none where it is no request, or as many as come may wait. */
  waiting(frame: Sent): readonly { readonly user: string | undefined; readonly now: number; readonly most: number }[] {
    const request = this.#caps && requestOf(frame, this.#group)
    if (request === undefined) return []
    const { partner, user } = this.#caps ?? { partner: undefined, user: undefined }
    return [
      ...(partner === undefined ? [] : [{ user: undefined, now: this.#requests.of(request.partner), most: partner }]),
      ...(user === undefined ? [] : [{ user: request.user, now: this.#requests.at(request.user), most: user }]),
    ]
  }

  #takeSent(frame: Sent, at: number): Exceeded | undefined {
    const names = this.#namesOf(frame)
    if (!this.#isPaced && names === NONE) return undefined
    const load = { bytes: frame.raw.length, names }
    return this.#meters.take(this.#group, this.#askedOf(frame.from), load, this.#terms.burstMs, at)
  }

  #askedOf(from: string | undefined): readonly Asked[] {
    const { partner, outsideUser, insideUser } = this.#terms
    const asked: Asked[] = []
    if (this.#inbound && isLimiting(partner)) asked.push({ user: undefined, allowed: partner })
    const ofUser = this.#inbound ? outsideUser : insideUser
    if (isLimiting(ofUser)) asked.push({ user: userAt(from), allowed: ofUser })
    return asked
  }

  #namesOf(frame: Sent): Load['names'] {
    if (this.#counted.size === 0 || !begins(frame)) return NONE
    const isPresence = frame.name === 'presence'
    const asks = isPresence && frame.type === 'subscribe'
    const enters = isPresence && frame.type === undefined
    if (!this.#counted.has('recipientsPerDay') && !asks && !enters) return NONE
    const to = userAt(frame.to)
    return {
      ...(this.#counted.has('recipientsPerDay') && { recipientsPerDay: to }),
      ...(asks && this.#counted.has('requestsPerDay') && { requestsPerDay: to }),
      ...(enters && this.#counted.has('roomsPerDay') && { roomsPerDay: to }),
    }
  }
}

const NONE: Load['names'] = {}

/** What is limited in a direction. */
const limiting = ({ partner, outsideUser, insideUser }: Terms, direction: Direction): readonly Allowance[] =>
  (direction === 'inbound' ? [partner, outsideUser] : [insideUser]).filter(isLimiting)

/** How many requests may wait that come in this direction; undefined: as many as come. */
function capsOf({ partner, insideUser }: Terms, direction: Direction): RequestCaps | undefined {
  const caps = { partner: partner.pendingRequests, user: insideUser.pendingRequests }
  const isCapped = direction === 'inbound' && (caps.partner ?? caps.user) !== undefined
  return isCapped ? caps : undefined
}

function requestOf({ name, type, from, to }: Sent, partner: string): Request | undefined {
  if (name !== 'presence' || type !== 'subscribe') return undefined
  return { partner, user: userAt(to), contact: userAt(from) }
}

/** A stanza crosses, or has come back: it may be the end of a request that waits. RFC 6121 §3.1.4, §3.2.2, §3.3.2 */
export function endsRequest(
  requests: Requests,
  { name, type, from, to }: Pick<Frame, 'name' | 'type' | 'from' | 'to'>,
  direction: Direction,
): void {
  if (requests.size === 0 || name !== 'presence' || type === undefined) return
  if (direction === 'inbound' ? type === 'unsubscribe' : ENDS.has(type))
    requests.end(userAt(direction === 'inbound' ? to : from), userAt(direction === 'inbound' ? from : to))
}

/** What ends a request at our side. An error: it has reached nobody. */
const ENDS: ReadonlySet<string> = new Set(['subscribed', 'unsubscribed', 'error'])

/** Also of presence that has no type: it enters a room. */
const begins = ({ name, type, payloads }: Sent): boolean =>
  starts({ kind: stanzaKind(name) ?? 'message', type, payloads })

/** Users by the texts of their addresses, without resources. */
const users = new Memo<string>()

function userAt(text: string | undefined): string {
  const bare = withoutResource(text ?? '')
  const known = users.get(bare)
  if (known !== undefined) return known
  const user = foldedAddress(bare) ?? bare
  users.keep(bare, user)
  return user
}
