// May the core hear of this log-in? The guard counts what fails, for each account, address and network, so that nobody
// outside can make the core or its directory lock an account, guess at length, or learn who there is.
//
// Rule 1: of one account the core hears of at most `failuresPerAccount` failed log-ins in a window, between two that
//         succeed. Half of them are kept for the user's own networks, from which they have logged in before: strangers
//         cannot keep a user out of there.
// Rule 2: what is under way counts as failed until it is known.
// Rule 3: nothing depends on whether an account exists. What is refused is not counted, so that a lock ends by itself.
// Rule 4: a certificate cannot be guessed: who logs in by one is counted where they are, and not for the account, so that
//         nobody locks them out by guessing passwords.
// SECURITY: a success takes nothing back from an address or a network: who has an account would wash away guesses with it.

import { foldLocal } from '../../xmpp/stringprep.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { KnownPlaces } from './known-places.ts'
import { placesOf, type Places } from './places.ts'
import { Tally, type Counted, type Failures } from './tally.ts'

export interface GuardLimits {
  readonly failuresPerAccount: number
  readonly failuresPerAddress: number
  readonly failuresPerNetwork: number
  readonly windowMs: number
  /** Names that each tally keeps exactly. */
  readonly kept: number
}

/** A log-in that the core may hear of; it must end by `failed`, `succeeded` or `abandoned`. */
export interface Attempt {
  /** For whom it is counted, a bare address in canonical form; undefined: they did not say, or for nobody. */
  readonly user: string | undefined
  readonly places: Places
  /** From a network of the user's own? */
  readonly known: boolean
}

/** Failures of an account: of those who come from a network of its user, or of strangers. */
export interface AccountFailures extends Failures {
  readonly kind: 'own' | 'strange'
}

/** `known-account`: locked also where its user has logged in from before. */
export const LOCK_KINDS = ['account', 'known-account', 'address', 'network'] as const

/** What is locked, and until when at the latest if nothing more fails. */
export interface Lock extends Counted {
  readonly kind: (typeof LOCK_KINDS)[number]
}

export class Guard {
  readonly known: KnownPlaces
  readonly #limits: () => GuardLimits
  readonly #accounts: Tally
  /** Failures of users at their own networks. */
  readonly #own: Tally
  readonly #addresses: Tally
  readonly #networks: Tally

  /** `limits`: asked each time, since settings change. `key`: unguessable, 32 bits. */
  constructor(limits: () => GuardLimits, key: number) {
    this.#limits = limits
    const parts = { most: () => limits().kept, windowMs: () => limits().windowMs }
    this.known = new KnownPlaces(parts.most)
    this.#accounts = new Tally({ ...parts, key, notes: true })
    this.#own = new Tally({ ...parts, key, notes: true })
    this.#addresses = new Tally({ ...parts, key })
    this.#networks = new Tally({ ...parts, key })
  }

