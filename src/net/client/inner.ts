// The inner connection of a session: to the port of the core where its own clients connect. Dialled when a client asks for
// a domain; what the core offers comes back, and from then on the session speaks.
//
// Rule 1: the core proves to be one, for this domain, before anything but the domain is said; without TLS only where the
//         settings say so of the very address that answers.
// Rule 2: only who has proven to be the core can send us to another host, and not for ever. RFC 6120 §4.9.3.19

import { isIP, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { inner } from '../../stream/client/inner.ts'
import type { CloseEffect, StreamEvent, TlsEffect } from '../../stream/types.ts'
import type { Identity } from '../../trust/identity.ts'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import type { Verdict } from '../../trust/verdict.ts'
import type { Frame, StreamHeader } from '../../xml/frame.ts'
import type { ScanEvent } from '../../xml/scanner.ts'
import type { Bytes } from '../../xml/stretch.ts'
import { streamHeader } from '../../xml/write.ts'
import { toUnicodeDomain } from '../../xmpp/domain.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { CANCELLED, connectTo } from '../connect.ts'
import { onTheClock } from '../dial.ts'
import type { Failure } from '../failure.ts'
import type { StreamLimits } from '../limits.ts'
import { proxyHeader } from '../proxy-header.ts'
import { race } from '../race.ts'
import { readRedirect } from '../redirect.ts'
import type { AddressResolution } from '../resolve.ts'
import { connectAsClient } from '../secure.ts'
import { ByThePiece } from './by-the-piece.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { CoreContexts } from './core-contexts.ts'

/** How the core is reached for one domain. */
export interface InnerOptions {
  readonly domain: string
  readonly host: string
  readonly port: number
  readonly tls: 'starttls' | 'direct' | 'none'
  addresses(host: string): Promise<AddressResolution>
  /** May the core be met in plaintext at this address? */
  mayBePlaintext(address: string): boolean
  /** By which TLS is spoken. */
  readonly profile: ProfileName
  /** Shown to the core, for a user who has logged in by certificate. */
  readonly identity?: Identity | undefined
  /** Does the chain (DER, leaf first) prove to be the core, for the domain? */
  verify(chain: readonly Buffer[]): Verdict
  /** Whose connection it is, where the core is told: before anything else, by PROXY protocol. `visitor`: our own. */
  readonly tells?: { readonly client: string } | 'visitor' | undefined
  readonly limits: StreamLimits
  readonly reference: string
  readonly signal: AbortSignal
  bug(error: unknown, reference: string): void
}

/** What the core says, once it has said what it offers. */
export interface InnerHandler {
  header(header: StreamHeader): void
  frame(frame: Frame): void
  drained(): void
  /** It is over, for this reason. A stream error came as a frame before. */
  ended(reason: ReasonId, detail: string): void
}

export type Reached =
  | { readonly ok: true; readonly inner: Inner; readonly features: Frame }
  /** `cause`: why it came to that, where the core was reached. */
  | { readonly ok: false; readonly reason: ReasonId; readonly detail: string; readonly cause?: ReasonId }

const MOST_HOPS = 3
const MOST_ADDRESSES = 8
const CLIENT_PORT = 5222
/** What a core may say before we have logged in: much more than a stranger. */
const BEFORE = { stanzaBytes: 65_536, totalBytes: 131_072, elements: 512, totalElements: 1024 } as const

const limitsOf = new WeakMap<StreamLimits, StreamLimits>()

/** The limits of the connection: one value for all of them. The core alone says when it is idle. */
function innerLimits(limits: StreamLimits): StreamLimits {
  const made = limitsOf.get(limits) ?? { ...limits, before: { ...limits.before, ...BEFORE }, idleMs: 0 }
  limitsOf.set(limits, made)
  return made
}

const contexts = new CoreContexts(() => performance.now())

/** Connects to the core and goes on until it has said what it offers. Never rejects. */
export async function reachCore(options: InnerOptions): Promise<Reached> {
  let { host, port } = options
  for (let hops = 0; hops <= MOST_HOPS; hops++) {
    const outcome = await reachAt({ ...options, host, port })
    if (outcome.ok || outcome.elsewhere === undefined) return outcome
    const next = readRedirect(outcome.elsewhere, CLIENT_PORT)
    if (!next)
      return { ok: false, reason: 'SP-818', detail: `"${outcome.elsewhere.slice(0, 100)}" is no host and port` }
    ;({ host, port } = next)
  }
  return { ok: false, reason: 'SP-818', detail: `${MOST_HOPS} times, at last to ${host}:${port}` }
}

type Outcome = Reached & { readonly elsewhere?: string }

async function reachAt(options: InnerOptions): Promise<Outcome> {
  const { host, port, limits, signal } = options
  const unreached = ({ reason, detail }: Failure): Outcome => ({
    ok: false,
    reason: reason === CANCELLED.reason ? reason : 'SP-802',
    detail: `${host}:${port}: ${reason} ${detail}`.trimEnd(),
  })
  const known: AddressResolution = isIP(host) > 0 ? { ok: true, addresses: [host] } : await options.addresses(host)
  if (!known.ok) return unreached(known)
  const all = [...known.addresses, ...((await known.more) ?? [])].slice(0, MOST_ADDRESSES)
  const addresses = options.tls === 'none' ? all.filter((address) => options.mayBePlaintext(address)) : all
  if (addresses.length === 0) return unreached({ reason: 'SP-202', detail: 'no address that may be met in plaintext' })
  const { winner, failed } = await race<Socket, Failure>({
    addresses,
    attempt: (address, given) =>
      connectTo({
        ...{ host: address, port, timeoutMs: limits.connectMs, localAddress: undefined, signal: given },
        plain: true,
      }),
    discard: (socket) => socket.destroy(),
    delay: onTheClock,
    signal,
  })
  if (!winner) return unreached(failed[0]?.lost ?? CANCELLED)
  if (options.tells !== undefined) winner.won.write(headerOf(winner.won, options.tells))
  return new Promise((resolve) => {
    let made: Inner | undefined
    const cancel = (): void => made?.cancel()
    signal.addEventListener('abort', cancel)
    made = new Inner(winner.won, options, (outcome) => {
      signal.removeEventListener('abort', cancel)
      resolve(outcome)
    })
  })
}

/** The port of a client is not known here; where it arrived is where we connect to. */
function headerOf(socket: Socket, tells: NonNullable<InnerOptions['tells']>): string {
  const { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 } = socket
  const client = tells === 'visitor' ? { address: localAddress, port: localPort } : { address: tells.client, port: 0 }
  return proxyHeader(client, { address: remoteAddress, port: remotePort })
}

export class Inner implements ConnectionOwner {
  readonly role = 'initiating'
  readonly reference: string
  readonly #domain: string
  readonly #bug: InnerOptions['bug']
  /** How it is made; undefined: it is through, and lasts. */
  #making: InnerOptions | undefined
  readonly #connection: Connection
  #settle: ((outcome: Outcome) => void) | undefined
  #handler: InnerHandler | undefined
  #secured = false
  /** How it ended, while nobody listened yet. */
  #end: Parameters<InnerHandler['ended']> | undefined

  constructor(socket: Socket, options: InnerOptions, settle: (outcome: Outcome) => void) {
    const { domain, tls, limits, reference, bug } = options
    this.#making = options
    this.#domain = domain
    this.#bug = bug
    this.reference = reference
    this.#settle = settle
    this.#secured = tls === 'none'
    this.#connection = new Connection(socket, inner({ domain, tls }), innerLimits(limits), this)
  }

  set handler(handler: InnerHandler) {
    this.#handler = handler
  }

  get unread(): number {
    return this.#connection.unread
  }

  get unsent(): number {
    return this.#connection.unsent
  }

  get gone(): Promise<void> {
    return this.#connection.gone
  }

  /** Nobody waits for it any more; nothing where it is through. */
  cancel(): void {
    if (this.#settle) this.#connection.quit('SP-217', 'no longer wanted')
  }

  send(bytes: Bytes): boolean {
    return this.#connection.write(bytes)
  }

  /** A new stream follows: says our header. RFC 6120 §4.3.3 */
  reopen(): void {
    this.#connection.restart()
    this.#connection.say(this.#ourHeader())
  }

  /** We are logged in: other limits hold from here on. */
  authenticated(): void {
    this.#connection.authenticated()
  }

  /** We have an address: other clocks run from here on. */
  settled(): void {
    this.#connection.settled()
  }

  hold(): void {
    this.#connection.hold()
  }

  release(): void {
    this.#connection.release()
    const end = this.#end
    this.#end = undefined
    if (end) this.#handler?.ended(...end)
  }

  /** Ends it, and tells nothing more of it. */
  leave(): void {
    this.#handler = undefined
    this.end()
  }

  /**
   * In good order with `</stream:stream>`; `abruptly`: without it, as if the network had failed, so that the session can be
   * resumed. What was accepted for the core leaves first, in any case.
   */
  end(abruptly = false): void {
    if (abruptly) this.#connection.end()
    else this.#connection.end({ reference: this.reference })
  }

  #ourHeader(): string {
    return streamHeader({ to: toUnicodeDomain(this.#domain), lang: 'en', namespace: NS.client })
  }

  header(): Buffer {
    return Buffer.from(this.#ourHeader())
  }

  identify(): Promise<StreamEvent> {
    return Promise.reject(new Error('a client shows no certificate'))
  }

  wrap(_: TlsEffect, plain: Socket): TLSSocket {
    const { domain, profile, identity, tls } = this.#made
    const context = identity?.under(profile).context ?? contexts.at(this.#made, profile)
    return connectAsClient(new ByThePiece(plain), domain, context, tls === 'direct')
  }

  verify(chain: readonly Buffer[]): Verdict {
    const verdict = this.#made.verify(chain)
    this.#secured = verdict.proven
    if (verdict.proven) contexts.chose(this.#made, this.#connection.tls?.group)
    return verdict
  }

  through(features: Frame | undefined): void {
    const settle = this.#settle
    this.#settle = undefined
    if (!settle || !features) throw new Error('through without features')
    this.#making = undefined
    this.#connection.hold() // until somebody listens
    settle({ ok: true, inner: this, features })
  }

  over({ reason, detail, elsewhere, by }: CloseEffect): void {
    const settle = this.#settle
    this.#settle = undefined
    if (!settle) return this.#ended(...endOf(reason, detail, by))
    const ours = reason.startsWith('SP-8') || reason === CANCELLED.reason
    const sent = this.#secured && elsewhere !== undefined ? { elsewhere } : {}
    settle({
      ok: false,
      reason: ours ? reason : 'SP-802',
      detail: ours ? detail : `${reason} ${detail}`.trim(),
      cause: reason,
      ...sent,
    })
  }

  get #made(): InnerOptions {
    if (!this.#making) throw new Error('it is through')
    return this.#making
  }

  #ended(reason: ReasonId, detail: string): void {
    if (this.#handler) this.#handler.ended(reason, detail)
    else this.#end = [reason, detail]
  }

  scanned(event: ScanEvent): void {
    const handler = this.#handler
    switch (event.kind) {
      case 'header':
        return handler?.header(event.header)
      case 'frame':
        return handler?.frame(event.frame)
      case 'footer':
        return handler?.ended('SP-805', 'it closed the stream')
      case 'error':
        return handler?.ended('SP-807', `${event.reason} ${event.detail}`)
    }
  }

  drained(): void {
    this.#handler?.drained()
  }

  idle(): void {}

  bug(error: unknown): void {
    this.#bug(error, this.reference)
  }
}

/** A core that has let the time of negotiation pass is not gone. */
const endOf = (reason: ReasonId, detail: string, by: CloseEffect['by']): Parameters<InnerHandler['ended']> =>
  reason === 'SP-430' ? ['SP-870', ''] : ['SP-806', by === 'network' ? `${reason} ${detail}`.trim() : detail]
