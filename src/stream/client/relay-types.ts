// The words of a session between a client and the core: the states it is in, what happens to it, and what is to be done.

import type { Frame, StreamHeader } from '../../xml/frame.ts'
import type { SaslCondition, StreamCondition } from '../../xmpp/conditions.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Chooser } from './external.ts'
import type { Offer } from './features.ts'
import type { Asked, Enabled } from './log-in.ts'
import type { Form } from './sasl.ts'
import type { ScramChallenge } from './scram.ts'
import type { SecuringRules } from './securing.ts'

/** Who has logged in. */
export interface Known {
  readonly domain: string
  /** Bare. */
  readonly user: string
}

interface Offered {
  readonly domain: string
  readonly offer: Offer
  /** How often a log-in may still fail. */
  readonly attempts: number
}

export interface Trying extends Offered {
  readonly asked: Asked
}

/** What of a log-in the core has heard last. `rubbish`: nothing of it; the client's answer was none, and the core is to give up. */
export type Said = 'first' | 'proof' | 'last' | 'abort' | 'rubbish'

export type RelayState =
  /** Waits for the client's header. */
  | { readonly phase: 'opening'; readonly known: Known | undefined }
  /** The core is dialled. */
  | { readonly phase: 'reaching'; readonly domain: string }
  | ({ readonly phase: 'offered' } & Offered)
  /** The client has been asked for its first message. */
  | ({ readonly phase: 'prompting'; readonly mechanism: string } & Offered)
  /** The gate is asked. */
  | ({ readonly phase: 'asking' } & Trying)
  /** The core is dialled anew, with a certificate for this user. */
  | ({ readonly phase: 'vouching' } & Trying)
  /** The core's turn: it has heard a word. The client is not read. */
  | ({ readonly phase: 'judging'; readonly said: Said; readonly nonce: string } & Trying)
  /** The core has shown a challenge, which waits to be passed on. */
  | ({ readonly phase: 'showing'; readonly message: Buffer; readonly nonce: string } & Trying)
  /** The client's turn: one word. `nonce`: that of the challenge; `last`: the core has proven itself too, and waits for an empty word. */
  | ({ readonly phase: 'answering'; readonly nonce: string; readonly last: boolean } & Trying)
  /** It has failed, and the client was shown a challenge all the same; its word is awaited. */
  | ({ readonly phase: 'misled'; readonly form: Form; readonly condition: SaslCondition } & Offered)
  /** It has failed; the client is told when the gate says so. */
  | ({ readonly phase: 'failing'; readonly form: Form; readonly condition: SaslCondition } & Offered)
  /** Our header is out inside, and the features are waited for. */
  | { readonly phase: 'reopening'; readonly known: Known }
  /**
   * Logged in, without an address; `asked`: the id of the request to bind one; `unresumed`: how often it asked for a session
   * that is not remembered.
   */
  | {
      readonly phase: 'unbound'
      readonly known: Known
      readonly offer: Offer | undefined
      readonly asked: string | undefined
      readonly unresumed: number
    }
  /** The client wants back a session that is remembered. */
  | {
      readonly phase: 'resuming'
      readonly known: Known
      readonly offer: Offer | undefined
      readonly unresumed: number
      /** Of the session; undefined: its counts are being looked for. */
      readonly address: string | undefined
    }
  | { readonly phase: 'bound'; readonly known: Known; readonly offer: Offer | undefined; readonly address: string }
  | { readonly phase: 'over' }

export type Of<P extends RelayState['phase']> = Extract<RelayState, { phase: P }>