  /**
   * A log-in from this address begins: why the core does not hear of it, or the attempt.
   * @param byCard with a certificate that has proven that it is this user's
   */
  begin(user: string | undefined, address: string, now: number, byCard = false): Attempt | ReasonId {
    const places = placesOf(address)
    const known = user !== undefined && this.known.has(user, places.network, now)
    const counted = byCard ? undefined : user
    const own = known && counted !== undefined ? this.#objectionToOwn(counted, now) : undefined
    const reason = known ? own : this.#objection(counted, places, now)
    if (reason) return reason
    const attempt = { user: counted, places, known }
    for (const [tally, name] of this.#counted(attempt)) tally.begin(name, now)
    return attempt
  }

  /** The core has refused it. */
  failed(attempt: Attempt, now: number): void {
    for (const [tally, name] of this.#counted(attempt)) tally.settle(name, true, now)
  }

  /** It came to nothing, and no proof was judged. */
  abandoned(attempt: Attempt, now: number): void {
    for (const [tally, name] of this.#counted(attempt)) tally.settle(name, false, now)
  }

  /** The core has taken them for this user: their network is known from now on. */
  succeeded(attempt: Attempt, user: string, now: number): void {
    this.abandoned(attempt, now)
    this.known.add({ user, network: attempt.places.network, at: now })
    if (attempt.user !== undefined) this.#own.forget(countedAs(user), now) // As the directory does.
  }

  /** Has any user logged in from the network of this address? */
  knows(address: string): boolean {
    return this.known.hasNetwork(placesOf(address).network)
  }

  /** What is locked now, the last first. */
  locks(now: number, most = 1000): readonly Lock[] {
    const { failuresPerAccount, failuresPerAddress, failuresPerNetwork } = this.#limits()
    const all: Lock[] = []
    const add = (kind: Lock['kind'], tally: Tally, limit: number): void => {
      for (const counted of tally.atLeast(limit, now)) {
        if (all.length < most) all.push({ kind, ...counted })
      }
    }
    add('account', this.#accounts, strangersShare(failuresPerAccount))
    add('known-account', this.#own, ownShare(failuresPerAccount))
    add('address', this.#addresses, failuresPerAddress)
    add('network', this.#networks, failuresPerNetwork)
    return all
  }

  /** Forgets the failures of a user, or of an address and its network; gives how many there were. */
  unlock(what: { readonly user: string } | { readonly address: string }, now: number): number {
    if ('user' in what) {
      const account = countedAs(what.user)
      return this.#accounts.forget(account, now) + this.#own.forget(account, now)
    }
    const { address, network } = placesOf(what.address)
    return Math.max(this.#addresses.forget(address, now), this.#networks.forget(network, now))
  }

  /** Takes what was kept of accounts, the last one at the end. */
  restore(all: readonly AccountFailures[], now: number): void {
    for (const [kind, tally] of this.#perAccount())
      tally.restore(
        all.filter((one) => one.kind === kind),
        now,
      )
  }

  /** Failures of accounts that are to be kept over a restart, since this was asked last; without times: forgotten. */
  changes(now: number): readonly AccountFailures[] {
    return [...this.#perAccount()].flatMap(([kind, tally]) => tally.changes(now).map((one) => ({ kind, ...one })))
  }

  /** They could not be kept: they are still to be. */
  keepLater(all: readonly AccountFailures[]): void {
    for (const [kind, tally] of this.#perAccount()) tally.keepLater(all.filter((one) => one.kind === kind))
  }

  /** How much is kept in memory. */
  get figures(): {
    readonly accounts: number
    readonly places: number
    readonly users: number
    readonly blurred: boolean
  } {
    const all = [this.#accounts, this.#own, this.#addresses, this.#networks].map(({ figures }) => figures)
    const [accounts = 0, own = 0, addresses = 0, networks = 0] = all.map(({ kept }) => kept)
    const blurred = all.some((one) => one.blurred)
    return { accounts: accounts + own, places: addresses + networks, users: this.known.users, blurred }
  }

  *#perAccount(): Iterable<readonly [AccountFailures['kind'], Tally]> {
    yield ['own', this.#own]
    yield ['strange', this.#accounts]
  }

  #objectionToOwn(user: string, now: number): ReasonId | undefined {
    const share = ownShare(this.#limits().failuresPerAccount)
    return this.#own.count(countedAs(user), now) >= share ? 'SP-837' : undefined
  }

  #objection(user: string | undefined, { address, network }: Places, now: number): ReasonId | undefined {
    const { failuresPerAccount, failuresPerAddress, failuresPerNetwork } = this.#limits()
    if (this.#addresses.count(address, now) >= failuresPerAddress) return 'SP-838'
    if (this.#networks.count(network, now) >= failuresPerNetwork) return 'SP-839'
    if (user === undefined) return undefined
    return this.#accounts.count(countedAs(user), now) >= strangersShare(failuresPerAccount) ? 'SP-837' : undefined
  }

  /** Where an attempt is counted. */
  *#counted({ user, places, known }: Attempt): Iterable<readonly [Tally, string]> {
    if (user !== undefined) yield [known ? this.#own : this.#accounts, countedAs(user)]
    yield [this.#addresses, places.address]
    yield [this.#networks, places.network]
  }
}

/** How many of the failures of an account may come from where the user is not known. */
const strangersShare = (all: number): number => Math.max(1, Math.floor(all / 2))
/** And how many from where they are. */
const ownShare = (all: number): number => all - strangersShare(all)

/**
 * Cores fold names as Nodeprep does, and directories take letters with and without accents and dots, of any case and width, for
 * the same; so names that may lead to one account are counted as one.
 */
const countedAs = (user: string): string =>
  foldLocal(foldLocal(user).normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase())
