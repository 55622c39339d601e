// A small XMPP server of one domain, or of a few: it federates by certificate over TLS as any server does, and its users answer
// politely. Enough to try the gateway with nothing else installed; what it says comes from `behaviour.ts`.

import { randomBytes } from 'node:crypto'
import type { Element } from '@xmpp/xml'
import { Listener } from '../net/listener.ts'
import type { StreamFailure } from '../net/reception.ts'
import type { Target } from '../net/resolve.ts'
import type { StreamLimits } from '../net/limits.ts'
import type { StreamEnd } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import type { Verdict } from '../trust/verdict.ts'
import { parseElement, serialize } from '../xml/element.ts'
import { parseDomain } from '../xmpp/domain.ts'
import { NS } from '../xmpp/namespaces.ts'
import { formatReference } from '../xmpp/reference.ts'
import { answers } from './behaviour.ts'
import { ClientPort } from './client-port.ts'
import { Outgoing } from './outgoing.ts'

export interface LabServerOptions {
  readonly domain: string
  /** For which other domains it speaks. */
  readonly further?: readonly string[]
  readonly users: readonly string[]
  readonly host: string
  readonly port: number
  readonly identity: Identity
  /** Where everything that is not this domain is sent. */
  readonly next: Target
  readonly limits: StreamLimits
  /** Where users log in, with which passwords; without it nowhere. */
  readonly clients?: { readonly port: number; readonly passwords: ReadonlyMap<string, string> }
  /** Is the peer who it says it is? */
  verify(domain: string, chain: readonly Buffer[]): Verdict
  /** What happens at this server, for whoever watches the lab. */
  watch(event: LabEvent): void
}

export type LabEvent =
  | { readonly kind: 'received'; readonly domain: string; readonly stanza: Element }
  | {
      readonly kind: 'refused'
      readonly domain: string
      readonly remote: string
      readonly condition?: string | undefined
      readonly detail: string
    }

export class LabServer implements AsyncDisposable {
  readonly domain: string
  readonly #options: LabServerOptions
  readonly #domains: ReadonlySet<string>
  readonly #users: ReadonlySet<string>
  /** By both domains of the pair. */
  readonly #outgoing = new Map<string, Outgoing>()
  #listener: Listener | undefined
  #clients: ClientPort | undefined

  private constructor(options: LabServerOptions) {
    this.domain = options.domain
    this.#options = options
    this.#domains = new Set([options.domain, ...(options.further ?? [])])
    this.#users = new Set(options.users)
  }

  static async start(options: LabServerOptions): Promise<LabServer> {
    const server = new LabServer(options)
    server.#listener = await server.#listen()
    const { domain, host, limits, clients } = options
    if (clients) {
      const said = (stanza: Element): void => server.send(stanza)
      server.#clients = await ClientPort.open({ domain, host, limits, ...clients, said, reference })
    }
    return server
  }

  /** Sends a stanza as one of this server's users; `to` decides where it goes. `from` is not checked: the lab may lie. */
  send(stanza: Element): void {
    const remote = domainOf(stanza.attrs.to)
    if (remote === undefined) throw new Error('the stanza has no address to go to')
    if (this.#domains.has(remote)) return this.#received(stanza)
    stanza.attrs['xmlns'] = NS.server // whoever logged in here may have said it
    const named = domainOf(stanza.attrs.from)
    const local = named !== undefined && this.#domains.has(named) ? named : this.domain
    this.#way({ local, remote }).send(serialize(stanza))
  }

  #way(pair: Pair): Outgoing {
    const { local, remote } = pair
    const key = `${local} ${remote}`
    const known = this.#outgoing.get(key)
    if (known) return known
    const { identity, verify, next, limits } = this.#options
    const way = new Outgoing(
      {
        pair,
        leg: 'lab',
        targets: [next],
        identity,
        verify: (chain) => Promise.resolve(verify(remote, chain)),
        limits,
        reference: reference(),
      },
      (failure) => this.#refused(remote, failure),
    )
    this.#outgoing.set(key, way)
    return way
  }

  #refused(remote: string, failure: StreamFailure | StreamEnd): void {
    const { condition, detail } = failure
    this.#options.watch({ kind: 'refused', domain: this.domain, remote, condition, detail })
  }

  #listen(): Promise<Listener> {
    const { host, port, identity, verify, limits } = this.#options
    return Listener.open({
      name: `lab ${this.domain}`,
      host,
      port,
      limits: () => limits,
      reception: {
        rules: () => ({
          opens: (pair) =>
            this.#domains.has(pair.local)
              ? undefined
              : { condition: 'host-unknown', reason: 'SP-115', detail: pair.local },
          admits: () => undefined,
        }),
        leg: () => 'lab',
        identity: () => Promise.resolve(identity),
        verify: (pair, chain) => Promise.resolve(verify(pair.remote, chain)),
        ready: () => ({
          frame: (frame) => this.#received(parseElement(frame)),
          drained: () => {},
          closed: () => {},
        }),
        failed: () => {},
        reference,
      },
    })
  }

  #received(stanza: Element): void {
    this.#options.watch({ kind: 'received', domain: this.domain, stanza })
    if (this.#clients?.deliver(stanza)) return // who is there answers for themselves
    for (const answer of answers(stanza, this.#users)) this.send(answer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const way of this.#outgoing.values()) way.close()
    await this.#clients?.[Symbol.asyncDispose]()
    await this.#listener?.close()
  }
}

function domainOf(address: string | undefined): string | undefined {
  const [domain = ''] = (address ?? '').replace(/^[^/@]*@/, '').split('/')
  return parseDomain(domain)
}

const reference = (): string => formatReference(randomBytes(8))