export type RelayEvent =
  | { readonly kind: 'client-header'; readonly header: StreamHeader }
  | { readonly kind: 'client'; readonly frame: Frame }
  | { readonly kind: 'client-footer' }
  | { readonly kind: 'core-header' }
  | { readonly kind: 'core'; readonly frame: Frame }
  /** The core is reached, and offers this. */
  | { readonly kind: 'reached'; readonly features: Frame }
  /** The gate's word: the core may hear of it, or not. */
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused' }
  /** The core is reached by somebody who can vouch for the user, and offers this; or it is not. */
  | { readonly kind: 'vouched'; readonly features: Frame }
  | { readonly kind: 'not-vouched'; readonly detail: string }
  /** The client is to see a challenge first, with this message. */
  | { readonly kind: 'mislead'; readonly message: Buffer }
  /** The core's challenge has waited long enough. */
  | { readonly kind: 'show' }
  /** The client has waited long enough for the word that it failed. */
  | { readonly kind: 'told' }
  /** What came of a `resume`: the address that goes on, and what the core is to hear; undefined: it is not remembered. */
  | { readonly kind: 'remembered'; readonly bytes: Buffer | undefined; readonly address: string | undefined }
  /** The time of negotiation is over. */
  | { readonly kind: 'late' }
  /** Anything else that ends it. */
  | {
      readonly kind: 'end'
      readonly reason: ReasonId
      readonly detail: string
      readonly condition?: StreamCondition | undefined
      readonly application?: string | undefined
    }

export type RelayEffect =
  | { readonly kind: 'reach'; readonly domain: string }
  /** Our header to the client; undefined: it has asked for no domain of ours. And what it is offered. */
  | { readonly kind: 'open'; readonly domain: string | undefined }
  | { readonly kind: 'offer'; readonly offer: Offer }
  | { readonly kind: 'to-client'; readonly bytes: Buffer }
  /** An answer of ours to what the client has just said. */
  | { readonly kind: 'answer'; readonly bytes: Buffer }
  | { readonly kind: 'to-core'; readonly bytes: Buffer }
  /** The client's next header is awaited. */
  | { readonly kind: 'restart' }
  /** Our header again, inside. */
  | { readonly kind: 'reopen' }
  | { readonly kind: 'claim'; readonly asked: Asked; readonly domain: string }
  /** The core is to be met as this user, by certificate. */
  | { readonly kind: 'vouch'; readonly user: string; readonly domain: string }
  /** The core has shown a challenge, which waits until it is time. */
  | { readonly kind: 'challenged'; readonly shown: ScramChallenge }
  /** A log-in came to nothing; `challenged`: after a challenge of the core. */
  | {
      readonly kind: 'failed'
      readonly challenged: boolean
      readonly condition: SaslCondition
      readonly reason: ReasonId
      readonly detail: string
    }
  /** The client has answered a challenge that leads nowhere. */
  | { readonly kind: 'misled' }
  | { readonly kind: 'logged-in'; readonly asked: Asked; readonly known: Known }
  /** The client counts from here on what it sends. XEP-0198 §3 */
  | { readonly kind: 'counting' }
  /** Both count, and the session may be known by this id. */
  | { readonly kind: 'counted'; readonly enabled: Enabled }
  | { readonly kind: 'resume'; readonly frame: Frame }
  /** The core has taken it up again: what it says of its count is in the frame. */
  | { readonly kind: 'resumed'; readonly frame: Frame }
  /** The core does not know it any more. */
  | { readonly kind: 'not-resumed' }
  /** A word about counts, to be translated for the core or for the client. */
  | { readonly kind: 'count-to-core'; readonly frame: Frame }
  | { readonly kind: 'count-to-client'; readonly frame: Frame }
  | { readonly kind: 'bound'; readonly address: string }
  | RelayEnd

export interface RelayEnd {
  readonly kind: 'end'
  readonly reason: ReasonId
  readonly detail: string
  /** What the client is told; undefined: nothing but the end. */
  readonly condition: StreamCondition | undefined
  /** XML beside the condition. RFC 6120 §4.9.4 */
  readonly application?: string | undefined
}

export type RelayStep = readonly [next: RelayState, ...effects: RelayEffect[]]

export interface RelayRules extends SecuringRules {
  /** The domain that was asked for before TLS. */
  readonly requested: string | undefined
  readonly attempts: number
  /** Whom the certificate lets in that the client has shown; absent: it has shown none that does. */
  readonly card?: Chooser | undefined
}

export type Cell<P extends RelayState['phase'], K extends RelayEvent['kind']> = (
  state: Of<P>,
  event: Extract<RelayEvent, { kind: K }>,
  rules: RelayRules,
) => RelayStep

/** What happens in a phase. */
export type Row<P extends RelayState['phase']> = { readonly [K in RelayEvent['kind']]?: Cell<P, K> }
