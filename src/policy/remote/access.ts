// May this user log in from there? Prepared once for each state of the settings, and asked before the core hears of a
// log-in, and every second for sessions that are up.
//
// Rule 1: who is blocked may not, whatever else is written.
// Rule 2: the first grant that is made out to the user and to the network they come from decides, alone: what else it
//         asks for (certificate, hours) must hold. Where no grant is, nobody may.

import { foldedAddress } from '../../xmpp/address.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { membersOf, People } from '../people.ts'
import type { Grant, Policy } from './grants.ts'
import { Clock } from './hours.ts'

/** A set of networks, ready to be asked about addresses. */
export interface Networks {
  has(address: string): boolean
}

export interface Question {
  /** A bare address in canonical form. */
  readonly user: string
  /** The address on the network. */
  readonly address: string
  /** Have they shown a certificate that proves them? */
  readonly certificate: boolean
  /** Unix time in milliseconds. */
  readonly now: number
}

export interface Answer {
  /** Why not; undefined: they may. */
  readonly reason: ReasonId | undefined
  /** The grant that decided: its place in the list, from 0, and its terms; undefined where none did. */
  readonly grant: Decided | undefined
}

export interface Decided {
  readonly place: number
  readonly terms: Grant
}

interface Prepared extends Decided {
  /** Undefined: everyone. */
  readonly to: People | undefined
  /** Undefined: anywhere. */
  readonly networks: Networks | undefined
  readonly clock: Clock | undefined
}

export class Access {
  /** May any user show a certificate? Then they are asked for one. */
  readonly takesCertificates: boolean
  readonly #grants: readonly Prepared[]
  readonly #blocked: People

  /** `networks`: makes a set of CIDR. */
  constructor({ groups, remote }: Pick<Policy, 'groups' | 'remote'>, networks: (cidr: readonly string[]) => Networks) {
    const members = membersOf(groups)
    this.#blocked = new People(remote.block, members)
    this.#grants = remote.grants.map((terms, place) => ({
      place,
      terms,
      to: terms.to === 'everyone' ? undefined : new People(terms.to, members),
      networks: terms.networks.length === 0 ? undefined : networks(terms.networks),
      clock: terms.hours && new Clock(terms.hours),
    }))
    this.takesCertificates = remote.grants.some(({ certificate }) => certificate !== 'forbidden')
  }

  /** Is nobody granted anything? */
  get isShut(): boolean {
    return this.#grants.length === 0
  }

  ask({ user: text, address, certificate, now }: Question): Answer {
    const user = foldedAddress(text) ?? text
    if (this.#blocked.has(user)) return { reason: 'SP-831', grant: undefined }
    let elsewhere = false
    for (const grant of this.#grants) {
      if (grant.to && !grant.to.has(user)) continue
      if (!grant.networks || grant.networks.has(address)) return { reason: objection(grant, certificate, now), grant }
      elsewhere = true
    }
    return { reason: elsewhere ? 'SP-832' : 'SP-830', grant: undefined }
  }
}

function objection({ terms, clock }: Prepared, certificate: boolean, now: number): ReasonId | undefined {
  if (clock && !clock.isOpen(now)) return 'SP-833'
  if (terms.certificate === 'required' && !certificate) return 'SP-834'
  if (terms.certificate === 'forbidden' && certificate) return 'SP-835'
  return undefined
}
