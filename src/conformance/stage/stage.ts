// Everything a run needs, up and in its places: the CA, the core, the gateway, and the door at which it finds the peers.

import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import type { TestCase } from '../case.ts'
import { Authority } from './authority.ts'
import { Core } from './core.ts'
import { Door } from './door.ts'
import { freePorts, Instance } from './instance.ts'
import type { Shown } from './wire.ts'

export const US = 'corp.example'
export const USERS = ['alice'] as const
const V4 = '127.0.0.1'
const V6 = '::1'

export type IpVersion = 4 | 6

/** A case over one version of IP, with the domain that its peer has for itself. */
export interface Performance {
  readonly testCase: TestCase
  readonly ip: IpVersion
  readonly peer: string
}

export class Stage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack()
  readonly #certificates = new Map<string, Shown | undefined>()
  readonly core: Core
  readonly instance: Instance
  readonly #doors: ReadonlyMap<IpVersion, Door>
  readonly performances: readonly Performance[]

  private constructor(
    core: Core,
    instance: Instance,
    doors: ReadonlyMap<IpVersion, Door>,
    performances: readonly Performance[],
  ) {
    this.core = core
    this.instance = instance
    this.#doors = doors
    this.performances = performances
  }

  /** Sets up a gateway of this profile for these cases, over each version of IP that the machine has. */
  static async set(o: {
    readonly script: string
    readonly profile: ProfileName
    readonly cases: readonly TestCase[]
    readonly now: number
  }): Promise<Stage> {
    const stack = new AsyncDisposableStack()
    const authority = await Authority.make('Conformance CA', o.now)
    const versions: readonly IpVersion[] = hasV6() ? [4, 6] : [4]
    const doors = new Map<IpVersion, Door>()
    for (const ip of versions) doors.set(ip, stack.use(await Door.open(hostOf(ip))))
    const performances = versions.flatMap((ip) =>
      o.cases.map((testCase, index) => ({ testCase, ip, peer: `c${index}-v${ip}.peer.example` })),
    )
    const certificates = new Map<string, Shown | undefined>()
    for (const { peer, testCase } of performances)
      certificates.set(peer, await authority.issue(peer, testCase.certificate))
    const [corePort] = await freePorts(V4, 1)
    const shown = (await authority.issue(US))!
    const instance = stack.use(
      await Instance.install({
        ...{ script: o.script, profile: o.profile, domain: US, authority },
        hosts: { v4: V4, v6: hasV6() ? V6 : undefined },
        core: { port: corePort!, shown },
        partners: new Map(performances.map(({ peer, ip }) => [peer, { host: hostOf(ip), port: doors.get(ip)!.port }])),
      }),
    )
    await instance.start(o.script)
    const core = stack.use(
      await Core.start({
        ...{ domain: US, users: USERS, host: V4, port: corePort!, gatewayPort: instance.ports.core, shown },
        internalCa: join(instance.directory, 'certs/internal-ca/ca.pem'),
      }),
    )
    const stage = new Stage(core, instance, doors, performances)
    stage.#stack.use(stack)
    for (const [peer, certificate] of certificates) stage.#certificates.set(peer, certificate)
    return stage
  }

  /** What the peer of a performance shows. */
  shownBy({ peer }: Performance): Shown | undefined {
    return this.#certificates.get(peer)
  }

  doorOf({ ip }: Performance): Door {
    return this.#doors.get(ip)!
  }

  /** A connection to where partners connect. */
  async connect({ ip }: Performance): Promise<Socket> {
    const socket = connect({ host: hostOf(ip), port: this.instance.ports.federation })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

const hostOf = (ip: IpVersion): string => (ip === 4 ? V4 : V6)

const hasV6 = (): boolean =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === V6))
