// The embedded lab: the internal core and the partners of an evaluation set-up, in the process of the gateway. It can
// be told to send and asked what arrived, which is all that a demonstration needs.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StreamLimits } from '../net/limits.ts'
import { loadAnchors } from '../trust/anchors.ts'
import { loadIdentity } from '../trust/identity.ts'
import type { Verdict } from '../trust/verdict.ts'
import { verifyPeer } from '../trust/verify.ts'
import { parseElement } from '../xml/element.ts'
import { parseFragment } from '../xml/fragment.ts'
import { EventLog, type Numbered } from './events.ts'
import { Outsider, Refused } from './outsider.ts'
import {
  CLIENT_PORT,
  CORE,
  CORE_PORT,
  FEDERATION_PORT,
  LAB_CERTS,
  PASSWORDS,
  REMOTE,
  REMOTE_PORT,
  WEBSOCKET,
} from './places.ts'
import { readResidents, type Resident } from './residents.ts'
import { LabServer, type LabEvent } from './server.ts'

export interface LabOptions {
  /** The directory that holds `certs/`. */
  readonly root: string
  /** The certificate of the gateway's internal CA (PEM file): what the lab's core trusts. */
  readonly internalCa: string
  /** The loopback address of all servers, and of the gateway. */
  readonly host: string
  readonly limits: StreamLimits
  now(): number
}

/** A lab event as others see it: stanzas as XML. */
export type LabNews =
  | { readonly kind: 'received'; readonly domain: string; readonly stanza: string }
  | Extract<LabEvent, { kind: 'refused' }>

/** What became of a log-in from outside. */
export type LogInOutcome =
  | { readonly address: string }
  | { readonly condition?: string | undefined; readonly detail: string }

const KEPT_EVENTS = 1000
const PATIENCE_MS = 10_000

export class Lab implements AsyncDisposable {
  readonly #servers = new Map<string, LabServer>()
  readonly #events = new EventLog<LabNews>(KEPT_EVENTS)
  readonly #options: LabOptions
  /** The remote user, while they are logged in. */
  #outsider: Outsider | undefined

  private constructor(options: LabOptions) {
    this.#options = options
  }

  /** Starts all servers of the lab. Their streams to the gateway open when they have something to say. */
  static async start(options: LabOptions): Promise<Lab> {
    const lab = new Lab(options)
    const outside = await loadAnchors([join(options.root, LAB_CERTS, 'ca.pem')])
    const inside = await loadAnchors([options.internalCa])
    const fault = [...outside.findings, ...inside.findings].find(({ severity }) => severity === 'error')
    if (fault) throw new Error(`${fault.file}: ${fault.message}`)
    const residents = await readResidents(options.root)
    for (const resident of [residents.core, ...residents.outside]) {
      const isCore = resident === residents.core
      const anchors = isCore ? inside.anchors : outside.anchors
      await lab.#open(resident, isCore, (domain, chain) =>
        verifyPeer(chain, { domain, trust: { anchors, pins: [] }, now: options.now() }),
      )
    }
    return lab
  }

  async #open(
    { domain, further, users, port }: Resident,
    isCore: boolean,
    verify: (domain: string, chain: readonly Buffer[]) => Verdict,
  ): Promise<void> {
    const { root, host, limits } = this.#options
    const folder = join(root, LAB_CERTS, domain)
    const server = await LabServer.start({
      ...{ domain, further, users, host, port, limits, verify },
      ...(isCore && domain === CORE.domain ? { clients: { port: CLIENT_PORT, passwords: PASSWORDS } } : {}),
      identity: await loadIdentity(join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')),
      next: { host, port: isCore ? CORE_PORT : FEDERATION_PORT, tls: 'starttls' },
      watch: (event) => this.#watch(event),
    })
    this.#servers.set(domain, server)
  }

  #watch(event: LabEvent): void {
    this.#events.add(event.kind === 'refused' ? event : { ...event, stanza: event.stanza.toString() })
  }

  /**
   * Sends a stanza from one of the lab's servers.
   * @returns why it could not be sent; undefined when it was
   */
  send(domain: string, stanza: string): string | undefined {
    const sender = domain === REMOTE.place ? this.#outsider : this.#servers.get(domain)
    if (!sender) return domain === REMOTE.place ? 'nobody has logged in' : `there is no ${domain} in the lab`
    const read = parseFragment(stanza)
    if (!read.ok) return `not a stanza: ${read.detail}`
    sender.send(parseElement(read.frame))
    return undefined
  }

  /** Somebody logs in from outside, over WebSocket; whoever was there before has gone. @returns their address, or why they may not */
  async logIn(user: string, password: string): Promise<LogInOutcome> {
    const { root, host } = this.#options
    this.#outsider?.[Symbol.dispose]()
    this.#outsider = undefined
    const place = host.includes(':') ? `[${host}]` : host
    try {
      this.#outsider = await Outsider.logIn(user, password, {
        url: `wss://${place}:${REMOTE_PORT}${WEBSOCKET}`,
        ca: await readFile(join(root, LAB_CERTS, 'ca.pem'), 'utf8'),
        servername: CORE.domain,
        domain: CORE.domain,
        timeoutMs: PATIENCE_MS,
        received: (stanza) => this.#arrived(stanza),
      })
      return { address: this.#outsider.address }
    } catch (error) {
      const condition = error instanceof Refused ? error.condition : undefined
      return { detail: error instanceof Error ? error.message : String(error), ...(condition && { condition }) }
    }
  }

  #arrived(said: string): void {
    const read = parseFragment(said)
    if (read.ok)
      this.#events.add({ kind: 'received', domain: REMOTE.place, stanza: parseElement(read.frame).toString() })
  }

  /** What happened after event number `after`; waits until something did or `waitMs` is over. */
  events(after: number, waitMs: number): Promise<readonly Numbered<LabNews>[]> {
    return this.#events.after(after, AbortSignal.timeout(waitMs))
  }

  get lastEvent(): number {
    return this.#events.last
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#outsider?.[Symbol.dispose]()
    for (const server of this.#servers.values()) await server[Symbol.asyncDispose]()
  }
}
