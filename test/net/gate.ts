// A gateway of a test: a real listener and a real dialler, with everything that happens to their streams written down.

import type { ConnectionOptions } from 'node:tls'
import { verifyPeer } from '../../src/trust/verify.ts'
import { anchorsOf } from '../../src/trust/anchors.ts'
import { type Identity, makeIdentity } from '../../src/trust/identity.ts'
import type { Verdict } from '../../src/trust/verdict.ts'
import { type Caps, ConnectionCaps } from '../../src/net/caps.ts'
import { dial, type DialOptions, type DialResult } from '../../src/net/dial.ts'
import { DEFAULT_LIMITS, type StreamLimits } from '../../src/net/limits.ts'
import { Listener } from '../../src/net/listener.ts'
import type { Reception, StreamFailure } from '../../src/net/reception.ts'
import type { Stream, StreamEnd, StreamHandler } from '../../src/net/stream.ts'
import type { Refusal, TlsStart } from '../../src/stream/types.ts'
import type { Frame } from '../../src/xml/frame.ts'
import { Dialog } from '../support/dialog.ts'
import type { Issued } from '../support/pki.ts'
import { within } from '../support/within.ts'

const PATIENCE_MS = 5000

/** Limits for tests: the real ones, but with patience for nothing. */
export const LIMITS: StreamLimits = { ...DEFAULT_LIMITS, closeMs: 500, negotiationMs: 3000, connectMs: 2000 }

export const identityOf = ({ fullchainPem, keyPem }: Issued): Identity => makeIdentity(fullchainPem, keyPem)

export const prove = (ca: Issued, domain: string, chain: readonly Buffer[]): Verdict =>
  verifyPeer(chain, { domain, trust: { anchors: anchorsOf([ca.der], 'test'), pins: [] }, now: Date.now() })

/** Things that happen, in order, to be waited for. */
export class Happenings<T> {
  readonly all: T[] = []
  #at = 0
  #wake = Promise.withResolvers<void>()

  readonly add = (thing: T): void => {
    this.all.push(thing)
    this.#wake.resolve()
    this.#wake = Promise.withResolvers<void>()
  }

