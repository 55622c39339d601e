// The inner connection of a session until the core has said what it offers, as a pure function: the initiating side of a
// client's stream (RFC 6120 §5, §7).
//
// Rule 1: every transition is a cell of TABLE. A missing cell closes the stream.
// Rule 2: nothing but the domain is said before TLS, and nothing at all to a core that has not proven to be one; `none` is
//         for whoever dials to answer for.

import { NS } from '../../xmpp/namespaces.ts'
import { type Closed, close, closedByError, refuse } from '../closing.ts'
import { readFeatures } from '../features.ts'
import { headerFault } from '../header.ts'
import { quote } from '../quote.ts'
import { amendClose, Automaton, STARTTLS, type Table, transition } from '../table.ts'
import type { Effect, Machine, Pair, Step, StreamEvent } from '../types.ts'

export type InnerState =
  | { readonly phase: 'connecting' }
  /** Our header is out; `secured`: there is nothing more to secure. */
  | { readonly phase: 'opening'; readonly secured: boolean }
  | { readonly phase: 'negotiating'; readonly secured: boolean }
  /** Asked for TLS. */
  | { readonly phase: 'proceeding' }
  | { readonly phase: 'upgrading' }
  | { readonly phase: 'verifying' }
  /** The features are there: the rest is for the relay. */
  | { readonly phase: 'through' }
  | Closed

type S = InnerState

export interface InnerRules {
  /** The domain asked for. */
  readonly domain: string
  readonly tls: 'starttls' | 'direct' | 'none'
}

const TABLE: Table<S, InnerRules> = {
  connecting: {
    connected: (_, __, rules) =>
      rules.tls === 'direct'
        ? [{ phase: 'upgrading' }, { kind: 'start-tls', pair: pairOf(rules) }]
        : [{ phase: 'opening', secured: rules.tls === 'none' }, ourHeader(rules)],
  },
  opening: {
    header({ secured }, { header }) {
      const fault = headerFault(header, NS.client)
      return fault ? refuse({ ...fault, reason: 'SP-807' }) : [{ phase: 'negotiating', secured }]
    },
  },
  negotiating: {
    features({ secured }, { frame }) {
      if (secured) return [{ phase: 'through' }]
      const { starttls, names } = readFeatures(frame)
      if (!starttls) return close('SP-803', `offered ${quote(names.join(' '))}`)
      return [{ phase: 'proceeding' }, { kind: 'send', xml: STARTTLS }]
    },
  },
  proceeding: {
    proceed(_, { pending }, rules) {
      // SECURITY: what was sent before the handshake must not be read as if it came through it.
      if (pending > 0) return close('SP-359', `${pending} bytes after <proceed/>`)
      return [{ phase: 'upgrading' }, { kind: 'start-tls', pair: pairOf(rules) }]
    },
    'tls-failure': () => close('SP-803', 'asked for TLS, it says that it cannot'),
  },
  upgrading: {
    secured: (_, { certificate }, rules) =>
      certificate
        ? [{ phase: 'verifying' }, { kind: 'verify', pair: pairOf(rules) }]
        : close('SP-804', 'it shows none'),
  },
  verifying: {
    verified: (_, { verdict }, rules) =>
      verdict.proven
        ? [{ phase: 'opening', secured: true }, ourHeader(rules)]
        : close('SP-804', `${verdict.reason} ${verdict.detail}`.trim()),
  },
  through: {},
}

const pairOf = ({ domain }: InnerRules): Pair => ({ local: domain, remote: domain })

const ourHeader = ({ domain }: InnerRules): Effect => ({ kind: 'header', from: undefined, to: domain })

/** Feeds one event. Never throws on what the core says. */
export function step(state: S, event: StreamEvent, rules: InnerRules): Step<S> {
  if (event.kind === 'element' && event.frame.namespace === NS.streams && event.frame.name === 'error') {
    return closedByError(event.frame)
  }
  const result = transition(TABLE, state, event, rules, (_, what) => close('SP-807', what))
  const mute = state.phase === 'connecting' || state.phase === 'upgrading' || state.phase === 'verifying'
  return mute ? amendClose(result, 'nothing', []) : result
}

/** The inner connection with its state. */
export function inner(rules: InnerRules): Machine {
  return new Automaton<S, InnerRules>(step, { phase: 'connecting' }, rules)
}
