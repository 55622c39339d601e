// A gateway that runs somewhere, met from outside alone, as one partner that it admits or as a stranger. Its core, its
// log and its settings are its own and stay as they are; what is done counts there as conduct of whom it comes as.

import { once } from 'node:events'
import { connect, isIP, type Socket } from 'node:net'
import { domainToUnicode } from 'node:url'
import { isOnWire, type TestCase } from '../case.ts'
import type { Outside } from '../outside.ts'
import { Streams } from '../streams.ts'
import { Unready } from '../unready.ts'
import { Authority } from './authority.ts'
import { Door } from './door.ts'
import { Publication } from './publication.ts'
import type { HostLook, IpVersion, Ours, Performance, Scene } from './scene.ts'
import { Transcript } from './transcript.ts'
import type { Shown } from './wire.ts'

const STRANGER = 'stranger.example'
const CONNECT_MS = 10_000
const V4 = '127.0.0.1'

export interface Meeting {
  readonly outside: Outside
  /** Those that can be played there. */
  readonly cases: readonly TestCase[]
  readonly now: () => number
}

export class Running implements AsyncDisposable, Scene {
  readonly #stack = new AsyncDisposableStack()
  readonly #outside: Outside
  readonly #certificates: ReadonlyMap<TestCase, Shown | undefined>
  readonly #door: Door | undefined
  readonly publication: Publication
  readonly performances: readonly Performance[]
  /** Of its process nothing is known here. */
  readonly ended = undefined
  readonly core: Scene['core'] = {
    listen: () => ({ [Symbol.dispose]: () => undefined }),
    say: () => absent('its core'),
    breaks: () => absent('its core'),
  }

  private constructor(
    outside: Outside,
    performances: readonly Performance[],
    certificates: ReadonlyMap<TestCase, Shown | undefined>,
    publication: Publication,
    door: Door | undefined,
  ) {
    this.#outside = outside
    this.performances = performances
    this.#certificates = certificates
    this.publication = publication
    this.#door = door
  }

  /** By each of its addresses one stream has come about. @throws Unready when it does not */
  static async meet({ outside, cases, now }: Meeting): Promise<Running> {
    await using stack = new AsyncDisposableStack()
    const peer = outside.partner?.domain ?? STRANGER
    const publication = stack.use(await Publication.open(new Map<IpVersion, string>([[4, V4]])))
    const nobody = await Authority.make('Nobody', now, publication)
    const certificates = new Map<TestCase, Shown | undefined>()
    for (const one of cases) certificates.set(one, await shown(one, outside, nobody, peer))
    const { back } = outside
    const door = back && stack.use(await Door.at(back.host, back.port))
    const versions = outside.hosts.map((host) => ipOf(host))
    const performances = versions.flatMap((ip) =>
      cases.flatMap((testCase) =>
        ip === (testCase.ip ?? (isOnWire(testCase) ? ip : versions[0]))
          ? [{ testCase, ip, peer, unicode: domainToUnicode(peer) }]
          : [],
      ),
    )
    // One that none of them is judged by.
    const first: TestCase = {
      ...{ id: 'first', requirements: [], title: 'A first stream', role: 'receiving', steps: [] },
      phase: outside.partner ? 'authenticated' : 'secured',
    }
    certificates.set(first, await shown(first, outside, nobody, peer))
    const running = new Running(outside, performances, certificates, publication, door)
    for (const ip of versions) await running.#begins({ testCase: first, ip, peer, unicode: domainToUnicode(peer) })
    running.#stack.use(stack.move())
    return running
  }

  /** What lets no case begin is no finding about the gateway, and nothing to wait for in each of them. @throws Unready */
  async #begins(performance: Performance): Promise<void> {
    const { ip, peer } = performance
    const { domain, partner, port, hosts } = this.#outside
    using streams = new Streams(this, performance, new Transcript(() => globalThis.performance.now()))
    try {
      await streams.begin(() => undefined)
    } catch (error) {
      const why = error instanceof Error ? error.message.replace(/^before the case: /, '') : String(error)
      throw new Unready(
        `no stream ${partner ? `of ${peer} ` : ''}to ${domain} comes about at ${hosts.find((host) => ipOf(host) === ip)} port ${port}: ${why}`,
        `Compare what the file says with the gateway: domain, hosts and port${partner ? `, and whether it admits ${peer} with this certificate` : ''}.`,
        'other side',
        error,
      )
    }
  }

  /** What was told of it; the key of the partner is nobody's business. */
  get settings(): Readonly<Record<string, string>> {
    const { partner, ...told } = this.#outside
    const text = JSON.stringify({ ...told, ...(partner && { partner: partner.domain }) }, undefined, 2)
    return { 'gateway-under-test.json': `${text}\n` }
  }

  oursFor(): Ours {
    const { domain: us, user } = this.#outside
    return { us, user, rooms: us, waker: user }
  }

  prepare(): Promise<Disposable> {
    return Promise.resolve({ [Symbol.dispose]: () => undefined })
  }

  apart(): Promise<never> {
    return absent('a gateway of its own')
  }

  gateway(): Promise<never> {
    return absent('its process')
  }

  change(): Promise<never> {
    return absent('its installation')
  }

  async connect({ ip, testCase }: Performance): Promise<Socket> {
    const { hosts, port, direct } = this.#outside
    const host = hosts.find((one) => ipOf(one) === ip) ?? absent(`an address of IPv${ip}`)
    const socket = connect({ host, port: testCase.direct ? (direct ?? port) : port })
    // Whoever goes on with it listens for itself; an error that comes to nobody would end the run.
    socket.on('error', () => undefined)
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) })
      return socket
    } catch (error) {
      socket.destroy()
      if (error instanceof Error && error.name === 'AbortError')
        throw new Error(`no connection within ${CONNECT_MS / 1000} s`, { cause: error })
      throw error
    }
  }

  readonly host: HostLook = { listens: () => absent('its host'), ownFiles: () => absent('its host') }

  doorOf(): ReturnType<Scene['doorOf']> {
    return this.#door ?? { at: () => undefined, welcome: () => ({ [Symbol.dispose]: () => undefined }) }
  }

  shownBy({ testCase }: Performance): Shown | undefined {
    return this.#certificates.get(testCase)
  }

  logOf(): readonly string[] {
    return []
  }

  store(): never {
    return absent('its store')
  }

  logServer(): Promise<never> {
    return absent('its log servers')
  }

  crowd(): Promise<never> {
    return absent('a crowd')
  }

  flood(): Promise<never> {
    return absent('a flood')
  }

  revoke(): Promise<never> {
    return absent('the CA of its partner')
  }

  runInCopy(): Promise<never> {
    return absent('its installation')
  }

  runLive(): Promise<never> {
    return absent('its installation')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

const ipOf = (host: string): IpVersion => (isIP(host) === 6 ? 6 : 4)

/** What only a case would want that cannot be played here. */
function absent(what: string): never {
  throw new Error(`${what} is not at hand`)
}

async function shown(
  { certificate = 'good' }: TestCase,
  { partner }: Outside,
  nobody: Authority,
  peer: string,
): Promise<Shown | undefined> {
  if (certificate === 'none') return undefined
  if (certificate !== 'good' || !partner) return nobody.issue(peer, certificate)
  return { cert: partner.certificate, key: partner.key, serial: Buffer.alloc(0) }
}
