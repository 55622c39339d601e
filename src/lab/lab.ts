// The embedded lab: the internal core and the partners of an evaluation set-up, in the process of the gateway. It can
// be told to send and asked what arrived, which is all that a demonstration needs.

import { join } from 'node:path'
import type { StreamLimits } from '../net/limits.ts'
import { loadAnchors } from '../trust/anchors.ts'
import { loadIdentity } from '../trust/identity.ts'
import type { Verdict } from '../trust/verdict.ts'
import { verifyPeer } from '../trust/verify.ts'
import { parseElement } from '../xml/element.ts'
import { parseFragment } from '../xml/fragment.ts'
import { EventLog, type Numbered } from './events.ts'
import { CORE, CORE_PORT, FEDERATION_PORT, PARTNERS, type Place } from './places.ts'
import { LabServer, type LabEvent } from './server.ts'
import { LAB_CERTS } from './setup.ts'

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

const KEPT_EVENTS = 1000

export class Lab implements AsyncDisposable {
  readonly #servers = new Map<string, LabServer>()
  readonly #events = new EventLog<LabNews>(KEPT_EVENTS)

  /** Starts all servers of the lab. Their streams to the gateway open when they have something to say. */
  static async start(options: LabOptions): Promise<Lab> {
    const lab = new Lab()
    const outside = await loadAnchors([join(options.root, LAB_CERTS, 'ca.pem')])
    const inside = await loadAnchors([options.internalCa])
    const fault = [...outside.findings, ...inside.findings].find(({ severity }) => severity === 'error')
    if (fault) throw new Error(`${fault.file}: ${fault.message}`)
    for (const place of [CORE, ...PARTNERS]) {
      const anchors = place === CORE ? inside.anchors : outside.anchors
      await lab.#open(place, options, (domain, chain) =>
        verifyPeer(chain, { domain, trust: { anchors, pins: [] }, now: options.now() }),
      )
    }
    return lab
  }

  async #open(
    place: Place,
    options: LabOptions,
    verify: (domain: string, chain: readonly Buffer[]) => Verdict,
  ): Promise<void> {
    const folder = join(options.root, LAB_CERTS, place.domain)
    const identity = await loadIdentity(join(folder, 'fullchain.pem'), join(folder, 'privkey.pem'))
    const port = place === CORE ? CORE_PORT : FEDERATION_PORT
    const server = await LabServer.start({
      domain: place.domain,
      users: [place.user],
      host: options.host,
      port: place.port,
      identity,
      next: { host: options.host, port, tls: 'starttls' },
      limits: options.limits,
      verify,
      watch: (event) => this.#watch(event),
    })
    this.#servers.set(place.domain, server)
  }

  #watch(event: LabEvent): void {
    this.#events.add(event.kind === 'refused' ? event : { ...event, stanza: event.stanza.toString() })
  }

  /**
   * Sends a stanza from one of the lab's servers.
   * @returns why it could not be sent; undefined when it was
   */
  send(domain: string, stanza: string): string | undefined {
    const server = this.#servers.get(domain)
    if (!server) return `there is no ${domain} in the lab`
    const read = parseFragment(stanza)
    if (!read.ok) return `not a stanza: ${read.detail}`
    server.send(parseElement(read.frame))
    return undefined
  }

  /** What happened after event number `after`; waits until something did or `waitMs` is over. */
  events(after: number, waitMs: number): Promise<readonly Numbered<LabNews>[]> {
    return this.#events.after(after, AbortSignal.timeout(waitMs))
  }

  get lastEvent(): number {
    return this.#events.last
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers.values()) await server[Symbol.asyncDispose]()
  }
}
