// Our side of a component's stream (XEP-0114 §3), as a pure function: the core's server is what we connect to, and the name
// we bear there is a domain outside.
//
// Rule 1: every transition is a cell of TABLE. A missing cell closes the stream.
// Rule 2: the way to `ready` is the shared secret. With direct TLS the core proves its certificate before a word is said;
//         without, whoever dials answers for the network between the two.

import type { CertificateSummary } from '../trust/verdict.ts'
import type { Frame } from '../xml/frame.ts'
import { componentHeader } from '../xml/write.ts'
import { toUnicodeDomain } from '../xmpp/domain.ts'
import { NS } from '../xmpp/namespaces.ts'
import type { StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { type Closed, CLOSED, close, type Closing, finishClosing } from './closing.ts'
import { quote } from './quote.ts'
import { readStreamError } from './stream-error.ts'
import { amendClose, Automaton, ENDING, type Table, transition } from './table.ts'
import type { Machine, Pair, Step, StreamEvent } from './types.ts'

export type ComponentState =
  | { readonly phase: 'connecting' }
  /** Direct TLS: the handshake runs, then the certificate is judged. */
  | { readonly phase: 'upgrading' }
  | { readonly phase: 'verifying' }
  /** Our header is out; waits for the core's, which has the id. */
  | { readonly phase: 'opening'; readonly certificate: CertificateSummary | undefined }
  /** A header without an id: there is nothing to answer, and an error is to follow. */
  | { readonly phase: 'refused' }
  /** The digest is out; waits for the empty `<handshake/>`. */
  | { readonly phase: 'authenticating'; readonly certificate: CertificateSummary | undefined }
  | { readonly phase: 'ready' }
  | Closing
  | Closed

type S = ComponentState

export interface ComponentRules {
  /** `local`: the component's name. `remote`: the domain of ours that a certificate of the core has to name. */
  readonly pair: Pair
  /** `none`: in plaintext. */
  readonly tls: 'direct' | 'none'
  /** The digest of the stream's id and the secret, in lower-case hex. XEP-0114 §3 */
  digest(id: string): string
}

const TABLE: Table<S, ComponentRules> = {
  connecting: {
    connected: (_, __, { pair, tls }) =>
      tls === 'direct' ? [{ phase: 'upgrading' }, { kind: 'start-tls', pair, alpn: false }] : greet(pair, undefined),
  },
  upgrading: {
    secured: (_, { certificate }, { pair }) =>
      certificate ? [{ phase: 'verifying' }, { kind: 'verify', pair }] : close('SP-361'),
  },
  verifying: {
    verified: (_, { verdict }, { pair }) =>
      verdict.proven ? greet(pair, verdict.certificate) : close(verdict.reason, verdict.detail, 'not-authorized'),
  },
  opening: {
    header({ certificate }, { header }, { digest }) {
      const { id, scope } = header
      const content = scope.defaultNamespace
      if (content !== NS.component) return close('SP-433', `xmlns=${quote(content)}, no port for components`)
      // COMPAT: Prosody 0.12 has a header with an empty id before its error, to a name that it has no component for.
      if (id === undefined || id === '') return [{ phase: 'refused' }]
      return [
        { phase: 'authenticating', certificate },
        { kind: 'send', xml: `<handshake>${digest(id)}</handshake>` },
      ]
    },
    'stream-error': (_, { frame }) => refusal(frame),
  },
  refused: {
    'stream-error': (_, { frame }) => refusal(frame),
  },
  authenticating: {
    handshake: ({ certificate }, _, { pair }) => [
      { phase: 'ready' },
      { kind: 'ready', proven: { pair, method: 'secret', certificate }, bidi: true },
    ],
    'stream-error': (_, { frame }) => refusal(frame),
  },
  ...ENDING,
}

const greet = ({ local }: Pair, certificate: CertificateSummary | undefined): Step<S> => [
  { phase: 'opening', certificate },
  { kind: 'send', xml: componentHeader(toUnicodeDomain(local), 'en') },
]

/** Conditions that mean something of their own before the stream is ready. */
const REFUSALS: { readonly [C in StreamCondition]?: ReasonId } = {
  'not-authorized': 'SP-131',
  conflict: 'SP-132',
  'host-unknown': 'SP-133',
}

function refusal(frame: Frame): Step<Closed> {
  const { condition, reason, detail } = readStreamError(frame)
  const known = REFUSALS[condition] ?? reason
  return [CLOSED, { kind: 'close', reason: known, detail, by: 'peer', condition, say: 'footer' }]
}

/** Feeds one event to the stream. Never throws on what the core sends. */
export function step(state: S, event: StreamEvent, rules: ComponentRules): Step<S> {
  const result = transition(TABLE, state, event, rules, (s, what) =>
    s.phase === 'ready' ? close('SP-427', what) : s.phase === 'closing' ? finishClosing(s) : close('SP-433', what),
  )
  const mute = state.phase === 'connecting' || state.phase === 'upgrading' || state.phase === 'verifying'
  return mute ? amendClose(result, 'nothing', []) : result
}

/** A component's stream with its state. */
export function component(rules: ComponentRules): Machine {
  return new Automaton<S, ComponentRules>(step, { phase: 'connecting' }, rules)
}
