// The outer connection of a client until it is secured, as a pure function: STARTTLS (RFC 6120 §5) or direct TLS
// (XEP-0368). What comes after is a stream of its own, which says nothing of how it was secured (`relay.ts`).
//
// Rule 1: every transition is a cell of TABLE. A missing cell closes the stream.
// Rule 2: before TLS a client learns that TLS is required, and whether a name is one of ours; nothing else.
// Rule 3: what was said in plaintext but for the name is forgotten, and what was sent behind <starttls/> is an attack.

import { NS } from '../../xmpp/namespaces.ts'
import type { StreamHeader } from '../../xml/frame.ts'
import { parseDomain } from '../../xmpp/domain.ts'
import { type Closed, CLOSED, close, refuse } from '../closing.ts'
import { featuresElement } from '../features.ts'
import { headerFault } from '../header.ts'
import { quote } from '../quote.ts'
import { amendClose, Automaton, PROCEED, type Table, TLS_FAILURE, transition } from '../table.ts'
import type { Effect, Pair, Refusal, Step, StreamEvent, TlsStart } from '../types.ts'

export type SecuringState =
  /** Direct TLS: waits for the connection, then for the handshake. */
  | { readonly phase: 'connecting' }
  /** Waits for the client's header. */
  | { readonly phase: 'opening' }
  | { readonly phase: 'offered'; readonly domain: string }
  /** Finds a certificate to show. */
  | { readonly phase: 'preparing'; readonly domain: string }
  /** The handshake runs. */
  | { readonly phase: 'upgrading'; readonly domain: string | undefined }
  /** The rest is for the relay. `domain`: what was asked for in plaintext. */
  | { readonly phase: 'through'; readonly domain: string | undefined }
  | Closed

type S = SecuringState

export interface SecuringRules {
  /** Is this a domain of ours? */
  serves(domain: string): boolean
}

const TABLE: Table<S, SecuringRules> = {
  connecting: {
    connected: () => [{ phase: 'upgrading', domain: undefined }, { kind: 'accept-tls' }],
  },
  opening: {
    header(_, { header }, rules) {
      const asked = domainAsked(header, rules)
      if (typeof asked !== 'string') return refuse(asked)
      return [
        { phase: 'offered', domain: asked },
        { kind: 'header', from: asked, to: undefined },
        { kind: 'send', xml: featuresElement([]) },
      ]
    },
  },
  offered: {
    starttls({ domain }, { pending }) {
      // SECURITY: what was sent before the handshake must not be read as if it came through it.
      if (pending > 0) return close('SP-359', `${pending} bytes after <starttls/>`)
      return [
        { phase: 'preparing', domain },
        { kind: 'identify', pair: pairOf(domain) },
      ]
    },
  },
  preparing: {
    identified({ domain }, { found, detail }) {
      if (found) {
        return [
          { phase: 'upgrading', domain },
          { kind: 'send', xml: PROCEED },
          { kind: 'start-tls', pair: pairOf(domain) },
        ]
      }
      const end: Effect = { kind: 'close', reason: 'SP-360', detail, by: 'us', condition: undefined, say: 'footer' }
      return [CLOSED, { kind: 'send', xml: TLS_FAILURE }, end] // RFC 6120 §5.4.2.2
    },
  },
  upgrading: {
    secured: ({ domain }) => [{ phase: 'through', domain }],
  },
  through: {},
}

/** A client has no name yet. */
const pairOf = (domain: string): Pair => ({ local: domain, remote: '' })

/** The domain of ours that a client's header asks for, or what is wrong with the header. RFC 6120 §4.7 */
export function domainAsked(header: StreamHeader, rules: SecuringRules): string | Refusal {
  const fault = headerFault(header, NS.client)
  if (fault) return fault
  const domain = parseDomain(header.to ?? '')
  const detail = `to=${quote(header.to ?? '')}`
  if (domain === undefined) return { condition: 'improper-addressing', reason: 'SP-421', detail }
  return rules.serves(domain) ? domain : { condition: 'host-unknown', reason: 'SP-115', detail }
}

/** Feeds one event. Never throws on peer input. */
export function step(state: S, event: StreamEvent, rules: SecuringRules): Step<S> {
  const result = transition(TABLE, state, event, rules, (_, what) => close('SP-812', `${what}, before TLS`))
  if (state.phase === 'connecting' || state.phase === 'upgrading') return amendClose(result, 'nothing', [])
  if (state.phase !== 'opening') return result
  // The header that must precede an error. RFC 6120 §4.9.1.1
  const theirs = event.kind === 'header' ? parseDomain(event.header.to ?? '') : undefined
  return amendClose(result, undefined, [{ kind: 'header', from: theirs, to: undefined }])
}

export const opening = (tls: TlsStart): S => ({ phase: tls === 'direct' ? 'connecting' : 'opening' })

/** The outer connection with its state. */
export function securing(rules: SecuringRules, tls: TlsStart): Securing {
  return new Securing(step, opening(tls), rules)
}

class Securing extends Automaton<S, SecuringRules> {
  get domain(): string | undefined {
    return 'domain' in this.state ? this.state.domain : undefined
  }
}
