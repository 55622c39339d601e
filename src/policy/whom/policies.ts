// Who of ours may talk to which partners, as `federation-config/policy.yaml` says it: plain data. The question itself is
// asked in `whom.ts`, and what follows for a stanza in `../rules/walls.ts` and `../rules/who-with-whom.ts`.

import type { Names } from '../people.ts'
import type { Direction } from '../partner.ts'
import type { Hours } from '../remote/grants.ts'
import type { Kind } from './kinds.ts'

/** `everyone`, also who has no entry; or domains of entries, `tag:` and `class:` with a name behind it. */
export type Partners = 'everyone' | readonly string[]

/** What may cross. */
export type Allowed = 'all' | 'none' | readonly Kind[]

/** Where something is written, `federation-config/policy.yaml:12`; undefined: nowhere. */
export type Written = string | undefined

/** What somebody has written, so that it can be told when it has long been written otherwise. */
export interface Wording {
  /** Another one for each wording. */
  readonly version: string
  readonly text: string
}

/** One rule of a policy: what may cross between these users and these partners. */
export interface WhomRule {
  readonly name: string
  readonly who: Names
  readonly partners: Partners
  readonly allow: Allowed
  /** Who may start; the other side may answer by results, errors, and presence that asks for nothing, and never by a message. */
  readonly direction: Direction | 'both'
  /** Undefined: at any time. */
  readonly hours: Hours | undefined
  /** It is only told what it would refuse. */
  readonly report: boolean
  readonly place: Written
  readonly says?: Wording | undefined
}

/** What holds for the partners whose entries name it. */
export interface NamedPolicy {
  readonly name: string
  /** From the first to the last: the first one made out to a user and a partner decides, alone. */
  readonly rules: readonly WhomRule[]
  /** What may cross where no rule is made out to both. */
  readonly otherwise: Allowed
  readonly place: Written
  readonly says?: Wording | undefined
}

/** One side of a wall: users of ours, partners, or both. */
export interface WallSide {
  /** Empty: none of ours. */
  readonly who: Names
  /** Empty: no partner. */
  readonly partners: Partners
}

/** Nothing crosses between users on one side and partners on another, whatever rules say. */
export interface Wall {
  readonly name: string
  readonly sides: readonly WallSide[]
  readonly report: boolean
  readonly place: Written
  readonly says?: Wording | undefined
}

export interface WhomPolicy {
  readonly walls: readonly Wall[]
  /** By name. */
  readonly policies: Readonly<Record<string, NamedPolicy>>
}
