// The organisation's own server behind the gateway, as far as a case needs one: it says what it is told to, and what reaches
// it is kept.

import type { Element } from '@xmpp/xml'
import { LabServer } from '../../lab/server.ts'
import { DEFAULT_LIMITS } from '../../net/limits.ts'
import { loadAnchors } from '../../trust/anchors.ts'
import { makeIdentity } from '../../trust/identity.ts'
import { verifyPeer } from '../../trust/verify.ts'
import { parseElement } from '../../xml/element.ts'
import { parseFragment } from '../../xml/fragment.ts'
import type { Shown } from './wire.ts'

export interface CoreOptions {
  readonly domain: string
  readonly users: readonly string[]
  readonly host: string
  readonly port: number
  /** Where the gateway takes what goes outside. */
  readonly gatewayPort: number
  readonly shown: Shown
  /** PEM file of the CA by which the gateway shows itself inside. */
  readonly internalCa: string
}

/** The gateway has a stream to it for each partner that a case makes up. */
const LIMITS = { ...DEFAULT_LIMITS, connections: 10_000, connectionsPerAddress: 10_000 }

type Listener = (stanza: Element) => void

export class Core implements AsyncDisposable {
  readonly #listeners = new Set<Listener>()
  #server: LabServer | undefined

  static async start(o: CoreOptions): Promise<Core> {
    const core = new Core()
    const { anchors, findings } = await loadAnchors([o.internalCa])
    const fault = findings.find(({ severity }) => severity === 'error')
    if (fault) throw new Error(`${fault.file}: ${fault.message}`)
    const { domain, users, host, port } = o
    core.#server = await LabServer.start({
      ...{ domain, users, host, port, limits: LIMITS },
      identity: makeIdentity(o.shown.cert, o.shown.key),
      next: { host, port: o.gatewayPort, tls: 'starttls' },
      verify: (peer, chain) => verifyPeer(chain, { domain: peer, trust: { anchors, pins: [] }, now: Date.now() }),
      watch: (event) => {
        if (event.kind === 'received') for (const listener of core.#listeners) listener(event.stanza)
      },
    })
    return core
  }

  /** @throws when it is no stanza */
  say(stanza: string): void {
    const read = parseFragment(stanza)
    if (!read.ok) throw new Error(`not a stanza: ${read.detail}`)
    this.#server?.send(parseElement(read.frame))
  }

  /** Hears of every stanza that arrives until it is disposed of. */
  listen(listener: Listener): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]()
  }
}
