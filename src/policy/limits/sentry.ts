// Stands at a passage and holds what goes by against the limits of who sends it. Where nothing is limited there is no sentry, and
// no stanza pays for what is not asked.

import type { Frame } from '../../xml/frame.ts'
import { foldedAddress, withoutResource } from '../../xmpp/address.ts'
import { Memo } from '../../xmpp/memo.ts'
import { stanzaKind } from '../facts.ts'
import type { Direction } from '../partner.ts'
import { starts } from '../rules/partner-direction.ts'
import type { Asked, Exceeded, Meters } from './meters.ts'
import type { Load } from './meter.ts'
import { type Allowance, DAY_LIMITS, type DayLimit, isLimiting, type Terms } from './terms.ts'

/** In the place of a partner, for all of ours: no domain is empty. */
const OURS = ''

/** What has been sent, and how much may be. */
export interface Limits {
  readonly meters: Meters
  /** What holds between us and a partner, by the domain of its entry; without one, by its own. */
  terms(domain: string): Terms
}

export class Sentry {
  readonly #meters: Meters
  readonly #group: string
  readonly #terms: Terms
  readonly #inbound: boolean
  /** Are there rates? Else only stanzas with names that count cost anything. */
  readonly #isPaced: boolean
  readonly #counted: ReadonlySet<DayLimit>

  private constructor({ meters }: Limits, domain: string, terms: Terms, direction: Direction) {
    this.#meters = meters
    this.#inbound = direction === 'inbound'
    this.#group = this.#inbound ? domain : OURS
    this.#terms = terms
    const all = limiting(terms, direction)
    this.#isPaced = all.some((one) => one.stanzasPerSecond !== undefined || one.bytesPerSecond !== undefined)
    this.#counted = new Set(DAY_LIMITS.filter((limit) => all.some((one) => one[limit] !== undefined)))
  }

  /** For the way between us and a partner, by the domain of its entry; undefined: nothing is limited. */
  static at(limits: Limits, domain: string, direction: Direction): Sentry | undefined {
    const terms = limits.terms(domain)
    return limiting(terms, direction).length > 0 ? new Sentry(limits, domain, terms, direction) : undefined
  }

  /** Takes what a stanza that may cross costs; where that exceeds a limit, takes nothing and says which. */
  take(frame: Frame, at: number): Exceeded | undefined {
    const names = this.#namesOf(frame)
    if (!this.#isPaced && names === NONE) return undefined
    const { partner, outsideUser, insideUser, burstMs } = this.#terms
    const asked: Asked[] = []
    if (this.#inbound && isLimiting(partner)) asked.push({ user: undefined, allowed: partner })
    const ofUser = this.#inbound ? outsideUser : insideUser
    if (isLimiting(ofUser)) asked.push({ user: userAt(frame.from), allowed: ofUser })
    return this.#meters.take(this.#group, asked, { bytes: frame.raw.length, names }, burstMs, at)
  }

  #namesOf(frame: Frame): Load['names'] {
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

/** Also of presence that has no type: it enters a room. */
const begins = ({ name, type, payloads }: Frame): boolean =>
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