  /** The next one, whether it has come already or not. */
  async next(): Promise<T> {
    const wait = async (): Promise<T> => {
      while (this.#at >= this.all.length) await this.#wake.promise
      // oxlint-disable-next-line typescript/no-non-null-assertion -- there is one: the loop waits for it
      return this.all[this.#at++]!
    }
    return within(PATIENCE_MS, wait(), 'something to happen')
  }
}

export class Events {
  readonly streams = new Happenings<Stream>()
  readonly frames = new Happenings<string>()
  readonly ends = new Happenings<StreamEnd>()
  readonly drains = new Happenings<number>()
  /** What the connection took of the stanzas sent, and how many were in doubt when it was gone. */
  taken = 0
  readonly gone = new Happenings<number>()
  readonly failures = new Happenings<StreamFailure>()
  readonly bugs = new Happenings<unknown>()

  handler(onFrame?: (frame: Frame, stream: Stream) => void): (stream: Stream) => StreamHandler {
    return (stream) => {
      this.streams.add(stream)
      return {
        frame: (frame) => {
          this.frames.add(frame.bytes.toString())
          onFrame?.(frame, stream)
        },
        drained: () => this.drains.add(stream.bufferedBytes),
        taken: (stanzas) => (this.taken += stanzas),
        closed: this.ends.add,
        gone: this.gone.add,
      }
    }
  }
}

/** Caps that tell when a connection is gone, and everybody has heard of it. */
class TellingCaps extends ConnectionCaps {
  readonly #left: (total: number) => void

  constructor(caps: () => Caps, left: (total: number) => void) {
    super(caps)
    this.#left = left
  }

  override leave(address: string): void {
    super.leave(address)
    setImmediate(() => this.#left(this.total))
  }
}

export interface GateOptions {
  readonly ca: Issued
  readonly certificate: Issued
  readonly limits?: Partial<StreamLimits>
  readonly admits?: () => Refusal | undefined
  readonly reception?: Partial<Reception>
  readonly host?: string
  readonly port?: number
  readonly tls?: TlsStart
  readonly onFrame?: (frame: Frame, stream: Stream) => void
  readonly isBalancer?: (address: string) => boolean
}

const notYet = (): never => {
  throw new Error('not open yet')
}

/** A listener that serves `us.test`. */
export class Gate extends Events implements AsyncDisposable {
  /** How many connections there were, each time one had gone. */
  readonly #left = new Happenings<number>()
  #listener: Listener | undefined
  #tls: TlsStart = 'starttls'

  static async open({
    ca,
    certificate,
    limits,
    admits,
    reception,
    onFrame,
    host = '127.0.0.1',
    port = 0,
    tls = 'starttls',
    isBalancer = () => false,
  }: GateOptions): Promise<Gate> {
    const gate = new Gate()
    gate.#tls = tls
    const identity = identityOf(certificate)
    let references = 0
    const all = { ...LIMITS, ...limits }
    gate.#listener = await Listener.open({
      name: 'test',
      host,
      port,
      tls,
      isBalancer,
      limits: () => all,
      caps: new TellingCaps(() => all, gate.#left.add),
      reception: {
        rules: () => ({
          opens: ({ local, remote }) => {
            if (local !== 'us.test') return { condition: 'host-unknown', reason: 'SP-115' }
            return remote === 'us.test' ? { condition: 'invalid-from', reason: 'SP-111' } : undefined
          },
          admits: () => admits?.(),
        }),
        leg: () => 'partner',
        identity: () => Promise.resolve(identity),
        greet: () => identity,
        verify: ({ remote }, chain) => Promise.resolve(prove(ca, remote, chain)),
        ready: (stream) => gate.handler(onFrame)(stream),
        failed: (failure) => gate.failures.add(failure),
        reference: () => `test-refe-${++references}`,
        bug: (error) => gate.bugs.add(error),
        ...reception,
      },
    })
    return gate
  }

  get listener(): Listener {
    return this.#listener ?? notYet()
  }

  get target(): { readonly host: string; readonly port: number; readonly tls: TlsStart } {
    return { host: this.listener.address.address, port: this.listener.address.port, tls: this.#tls }
  }

  /** Waits until no more connections are open than these, ready or not. */
  async settled(connections: number): Promise<void> {
    const wait = async (): Promise<void> => {
      while (this.listener.connections > connections) await this.#left.next()
    }
    await within(PATIENCE_MS, wait(), () => `${connections} connections; there are ${this.listener.connections}`)
  }

  /** A raw connection to it. */
  dialog(): Promise<Dialog> {
    return Dialog.open(this.target)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener[Symbol.asyncDispose]()
  }
}

/** Dials as `peer.test`, which wants to reach `us.test`. */
export class Caller extends Events {
  readonly #ca: Issued
  readonly #certificate: Issued

  constructor(ca: Issued, certificate: Issued) {
    super()
    this.#ca = ca
    this.#certificate = certificate
  }

  dial(
    port: number,
    { limits, ...options }: Partial<Omit<DialOptions, 'limits'>> & { readonly limits?: Partial<StreamLimits> } = {},
  ): Promise<DialResult> {
    return dial(
      {
        pair: { local: 'peer.test', remote: 'us.test' },
        leg: 'core',
        targets: [{ host: '127.0.0.1', port, tls: 'starttls' }],
        identity: identityOf(this.#certificate),
        verify: (chain) => Promise.resolve(prove(this.#ca, 'us.test', chain)),
        reference: 'call-refe-rence',
        bug: this.bugs.add,
        ...options,
        limits: { ...LIMITS, ...limits },
      },
      this.handler(),
    )
  }

  /** Dials and insists. */
  async reach(port: number, options: Parameters<Caller['dial']>[1] = {}): Promise<Stream> {
    const result = await this.dial(port, options)
    if (!result.ok) throw new Error(`${result.failure.reason}: ${result.failure.detail}`)
    return result.stream
  }

  /** Dials and expects to fail. */
  async fail(
    port: number,
    options: Parameters<Caller['dial']>[1] = {},
  ): Promise<Extract<DialResult, { ok: false }>['failure']> {
    const result = await this.dial(port, options)
    if (result.ok) throw new Error('a stream became ready')
    return result.failure
  }
}

// --- words of a peer ---

export const header = (attributes: Readonly<Record<string, string>> = {}): string => {
  const all = { from: 'peer.test', to: 'us.test', version: '1.0', ...attributes }
  const written = Object.entries(all).map(([name, value]) => `${name}='${value}'`)
  return `<stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' ${written.join(' ')}>`
}

export const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
export const PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
export const AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>"
export const SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
export const message = (body: string): string =>
  `<message from='a@peer.test' to='b@us.test'><body>${body}</body></message>`

/** Takes a raw connection to a phase of the receiving side, as a well-behaved peer would. */
export async function reachPhase(
  dialog: Dialog,
  phase: 'opening' | 'tls' | 'secured' | 'ready',
  certificate?: Issued,
  options: ConnectionOptions = {},
): Promise<Dialog> {
  if (phase === 'opening') return dialog
  await dialog.say(header()).expect(/<stream:features><starttls.*<\/stream:features>/)
  await dialog.say(STARTTLS).expect(/<proceed/)
  await dialog.startTls({ certificate, options })
  if (phase === 'tls') return dialog
  await dialog.say(header()).expect(/<mechanism>EXTERNAL<\/mechanism>.*<\/stream:features>/)
  if (phase === 'secured') return dialog
  await dialog.say(AUTH).expect(/<success/)
  await dialog.say(header()).expect(/<stream:features>.*<\/stream:features>/)
  return dialog
}
