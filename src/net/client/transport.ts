// What brings a client's words to a session, and the session's to the client: TCP (`tcp.ts`) or WebSocket. It begins when
// TLS is up; how that came about, and how streams are framed, is the transport's own affair.
//
// Rule 1: while it is held, it tells nothing. A session that is told something may hold it at once.
// Rule 2: `ended` is the last thing it tells, and it is told in any case, once.

import type { StreamCondition } from '../../xmpp/conditions.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { TlsInfo, TlsStart } from '../../stream/types.ts'
import type { Frame, StreamHeader } from '../../xml/frame.ts'
import type { Bytes } from '../../xml/stretch.ts'

/** Who is there, as far as a transport knows. Plain data. */
export interface ClientFacts {
  /** Behind a balancer, that of the client. */
  readonly remoteAddress: string
  /** The balancer that vouches for it. */
  readonly balancer?: string
  /** The name of the listener. */
  readonly listener: string
  readonly transport: 'tcp' | 'websocket'
  readonly tls: TlsInfo & { readonly start: TlsStart }
  /** DER, leaf first; empty where none was asked for, or shown. */
  readonly chain: readonly Buffer[]
  /** The domain that was asked for before TLS, if one was. */
  readonly requested: string | undefined
}

/** What a transport tells. */
export interface ClientHandler {
  header(header: StreamHeader): void
  /** A first-level element; the default namespace of its scope is `jabber:client`. */
  frame(frame: Frame): void
  /** It has asked whether we are there, which is answered. */
  asked(): void
  footer(): void
  /** What came is nothing that a stream may carry. */
  fault(reason: ReasonId, detail: string, condition: StreamCondition): void
  /** `send` had said false, and there is room again. */
  drained(): void
  /** Nothing came for as long as allowed. */
  idle(): void
  /** The connection is gone. */
  ended(reason: ReasonId, detail: string): void
  /** Something threw that must not; the transport ends. */
  bug(error: unknown): void
}

export interface OurHeader {
  /** A domain of ours; undefined where an error follows, and none was asked for. */
  readonly from: string | undefined
  readonly to?: string | undefined
  readonly id: string
}

/** How a session ends, as the client hears it. */
export interface Farewell {
  /** Without one the stream just closes. RFC 6120 §4.4 */
  readonly condition?: StreamCondition | undefined
  /** XML of ours beside it. RFC 6120 §4.9.4 */
  readonly application?: string | undefined
  readonly reference: string
}

export interface ClientTransport {
  readonly facts: ClientFacts
  /** Shown to the client in whatever refuses it. */
  readonly reference: string
  handler: ClientHandler
  /** Says our header. */
  open(header: OurHeader): void
  /** Says features, given what is in them: XML that stands alone. */
  features(children: string): void
  /** Says one whole element in the scope of a client's stream. False: the pipe is full now. */
  send(bytes: Bytes): boolean
  /** A header follows, on the same connection. RFC 6120 §4.3.3 */
  restart(): void
  /** The client is who it says: other limits hold from here on. */
  authenticated(): void
  /** It has an address: the time of negotiation is over, and other clocks run. */
  settled(): void
  hold(): void
  release(): void
  readonly unread: number
  readonly unsent: number
  /** Says what there is to say and ends; in good order, and in bounded time. Nothing is told after it but `ended`. */
  close(farewell: Farewell): void
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>
}
