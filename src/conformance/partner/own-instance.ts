// The gateway that a live partner meets: a copy of the installation, with its names, certificates, trust, policy and partner
// list, run where the installation is to be found by partners; behind it, instead of the core, one of the laboratory, whose
// user does as the scenarios say. What the installation keeps is not touched.

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import { Authority } from '../stage/authority.ts'
import { Core } from '../stage/core.ts'
import { freePorts } from '../stage/instance.ts'
import { Relay } from '../stage/relay.ts'
import { Serving } from '../stage/serving.ts'
import type { Shown } from '../stage/wire.ts'

const HOST = '127.0.0.1'
export const USER = 'conformance'
/** Who says only what a scenario says, and how the names of rooms begin whose every word is the scenario's. */
export const SILENT = { user: 'visitor', guest: 'guest', room: 'room-' } as const
const IS_SILENT = new RegExp(`^(?:${SILENT.user}|${SILENT.guest}|${SILENT.room}.*)$`)
const GATEWAY = 'federation-config/gateway.yaml'
/** What an installation is made of, without what the running gateway keeps. */
const PARTS = ['certs', 'federation-config'] as const
/** What of its settings partners meet. What else there is, such as a database or a console, stays out of it. */
const KEPT = ['domains', 'dns', 'trust', 'federation', 'limits'] as const

/** A file that was changed is taken within some seconds. */
const TAKEN_MS = 15_000
const LOOK_MS = 50
const isTaken = (line: string, peer: string): boolean =>
  line.includes('"event":"partners.changed"') && line.includes(`"${peer}"`)

type Tree = Readonly<Record<string, unknown>>

/** The core is behind a door, which its connections come through: it ends with all of them. */
interface Ports {
  readonly core: number
  readonly door: number
  readonly gateway: number
}

export interface OwnOptions {
  readonly script: string
  readonly profile: ProfileName
  /** Of the installation, and its `gateway.yaml` as it was read. */
  readonly directory: string
  readonly settings: Tree
  /** What the entries of partners say, as they were read; not all of them need to be there. */
  readonly entries?: ReadonlyMap<string, Tree>
  readonly now: () => number
}

export class OwnInstance implements AsyncDisposable {
  readonly directory: string
  /** The first of the domains. */
  readonly us: string
  /** Text of `gateway.yaml` as it was run with, by its name. */
  readonly settings: Tree & Readonly<Record<string, string>>
  readonly #serving = new Serving()
  readonly #script: string
  readonly #ports: Ports
  readonly #shown: Shown
  #core: Core | undefined
  #relay: Relay | undefined
  readonly #entries: ReadonlyMap<string, Tree>
  #isOver = false

  private constructor(
    directory: string,
    us: string,
    text: string,
    { script, entries }: OwnOptions,
    ports: Ports,
    shown: Shown,
  ) {
    this.directory = directory
    this.us = us
    this.settings = { [GATEWAY]: text }
    this.#script = script
    this.#entries = entries ?? new Map()
    this.#ports = ports
    this.#shown = shown
  }

  /** @throws when it does not start, such as where the gateway of the installation still runs */
  static async start(o: OwnOptions): Promise<OwnInstance> {
    const [us] = Object.keys(treeOf(o.settings['domains']))
    if (us === undefined) throw new Error(`${join(o.directory, GATEWAY)} names no domain`)
    const directory = await mkdtemp(join(tmpdir(), 'sallyport-partner-'))
    let own: OwnInstance | undefined
    try {
      for (const part of PARTS) await cp(join(o.directory, part), join(directory, part), { recursive: true })
      const authority = await Authority.make('Conformance CA', o.now)
      const [core, door, gateway] = await freePorts(HOST, 3)
      const ports = { core: core!, door: door!, gateway: gateway! }
      await writeFile(join(directory, 'certs/conformance-core.pem'), authority.pem)
      const text = `${JSON.stringify(settingsOf(o, ports), undefined, 2)}\n`
      await writeFile(join(directory, GATEWAY), text)
      own = new OwnInstance(directory, us, text, o, ports, await authority.issue(us))
      await own.#serving.start(o.script, directory)
      own.#relay = await Relay.open(HOST, ports.door, ports.core)
      await own.#startCore()
      return own
    } catch (error) {
      await own?.[Symbol.asyncDispose]()
      await rm(directory, { recursive: true, force: true })
      throw error
    }
  }

  get core(): Core {
    return this.#core!
  }

  /** What the gateway has logged so far, a line of JSON each. */
  log(): readonly string[] {
    return this.#serving.log()
  }

  /**
   * From now on the entry of the partner says this besides, in the copy alone. @returns what takes it back; undefined: there is no entry
   * @throws when the gateway does not take it
   */
  async change(peer: string, says: Tree): Promise<(() => Promise<void>) | undefined> {
    const entry = this.#entries.get(peer)
    if (!entry) return undefined
    const before = await readFile(this.#entryOf(peer), 'utf8')
    await this.#write(peer, `${JSON.stringify({ ...entry, ...says })}\n`)
    return () => this.#write(peer, before)
  }

  /** The file of a partner; resolves when the gateway has taken it. */
  async #write(peer: string, text: string): Promise<void> {
    const mark = this.log().length
    await writeFile(this.#entryOf(peer), text)
    const until = performance.now() + TAKEN_MS
    while (
      !this.log()
        .slice(mark)
        .some((line) => isTaken(line, peer))
    ) {
      if (this.#isOver || performance.now() > until)
        throw new Error(`the gateway has not taken a change of the entry of ${peer}`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }

  #entryOf(peer: string): string {
    return join(this.directory, 'federation-config/partners', `${peer}.yaml`)
  }

  async restart(what: 'gateway' | 'core'): Promise<void> {
    if (what === 'gateway') {
      await this.#serving.stop()
      if (!this.#isOver) await this.#serving.start(this.#script, this.directory)
      return
    }
    await this.#core?.[Symbol.asyncDispose]()
    this.#relay?.cut()
    if (!this.#isOver) await this.#startCore()
  }

  async #startCore(): Promise<void> {
    this.#core = await Core.start({
      ...{
        domains: new Map([[this.us, this.#shown]]),
        users: [USER],
        silent: IS_SILENT,
        host: HOST,
        port: this.#ports.core,
      },
      ...{ gatewayPort: this.#ports.gateway, internalCa: join(this.directory, 'certs/internal-ca/ca.pem') },
    })
  }

  // SECURITY: private keys are in the copy, which must not outlive the run.
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await this.#core?.[Symbol.asyncDispose]()
    await this.#relay?.[Symbol.asyncDispose]()
    await this.#serving.stop()
    await rm(this.directory, { recursive: true, force: true })
  }
}

function settingsOf({ settings, profile }: OwnOptions, { door, gateway }: Ports): Tree {
  const listen = treeOf(settings['listen'])
  return {
    ...Object.fromEntries(KEPT.flatMap((key) => (key in settings ? [[key, settings[key]]] : []))),
    federation: { fips: 'reported', ...treeOf(settings['federation']), profile },
    core: { address: `${HOST}:${door}`, trust: 'certs/conformance-core.pem', networks: [HOST] },
    listen: {
      ...('federation' in listen && { federation: listen['federation'] }),
      core: [{ host: HOST, port: gateway }],
    },
  }
}

const treeOf = (value: unknown): Tree =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any object has properties that may be anything
  typeof value === 'object' && value !== null ? (value as Tree) : {}
