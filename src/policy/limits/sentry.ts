// Stands at a passage and holds what goes by against the limits of who sends it. Where nothing is limited there is no sentry, and
// no stanza pays for what is not asked.

import type { Frame } from '../../xml/frame.ts'
import { foldedAddress, withoutResource } from '../../xmpp/address.ts'
import { Memo } from '../../xmpp/memo.ts'
import { stanzaKind } from '../facts.ts'
import type { Direction } from '../partner.ts'
import { starts } from '../rules/partner-direction.ts'
import type { Asked, Exceeded, Meters } from './meters.ts'
import { isLimiting, type Terms } from './terms.ts'

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
  readonly #counts: boolean

  private constructor({ meters }: Limits, domain: string, terms: Terms, direction: Direction) {
    this.#meters = meters
    this.#inbound = direction === 'inbound'
    this.#group = this.#inbound ? domain : OURS
    this.#terms = terms
    const { partner, outsideUser, insideUser } = terms
    const limiting = this.#inbound ? [partner, outsideUser] : [insideUser]
    this.#counts = limiting.some(({ recipientsPerDay }) => recipientsPerDay !== undefined)
  }

  /** For the way between us and a partner, by the domain of its entry; undefined: nothing is limited. */
  static at(limits: Limits, domain: string, direction: Direction): Sentry | undefined {
    const terms = limits.terms(domain)
    const limiting = direction === 'inbound' ? [terms.partner, terms.outsideUser] : [terms.insideUser]
    return limiting.some(isLimiting) ? new Sentry(limits, domain, terms, direction) : undefined
  }

  /** Takes what a stanza that may cross costs; where that exceeds a limit, takes nothing and says which. */
  take(frame: Frame, at: number): Exceeded | undefined {
    const { partner, outsideUser, insideUser, burstMs } = this.#terms
    const asked: Asked[] = []
    if (this.#inbound && isLimiting(partner)) asked.push({ user: undefined, allowed: partner })
    const ofUser = this.#inbound ? outsideUser : insideUser
    if (isLimiting(ofUser)) asked.push({ user: userAt(frame.from), allowed: ofUser })
    const recipient = this.#counts && begins(frame) ? userAt(frame.to) : undefined
    return this.#meters.take(this.#group, asked, { bytes: frame.raw.length, recipient }, burstMs, at)
  }

  /** What is exceeded, for us. */
  about({ user, limit, most }: Exceeded): string {
    return `${user === undefined ? `partner=${this.#group}` : `user=${user}`}, ${limit}=${most}`
  }
}

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
