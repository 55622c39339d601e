// The world of the foul weather: core, gateway and partner, with a road between each two of them that a test can slow
// down, cut, or let swallow every packet.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { OURS, THEIRS, USERS, conferenceOf, places } from '../peers/places.ts'
import { buildWorld, type World } from '../peers/world.ts'
import { swallow } from '../support/black-hole.ts'
import { Gateway } from '../support/gateway.ts'
import { issue, type Issued, makeCa } from '../support/pki.ts'
import { prosody } from '../support/prosody.ts'
import type { ServerOptions, StartServer, XmppServer } from '../support/server.ts'
import { Relay } from './relay.ts'

export type Who = 'partner' | 'core'

export interface WeatherOptions {
  readonly number: number
  readonly core: StartServer
  readonly partner: StartServer
}

/** Short, so that what takes minutes in an ordinary installation is over within a test. */
const LIMITS = {
  connect: '2s',
  negotiation: '5s',
  ping: '5s',
  pingAnswer: '8s',
  stall: '10s',
  queueWait: '10s',
}

export class Weather {
  readonly world: World
  gateway: Gateway
  readonly #t: TestContext
  readonly #number: number
  readonly #start: Readonly<Record<Who, StartServer>>
  readonly #options: Record<Who, ServerOptions>
  readonly #servers: Record<Who, XmppServer>
  readonly #roads: Record<Who, readonly Relay[]>
  #impostor: XmppServer | undefined

  private constructor(
    t: TestContext,
    world: World,
    o: WeatherOptions,
    options: Record<Who, ServerOptions>,
    servers: Record<Who, XmppServer>,
    roads: Record<Who, readonly Relay[]>,
  ) {
    this.#t = t
    this.#number = o.number
    this.world = world
    this.gateway = world.gateway
    this.#start = { core: o.core, partner: o.partner }
    this.#options = options
    this.#servers = servers
    this.#roads = roads
  }

  static async build(t: TestContext, o: WeatherOptions): Promise<Weather> {
    const at = places(o.number)
    const roadTo = (host: number, to: string): Promise<Relay> => Relay.open(t, `127.0.${o.number}.${host}`, to)
    const [core, inner, outer, partner] = await Promise.all([
      roadTo(11, at.core),
      roadTo(12, at.inner),
      roadTo(13, at.outer),
      roadTo(14, at.partner),
    ])
    const world = await buildWorld(t, {
      number: o.number,
      core: o.core,
      outside: { [THEIRS]: partner.address },
      via: { core: core.address, inner: inner.address, outer: outer.address },
      settings: { limits: LIMITS, dns: { servers: [at.outerDns], cache: '1s' } },
      partners: { [THEIRS]: { status: 'allowed' } },
    })
    const partnerOptions: ServerOptions = {
      address: at.partner,
      dns: at.outerDns,
      anchors: [world.publicCa],
      hosts: [
        {
          domain: THEIRS,
          conference: conferenceOf(THEIRS),
          certificate: await issue({ ca: world.publicCa, names: [THEIRS, conferenceOf(THEIRS)] }),
          users: USERS,
        },
      ],
    }
    return new Weather(
      t,
      world,
      o,
      { core: world.coreOptions, partner: partnerOptions },
      { core: world.core, partner: await o.partner(t, partnerOptions) },
      { core: [core, inner], partner: [outer, partner] },
    )
  }

  server(who: Who): XmppServer {
    return this.#servers[who]
  }

  /** Starts a server again that has gone. */
  async restart(who: Who, change: Partial<ServerOptions> = {}): Promise<void> {
    this.#options[who] = { ...this.#options[who], ...change }
    this.#servers[who] = await this.#start[who](this.#t, this.#options[who])
  }

  /** Another certificate for the partner, by a CA that everybody outside believes, or by one that nobody does. */
  async partnerCertificate(ca: 'believed' | 'unknown'): Promise<Partial<ServerOptions>> {
    const [host] = this.#options.partner.hosts
    if (!host) throw new Error('a partner without a host')
    const issuer = ca === 'believed' ? this.world.publicCa : await makeCa()
    const certificate = await issue({ ca: issuer, names: [THEIRS, conferenceOf(THEIRS)] })
    return { hosts: [{ ...host, certificate }] }
  }

  /** Where DNS says that the partner is. */
  partnerIsAt(address: string): Promise<void> {
    return this.world.outerDns.change({ [`xmpp.${THEIRS}`]: address })
  }

  /** Where the partner is, as far as the world knows. */
  get partnerRoad(): string {
    return this.#roads.partner.at(-1)?.address ?? ''
  }

  /** A server that says that it is the partner, and has no certificate that anybody believes. */
  async impostor(): Promise<XmppServer> {
    const { hosts } = await this.partnerCertificate('unknown')
    this.#impostor ??= await prosody(this.#t, { ...this.#options.partner, address: this.#at(20), hosts: hosts ?? [] })
    return this.#impostor
  }

  /** The partner goes on at another address, and DNS knows it. */
  async movePartner(): Promise<void> {
    const address = this.#at(24)
    const road = await Relay.open(this.#t, this.#at(15), address)
    await this.#servers.partner.kill()
    await this.restart('partner', { address })
    this.#roads.partner = [...this.#roads.partner.slice(0, 1), road]
    await this.partnerIsAt(road.address)
  }

  #at(host: number): string {
    return `127.0.${this.#number}.${host}`
  }

  /** Swaps the gateway's own certificate on disk. @returns the new one */
  async swapOwnCertificate(): Promise<Issued> {
    const issued = await issue({ ca: this.world.publicCa, names: [OURS] })
    const folder = join(this.gateway.directory, 'certs', OURS)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'privkey.pem'), issued.keyPem, { mode: 0o600 })
    await writeFile(join(folder, 'fullchain.pem'), issued.fullchainPem)
    return issued
  }

  async restartGateway(): Promise<void> {
    await this.gateway.stop()
    this.gateway = await Gateway.serve(this.#t, this.gateway.directory)
  }

  /** Bytes a second on the roads to and from a server; undefined: as fast as they come. */
  pace(who: Who, bytesPerSecond: number | undefined): void {
    for (const road of this.#roads[who]) road.pace = bytesPerSecond
  }

  cut(who: Who): void {
    for (const road of this.#roads[who]) road.cut()
  }

  /** Swallows every packet on the roads to and from a server, for so long. Nobody is told. */
  async swallow(who: Who, ms: number): Promise<void> {
    const mend = await swallow(this.#t, ...this.#roads[who].map(({ address }) => address))
    await pause(ms)
    await mend()
  }
}
