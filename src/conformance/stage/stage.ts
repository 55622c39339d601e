// Everything a run needs, up and in its places: the CA, the core, the gateway, and the door at which it finds the peers.

import { connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { domainToASCII } from 'node:url'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import { type Change, isOnWire, type TestCase } from '../case.ts'
import { crowd, flood } from '../crowd.ts'
import { filledEntry, filledSettings } from '../filling.ts'
import { type LogServerStep, performLogServer } from '../log-servers.ts'
import { Authority } from './authority.ts'
import { change } from './changing.ts'
import { type CopyOptions, type Ended, run, runInCopy } from './copy.ts'
import { Core } from './core.ts'
import { Door } from './door.ts'
import { freePorts, Instance, type InstanceOptions } from './instance.ts'
import { LogReceiver } from './log-receiver.ts'
import { Names } from './names.ts'
import { Publication } from './publication.ts'
import { isPrivate, listensOnly } from './host-look.ts'
import { StoreLock } from './store-lock.ts'
import { TimeServerOfRun } from './time-server.ts'
import type { HostLook, IpVersion, Ours, Performance, Scene } from './scene.ts'
import type { Shown } from './wire.ts'
import { tellerOf } from './zone.ts'

const US = 'corp.example'
const ROOMS = `conference.${US}`
const USERS = ['alice'] as const
const V4 = '127.0.0.1'
const V6 = '::1'

/** Who issues what the peers show. */
interface Issuing {
  readonly authority: Authority
  readonly partner: Authority
  readonly publication: Publication
}

interface Setting {
  readonly script: string
  readonly profile: ProfileName
  readonly cases: readonly TestCase[]
  readonly now: () => number
  /** Default: those that the machine has. */
  readonly over?: readonly IpVersion[]
}

export class Stage implements AsyncDisposable, Scene {
  readonly #stack = new AsyncDisposableStack()
  readonly #certificates = new Map<string, Shown | undefined>()
  readonly #set: Setting
  readonly #issuing: Issuing
  readonly core: Core
  readonly instance: Instance
  readonly names: Names
  readonly #doors: ReadonlyMap<IpVersion, Door>
  readonly performances: readonly Performance[]
  #running: Promise<unknown> = Promise.resolve()
  #isOver = false
  #logs: readonly LogReceiver[] = []
  readonly #lock = new StoreLock()

  private constructor(
    setting: Setting,
    issuing: Issuing,
    core: Core,
    instance: Instance,
    names: Names,
    doors: ReadonlyMap<IpVersion, Door>,
    performances: readonly Performance[],
  ) {
    this.#set = setting
    this.#issuing = issuing
    this.core = core
    this.instance = instance
    this.names = names
    this.#doors = doors
    this.performances = performances
  }

  /** Sets up a gateway of this profile for these cases, over each version of IP that the machine has. */
  static async set(o: Setting): Promise<Stage> {
    await using stack = new AsyncDisposableStack()
    const versions: readonly IpVersion[] = o.over ?? (hasV6() ? [4, 6] : [4])
    const publication = stack.use(
      await Publication.open(new Map<IpVersion, string>([[4, V4], ...versions.map((ip) => [ip, hostOf(ip)] as const)])),
    )
    const authority = await Authority.make('Conformance CA', o.now, publication)
    const partner = await Authority.make('Partner CA', o.now, publication)
    const doors = new Map<IpVersion, Door>()
    for (const ip of versions) doors.set(ip, stack.use(await Door.open(ip, hasV6())))
    // A gateway that a case has for itself over IPv6 alone has no address of IPv4, and nobody it asks has one.
    const only6 = versions.every((ip) => ip === 6)
    const names = stack.use(await Names.open(only6 ? V6 : V4))
    const performances = versions.flatMap((ip) =>
      o.cases.flatMap((testCase, index) => {
        if (ip !== (testCase.ip ?? (isOnWire(testCase) ? ip : versions[0]))) return []
        const unicode = `${testCase.international ? 'bücher-' : ''}c${index}-v${ip}.peer.example`
        return { testCase, ip, unicode, peer: domainToASCII(unicode) }
      }),
    )
    const issuing = { authority, partner, publication }
    const certificates = new Map<string, Shown | undefined>()
    for (const one of performances) certificates.set(one.peer, await issued(issuing, one))
    const logs = await logReceivers(o.cases, authority, only6 ? V6 : V4)
    for (const one of logs) stack.use(one)
    const time = await timeServer(o.cases, only6 ? V6 : V4)
    if (time) stack.use(time)
    const [corePort] = await freePorts(coreHost(), 1)
    // What the gateway shows for the same domain is issued after it, and it is that one of which the responder tells.
    const served = [US, ROOMS].map(async (domain) => [domain, await authority.issue(domain)] as const)
    const ours = new Map(await Promise.all(served))
    const instance = stack.use(
      await Instance.install({
        ...{ script: o.script, profile: o.profile, domains: [US, ROOMS], authority, partner },
        hosts: [...(only6 ? [] : [V4]), ...(hasV6() ? [V6] : [])],
        core: { host: coreHost(), port: corePort! },
        partners: new Map(
          performances
            .filter(({ testCase }) => testCase.stranger === undefined)
            .map(({ peer, ip, testCase }) => [
              peer,
              {
                place: testCase.dns === undefined ? doors.get(ip)!.at('first') : undefined,
                more: filledEntry(testCase.entry ?? {}, { peer }),
              },
            ]),
        ),
        names: names.address,
        more: moreOf(o.cases, publication, logs, time, versions[0]!),
      }),
    )
    await instance.start(o.script)
    const core = stack.use(
      await Core.start({
        ...{ domains: ours, users: USERS, host: coreHost(), port: corePort!, gatewayPort: instance.ports.core },
        internalCa: join(instance.directory, 'certs/internal-ca/ca.pem'),
      }),
    )
    const stage = new Stage(o, issuing, core, instance, names, doors, performances)
    stage.#stack.use(stack.move())
    stage.#logs = logs
    for (const [peer, certificate] of certificates) stage.#certificates.set(peer, certificate)
    return stage
  }

  oursFor({ testCase }: Performance): Ours {
    const us = testCase.with === 'rooms' ? ROOMS : US
    return { us, rooms: ROOMS, user: `${USERS[0]}@${US}`, waker: `${USERS[0]}@${us}` }
  }

  apart({ testCase, ip }: Performance): Promise<Stage> {
    return Stage.set({ ...this.#set, cases: [testCase], over: [ip] })
  }

  gateway(what: 'ends' | 'killed' | 'started'): Promise<void> {
    return this.instance.turn(what, this.#set.script)
  }

  get ended(): string | undefined {
    return this.instance.ended
  }

  change(own: Performance, what: Change): Promise<void> {
    const { authority, partner } = this.#issuing
    return change(what, { directory: this.instance.directory, domain: this.oursFor(own).us, authority, partner })
  }

  get settings(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.instance.settings)
  }

  readonly host: HostLook = {
    listens: () => listensOnly(this.instance),
    ownFiles: (folder) => isPrivate(join(this.instance.directory, folder)),
  }

  crowd(count: number): Promise<void> {
    return crowd(this.instance.ports.federation, count)
  }

  store(what: 'locked' | 'free'): void {
    if (what === 'locked') this.#lock.lock(this.instance.directory)
    else this.#lock.free()
  }

  async logServer(step: LogServerStep): Promise<string> {
    const receiver = this.#logs[step.logServer - 1]
    if (!receiver) throw new Error('the settings of the case name no log servers')
    return performLogServer(step, receiver, () => this.instance.log())
  }

  flood(count: number, served: number): Promise<string> {
    return flood(this.instance.ports.direct, count, served)
  }

  /** Where it is told whether certificates were revoked. */
  get publication(): Publication {
    return this.#issuing.publication
  }

  /** Gives the peer of a performance a certificate that begins now, where it is one for seconds, and its records in DNS. */
  async prepare(own: Performance, asked: (question: string, answer: string) => void): Promise<Disposable> {
    if (own.testCase.certificate === 'brief') this.#certificates.set(own.peer, await issued(this.#issuing, own))
    const ours = { us: US, port: this.instance.ports.federation }
    return this.names.add(tellerOf(own, this.doorOf(own), ours, asked))
  }

  /** Revokes what the peer shows, or something that nobody shows, and puts the new list where the gateway finds it. */
  async revoke(own: Performance, whose: 'peer' | 'nobody'): Promise<void> {
    const { authority } = this.#issuing
    const shown = whose === 'peer' ? this.shownBy(own) : await authority.issue('nobody.example')
    if (shown) authority.revoke(shown)
    await this.instance.publish(authority)
  }

  /** Runs a command in a copy of the installation, one after the other: each is a program that takes the processor. */
  runInCopy(o: Pick<CopyOptions, 'command' | 'without' | 'open' | 'spoiled'>): Promise<Ended> {
    const { directory, ports } = this.instance
    const runs = this.#running.then(() => {
      if (this.#isOver) throw new Error('the run was ended')
      return runInCopy({ ...o, script: this.#set.script, directory, ports, host: V4 })
    })
    this.#running = runs.catch(() => undefined)
    return runs
  }

  /** Runs a command for the instance itself. */
  runLive(command: readonly string[], types?: string): Promise<Ended> {
    return run(this.#set.script, command, this.instance.directory, types)
  }

  /** What the instance has logged of the peer of a performance so far, or all where it is its own; a line of JSON each. */
  logOf({ peer, testCase }: Performance): readonly string[] {
    return this.instance.log().filter((line) => testCase.own === true || line.includes(peer))
  }

  /** What the peer of a performance shows. */
  shownBy({ peer }: Performance): Shown | undefined {
    return this.#certificates.get(peer)
  }

  doorOf({ ip }: Performance): Door {
    return this.#doors.get(ip)!
  }

  /** A connection to where partners connect. */
  async connect({ ip, testCase }: Performance): Promise<Socket> {
    const { federation, direct, core } = this.instance.ports
    const socket =
      testCase.leg === 'core'
        ? connect({ host: coreHost(), port: core })
        : connect({ host: hostOf(ip), port: testCase.direct ? direct : federation })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    this.#lock[Symbol.dispose]()
    await this.#running
    await this.#stack.disposeAsync()
  }
}

const issued = async (
  { authority, partner, publication }: Issuing,
  { peer, ip, testCase: { certificate = 'good', responds, listed, stapled } }: Performance,
): Promise<Shown | undefined> => {
  if (certificate === 'none') return undefined
  const shown = await (certificate === 'partner-ca' ? partner : authority).issue(peer, certificate, ip)
  publication.says(peer, { responds, listed })
  const staple = stapled && (await publication.answer(peer, stapled))
  return Buffer.isBuffer(staple) ? { ...shown, staple } : shown
}

/** The one case for which the whole stage is. */
function ownSettings([only, ...others]: readonly TestCase[]): TestCase['settings'] {
  return others.length === 0 && only?.own ? only.settings : undefined
}

/** What the settings of the gateway of a case of its own say besides. */
function moreOf(
  cases: readonly TestCase[],
  publication: Publication,
  logs: readonly LogReceiver[],
  time: TimeServerOfRun | undefined,
  ip: IpVersion,
): InstanceOptions['more'] {
  const settings = ownSettings(cases)
  const [log1 = '', log2 = ''] = logs.map(({ address }) => address)
  const words = { responder: publication.url('', 'ocsp', ip), log1, log2, ntp: time?.address ?? '' }
  return settings && filledSettings(settings, words)
}

async function timeServer(cases: readonly TestCase[], host: string): Promise<TimeServerOfRun | undefined> {
  const ahead = ownSettings(cases)?.['clock'] && cases[0]?.aheadMs
  return ahead === undefined ? undefined : TimeServerOfRun.open(host, ahead)
}

/** The second one wants to know who writes to it. */
async function logReceivers(
  cases: readonly TestCase[],
  authority: Authority,
  host: string,
): Promise<readonly LogReceiver[]> {
  if (ownSettings(cases)?.['log'] === undefined) return []
  const open = async (name: string, clients: string | undefined): Promise<LogReceiver> =>
    LogReceiver.open({ host, shown: await authority.issue(name), clients })
  return [await open('log1.example', undefined), await open('log2.example', authority.pem)]
}

const coreHost = (): string => (hasV6() ? V6 : V4)

const hostOf = (ip: IpVersion): string => (ip === 4 ? V4 : V6)

export const hasV6 = (): boolean =>
  Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === V6))
