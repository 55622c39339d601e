// Deliberately wrong gateways: of each one module, with one change. A case that stays green on the gateway that does the very
// thing it forbids shows nothing; here each is seen red. They stand in `mutations-….ts`, one file for what is alike.
//
// Rule 1: nothing of this is in the product. `mutated.ts` changes the text of the module while it is loaded.
// Rule 2: one change, but where two things prevent the same each by itself: then of each one.
// Rule 3: what is changed stands in the module exactly once; a test holds that, so that no mutation becomes none.

import type { ProfileName } from '../../src/trust/profiles/profile.ts'

export interface Change {
  /** Below src/. */
  readonly module: string
  readonly find: string
  readonly put: string
}

export interface Mutation extends Change {
  readonly id: string
  /** What the gateway does wrong. */
  readonly about: string
  /** The second thing that would have prevented it, in another module. */
  readonly also?: Change
  /** Cases that see it. */
  readonly cases: readonly string[]
  /** Under which it is tried; default: dod. */
  readonly profile?: ProfileName
  /** Over which versions of IP; default: IPv4 alone. */
  readonly over?: readonly (4 | 6)[]
}

/** What crosses is passed on changed: this of its text becomes that. */
export const onTheWay = (pattern: RegExp, becomes: string): Change => ({
  module: 'xml/rescope.ts',
  find: 'return stamp === undefined ? frame.raw : stampLang(frame.bytes, stamp)',
  put: `return Buffer.from(frame.bytes.toString('utf8').replace(${String(pattern)}, ${JSON.stringify(becomes)}))`,
})
