// What administrators may ask about remote users, and do: their sessions, what is locked, and who may at all.

import { networkSet } from '../../config/values.ts'
import { Access, type Question } from '../../policy/remote/access.ts'
import type { Grant, Policy } from '../../policy/remote/grants.ts'
import type { Lock } from '../../policy/remote/guard.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { SHUT, type LoginGate } from './gate.ts'
import type { Session } from './session.ts'
import { MOST_SHOWN, type SessionStatus } from './status.ts'

/** Sessions of a user (a bare address), or one by its id. */
export type Which = { readonly user: string } | { readonly session: string }

export interface LockStatus {
  readonly kind: Lock['kind']
  /** A bare address as it is counted (without accents), an address, or a network. */
  readonly name: string
  readonly failures: number
  /** When it ends by itself. */
  readonly until: string
}

/** What the policy says of a log-in. */
export interface Permission {
  /** Why not; undefined: it may be. */
  readonly reason: ReasonId | undefined
  /** The grant that decided: its place in the list, from 0. */
  readonly grant: { readonly place: number; readonly terms: Grant } | undefined
}

export interface RemoteControl {
  /** Logged in or on the way to it, of one user or of all; the first of very many. */
  sessions(user?: string): readonly SessionStatus[]
  /** Ends them; gives those that it ended. */
  end(which: Which): readonly SessionStatus[]
  locks(): readonly LockStatus[]
  /** Forgets the failed log-ins of a user, or of an address and its network; gives how many there were. */
  unlock(what: { readonly user: string } | { readonly address: string }): number
  /** Would this log-in be let through? Nothing is counted. */
  may(question: Question): Permission
}

export interface RemoteControlParts {
  sessions(): Iterable<Session>
  readonly guard: Pick<LoginGate, 'locks' | 'unlock'>
  policy(): Policy
}

export function remoteControl({ sessions, guard, policy }: RemoteControlParts): RemoteControl {
  const up = (): readonly Session[] => [...sessions()].filter((one) => !one.isOver)
  const found = (which: Which): readonly Session[] =>
    up().filter((one) => ('user' in which ? one.facts?.user === which.user : one.id === which.session))
  return {
    sessions: (user) => (user === undefined ? up() : found({ user })).slice(0, MOST_SHOWN).map((one) => one.status()),
    end(which) {
      return found(which).map((one) => {
        const status = one.status()
        one.end('SP-841')
        return status
      })
    },
    locks: () => guard.locks().map(({ until, ...lock }) => ({ ...lock, until: new Date(until).toISOString() })),
    unlock: (what) => guard.unlock(what),
    may: (question) => permission(policy(), question),
  }
}

/** What a policy says of a log-in. */
export function permission(policy: Policy, question: Question): Permission {
  const { reason, grant } = new Access(policy, networkSet).ask(question)
  return { reason, grant: grant && { place: grant.place, terms: grant.terms } }
}

/** The same where nobody outside is to be heard of. */
export const noRemoteControl = (policy: () => Policy): RemoteControl =>
  remoteControl({ sessions: () => [], guard: SHUT, policy })
