// The organisation's own server behind the gateway, with its rooms, as far as a case needs one: it says what it is told to,
// and what reaches it is kept. Its users are the polite ones of the lab; in its rooms nobody answers but the case.

import { randomBytes } from 'node:crypto'
import xml, { type Element } from '@xmpp/xml'
import { answers } from '../../lab/behaviour.ts'
import { Outgoing } from '../../lab/outgoing.ts'
import { DEFAULT_LIMITS } from '../../net/limits.ts'
import { Listener } from '../../net/listener.ts'
import type { Stream } from '../../net/stream.ts'
import { loadAnchors } from '../../trust/anchors.ts'
import { makeIdentity } from '../../trust/identity.ts'
import type { Verdict } from '../../trust/verdict.ts'
import { verifyPeer } from '../../trust/verify.ts'
import { parseElement, serialize } from '../../xml/element.ts'
import { parseFragment } from '../../xml/fragment.ts'
import { NAMESPACES } from '../namespaces.ts'
import type { Shown } from './wire.ts'

export interface CoreOptions {
  /** What it serves, and what it shows for each; users are those of the first. */
  readonly domains: ReadonlyMap<string, Shown>
  readonly users: readonly string[]
  /** Whoever of the first has such a local part says only what a case says. Default: nobody does. */
  readonly silent?: RegExp
  readonly host: string
  readonly port: number
  /** Where the gateway takes what goes outside. */
  readonly gatewayPort: number
  /** PEM file of the CA by which the gateway shows itself inside. */
  readonly internalCa: string
}

/** The gateway has a stream to it for each partner that a case makes up. */
const LIMITS = { ...DEFAULT_LIMITS, connections: 10_000, connectionsPerAddress: 10_000 }

const ITEMS = 'http://jabber.org/protocol/disco#items'

type Hearer = (stanza: Element) => void
type Proves = (domain: string, chain: readonly Buffer[]) => Verdict

export class Core implements AsyncDisposable {
  readonly #options: CoreOptions
  readonly #proves: Proves
  readonly #hearers = new Set<Hearer>()
  readonly #ways = new Map<string, Outgoing>()
  readonly #users: ReadonlySet<string>
  #listener: Listener | undefined
  /** Those that the gateway has opened. */
  readonly #streams = new Set<Stream>()

  private constructor(options: CoreOptions, proves: Proves) {
    this.#options = options
    this.#proves = proves
    this.#users = new Set(options.users)
  }

  static async start(o: CoreOptions): Promise<Core> {
    const { anchors, findings } = await loadAnchors([o.internalCa])
    const fault = findings.find(({ severity }) => severity === 'error')
    if (fault) throw new Error(`${fault.file}: ${fault.message}`)
    const core = new Core(o, (domain, chain) =>
      verifyPeer(chain, { domain, trust: { anchors, pins: [] }, now: Date.now() }),
    )
    core.#listener = await core.#listen()
    return core
  }

  /** Says a stanza, by the way to the domain that it is for, or by another one's. @throws when it is no stanza */
  say(stanza: string, by?: string): void {
    const read = parseFragment(stanza)
    if (!read.ok) throw new Error(`not a stanza: ${read.detail}`)
    this.#send(parseElement(read.frame), by)
  }

  /** Hears of every stanza that arrives until it is disposed of. */
  listen(hearer: Hearer): Disposable {
    this.#hearers.add(hearer)
    return { [Symbol.dispose]: () => void this.#hearers.delete(hearer) }
  }

  /** It is gone, with all of its streams. */
  async breaks(): Promise<void> {
    for (const way of this.#ways.values()) way.close()
    this.#ways.clear()
    const listener = this.#listener
    this.#listener = undefined
    for (const stream of this.#streams) stream.destroy()
    await listener?.close()
  }

  /** Whatever name it says it in, it says it as one of its own domains. */
  #send(stanza: Element, by = domainOf(stanza.attrs['to'])): void {
    const { domains } = this.#options
    const from = domainOf(stanza.attrs['from'])
    const local = domains.has(from) ? from : [...domains.keys()][0]!
    stanza.attrs['xmlns'] = NAMESPACES.SERVER
    this.#way(local, by).send(serialize(stanza))
  }

  #way(local: string, remote: string): Outgoing {
    const key = `${local} ${remote}`
    const known = this.#ways.get(key)
    if (known) return known
    const { host, gatewayPort: port } = this.#options
    const way = new Outgoing(
      {
        ...{ pair: { local, remote }, leg: 'lab', targets: [{ host, port, tls: 'starttls' }], limits: LIMITS },
        ...{ identity: this.#identity(local), reference: reference() },
        verify: (chain) => Promise.resolve(this.#proves(remote, chain)),
      },
      () => undefined,
    )
    this.#ways.set(key, way)
    return way
  }

  #identity(domain: string): ReturnType<typeof makeIdentity> {
    const { cert, key } = this.#options.domains.get(domain)!
    return makeIdentity(cert, key)
  }

  #listen(): Promise<Listener> {
    const { host, port, domains } = this.#options
    return Listener.open({
      ...{ name: 'core', host, port, limits: () => LIMITS },
      reception: {
        rules: () => ({
          opens: ({ local }) =>
            domains.has(local) ? undefined : { condition: 'host-unknown', reason: 'SP-115', detail: local },
          admits: () => undefined,
        }),
        leg: () => 'lab',
        identity: ({ local }) => Promise.resolve(this.#identity(local)),
        verify: ({ remote }, chain) => Promise.resolve(this.#proves(remote, chain)),
        ready: (stream) => {
          this.#streams.add(stream)
          return {
            frame: (frame) => this.#received(parseElement(frame)),
            drained: () => {},
            closed: () => void this.#streams.delete(stream),
          }
        },
        failed: () => {},
        reference,
      },
    })
  }

  #received(stanza: Element): void {
    for (const hearer of this.#hearers) hearer(stanza)
    const [first] = this.#options.domains.keys()
    const to = stanza.attrs['to'] ?? ''
    if (domainOf(to) !== first || this.#options.silent?.test(to.replace(/@.*$/s, ''))) return
    const listed = this.#services(stanza)
    if (listed) return this.#send(listed)
    for (const answer of answers(stanza, this.#users)) this.#send(answer)
  }

  /** The answer to who asks which services there are: all domains but the first. XEP-0030 §4 */
  #services(stanza: Element): Element | undefined {
    const { from, to, id, type } = stanza.attrs
    const [first, ...services] = this.#options.domains.keys()
    if (to !== first || type !== 'get' || !stanza.getChild('query', ITEMS)) return undefined
    const items = services.map((jid) => xml('item', { jid }))
    return xml('iq', { type: 'result', id, from: to, to: from }, xml('query', { xmlns: ITEMS }, ...items))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const way of this.#ways.values()) way.close()
    await this.#listener?.close()
  }
}

const domainOf = (address = ''): string => address.replace(/\/.*$/s, '').replace(/^.*@/s, '').toLowerCase()

const reference = (): string => randomBytes(8).toString('hex')
