// Reads `federation-config/`: gateway.yaml, policy.yaml and partners/*.yaml, every mistake of all files at once.
//
// Rule 1: nothing that lies there is silently ignored, apart from hidden files, notes (*.md) and editors' backups.
// Rule 2: a reader remembers what a file came to and reads it again only when it changed. A file that changed within
// the last seconds is always read again, since its time stamp may not tell two writes apart.

import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Partner } from '../policy/partner.ts'
import { checkGateway, checkUsers, GATEWAY_FILE, POLICY_FILE } from './cross-checks.ts'
import { isPartnerFile, list, strayInConfig, strayInPartners } from './folder.ts'
import { hasErrors, sortFindings, type Finding } from './finding.ts'
import { checkPartners } from './partner-checks.ts'
import {
  NO_DRAFT,
  NO_POLICY_FILE,
  readGateway,
  readPartner,
  readPolicy,
  unreadable,
  type GatewayReading,
  type PartnerReading,
  type Place,
  type PolicyReading,
} from './readings.ts'
import { MAX_PARTNER_BYTES, readText, readTextNow } from './read-text.ts'
import { reminderFindings, remindersOf } from './reminders.ts'
import { settingsIn } from './settle.ts'
import { checkWhomPartners } from './whom-partner-checks.ts'
import type { Settings } from './settings.ts'
import { inSlices, type Steps } from './slices.ts'
import { stampNow, stampOf } from './stamps.ts'
import { ThreadReader, type Unread } from './thread-reader.ts'

export interface LoadedConfig {
  /** Undefined when anything is faulty: nothing starts from half a configuration. */
  readonly settings: Settings | undefined
  /** Sorted by domain; empty when anything is faulty. */
  readonly partners: readonly Partner[]
  readonly findings: readonly Finding[]
}

/** What the files come to, each for itself. */
export interface ConfigFiles {
  readonly gateway: GatewayReading
  readonly policy: PolicyReading
  /** By name of the file; undefined when the directory of partners cannot be read. */
  readonly partners: ReadonlyMap<string, PartnerReading> | undefined
  /** About the directories and what else lies in them. */
  readonly findings: readonly Finding[]
}

export interface ReaderOptions {
  /** Unix time in milliseconds, where days that are near or over are to be found too. */
  readonly now?: number
  /** Names of files are shown relative to this directory where they are below it; the working directory by default. */
  readonly shownFrom?: string
  /** Reads what is long while there is traffic. */
  readonly thread?: ThreadReader
}

/** Reads a whole configuration once. `directory` is `federation-config/` itself. Never throws for what lies there. */
export async function loadConfig(directory: string, options: ReaderOptions = {}): Promise<LoadedConfig> {
  return configOf(await new ConfigReader(directory, options).read(), options.now)
}

/** What files come to together. */
export function configOf(files: ConfigFiles, now?: number): LoadedConfig {
  const readings = [...(files.partners?.values() ?? [])]
  const findings = sortFindings([
    ...files.findings,
    ...files.gateway.findings,
    ...files.policy.findings,
    ...readings.flatMap((reading) => reading.findings),
    ...checkPartners(files.gateway, readings).map((conflict) => conflict.finding),
    ...checkUsers(files.gateway, files.policy).map((conflict) => conflict.finding),
    ...checkWhomPartners(files.gateway, files.policy, readings).map((conflict) => conflict.finding),
    ...(now === undefined ? [] : reminderFindings(remindersOf(readings, now))),
  ])
  if (hasErrors(findings)) return { settings: undefined, partners: [], findings }
  return { settings: settingsIn(files), partners: partnersOf(readings), findings }
}

/** The partners of readings without faults, sorted by domain. */
export function partnersOf(readings: Iterable<PartnerReading>): readonly Partner[] {
  const partners = [...readings].flatMap(({ partner }) => (partner === undefined ? [] : [partner]))
  return partners.toSorted((a, b) => (a.domain < b.domain ? -1 : 1))
}

export const PARTNERS_DIRECTORY = 'partners'
export const MAX_GATEWAY_BYTES = 1024 * 1024
export const MAX_POLICY_BYTES = 8 * 1024 * 1024
const MAX_PARTNERS = 100_000
/** Text of a policy, and files of partners, beyond which a thread reads them. */
const LARGE_POLICY = 32_768
const MANY_PARTNERS = 200

const NOT_IN_TIME = 'could not be read in the time there is; what it said before stays, and it is tried again by itself'

interface Remembered<Reading> {
  /** Undefined: it is read again, whatever its stamp. */
  readonly stamp: string | undefined
  readonly reading: Reading
}

/** Reads a configuration again and again, each time only what changed. */
export class ConfigReader implements AsyncDisposable {
  readonly directory: string
  readonly #root: string
  readonly #shownFrom: string
  #gateway: Remembered<GatewayReading> | undefined
  #policy: (Remembered<PolicyReading> & { readonly text: string | undefined }) | undefined
  #partners: Map<string, Remembered<PartnerReading>> | undefined
  /** For what is read while there is traffic. */
  readonly #thread: ThreadReader
  /** The last reading or writing that was asked for. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(directory: string, { shownFrom = '.', thread = new ThreadReader() }: ReaderOptions = {}) {
    this.#thread = thread
    this.directory = resolve(directory)
    this.#root = dirname(this.directory)
    this.#shownFrom = resolve(shownFrom)
  }

  /** What it remembers can still be used. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread[Symbol.asyncDispose]()
  }

  /** The name under which a file is shown. */
  shown(...names: readonly string[]): string {
    const path = join(this.directory, ...names)
    const short = relative(this.#shownFrom, path)
    return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
  }

  /** The same of what lies in the directory of partners: what stands before each name is found once. */
  #shownPartners(): (name: string) => string {
    const [before = ''] = this.shown(PARTNERS_DIRECTORY, ANY).split(ANY)
    return (name) => before + name
  }

  /** `instead`: by their names, texts to take for files of partners instead of what is on the disk; undefined: as if there were none. */
  read(instead: Instead = NOTHING): Promise<ConfigFiles> {
    return this.alone(() => this.#readAll(instead))
  }

  /** Does something while nothing is read: files that are written together are seen so. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  async #readAll(instead: Instead): Promise<ConfigFiles> {
    const listing = await list(this.directory, this.shown(), MAX_PARTNERS)
    if (listing.names === undefined) {
      const problem = listing.missing ? NO_CONFIGURATION : listing.problem
      const gateway = { yaml: undefined, settings: undefined, draft: NO_DRAFT, findings: [] }
      return {
        ...{ gateway, policy: NO_POLICY_FILE, partners: undefined },
        findings: [unreadable(this.shown(), problem)],
      }
    }
    const gateway = await this.#readGateway(listing.names)
    const policy = listing.names.includes(POLICY_FILE) ? await this.#readPolicy() : NO_POLICY_FILE
    const findings = listing.names.flatMap((name) => strayInConfig(name, listing.names, this.shown(name)))
    const entries = await list(join(this.directory, PARTNERS_DIRECTORY), this.shown(PARTNERS_DIRECTORY), MAX_PARTNERS)
    if (entries.names === undefined && !entries.missing) {
      const problem = unreadable(this.shown(PARTNERS_DIRECTORY), entries.problem)
      return { gateway, policy, partners: undefined, findings: [...findings, problem] }
    }
    const names = new Set([...(entries.names ?? []), ...instead.keys()])
    const shownIn = this.#shownPartners()
    const strays = [...names].flatMap((name) => strayInPartners(name, shownIn))
    const partners = await this.#readPartners([...names].filter((name) => isPartnerFile(name)).toSorted(), instead)
    return { gateway, policy, partners, findings: [...findings, ...strays] }
  }

  async #readGateway(names: readonly string[]): Promise<GatewayReading> {
    const path = join(this.directory, GATEWAY_FILE)
    const stamp = await stampOf(path)
    if (stamp !== undefined && this.#gateway?.stamp === stamp) return this.#gateway.reading
    const file = this.shown(GATEWAY_FILE)
    const content = await readText(path, MAX_GATEWAY_BYTES)
    let reading: GatewayReading
    if (content.text === undefined) {
      const problem = !content.missing
        ? content.problem
        : names.includes('gateway.yml')
          ? 'missing; rename gateway.yml to gateway.yaml'
          : `missing; ${HOW_TO_BEGIN}`
      reading = { yaml: undefined, settings: undefined, draft: NO_DRAFT, findings: [unreadable(file, problem)] }
    } else {
      const read = readGateway(content.text, { file, root: this.#root })
      reading = { ...read, findings: [...read.findings, ...checkGateway(read)] }
    }
    this.#gateway = stamp === undefined ? undefined : { stamp, reading }
    return reading
  }

  async #readPolicy(): Promise<PolicyReading> {
    const path = join(this.directory, POLICY_FILE)
    const stamp = await stampOf(path)
    if (stamp !== undefined && this.#policy?.stamp === stamp) return this.#policy.reading
    const file = this.shown(POLICY_FILE)
    const content = await readText(path, MAX_POLICY_BYTES)
    // Gone since it was listed: as if it had never been there.
    if (content.text === undefined && content.missing) return NO_POLICY_FILE
    const { text } = content
    const isSame = text !== undefined && this.#policy?.text === text
    const reading = isSame
      ? this.#policy!.reading
      : text === undefined
        ? { yaml: undefined, policy: undefined, findings: [unreadable(file, content.problem)] }
        : await this.#policyOf(text, { file, root: this.#root })
    // One that could not be read is tried again.
    const isRead = reading.findings.every(({ message }) => message !== NOT_IN_TIME)
    this.#policy = isRead ? { stamp, reading, text } : undefined
    return reading
  }

  /** A long one by the thread, where there may be traffic to wait for it: not at the first reading. */
  async #policyOf(text: string, place: Place): Promise<PolicyReading> {
    const isLong = text.length > LARGE_POLICY && this.#partners !== undefined
    if (!isLong) return readPolicy(text, place)
    return (
      (await this.#thread.policy(text, place)) ?? {
        yaml: undefined,
        policy: undefined,
        findings: [unreadable(place.file, NOT_IN_TIME)],
      }
    )
  }

  /** In slices of time, between which traffic goes on; many that changed by the thread, but for the first reading. */
  async #readPartners(names: readonly string[], instead: Instead): Promise<ReadonlyMap<string, PartnerReading>> {
    const former = this.#partners
    const stamps = new Map<string, string | undefined>()
    const changed: string[] = []
    await inSlices(this.#compare(names.slice(0, MAX_PARTNERS), instead, stamps, changed))
    const read = new Map<string, PartnerReading | Unread>()
    if (former !== undefined && changed.length > MANY_PARTNERS) {
      const files = changed
        .filter((name) => !instead.has(name))
        .map((name) => ({
          path: join(this.directory, PARTNERS_DIRECTORY, name),
          shown: this.shown(PARTNERS_DIRECTORY, name),
        }))
      for await (const [{ path }, reading] of this.#thread.partners(files, this.#root))
        read.set(basename(path), reading)
    }
    await inSlices(this.#readThose(changed, read, instead))
    const remembered = new Map<string, Remembered<PartnerReading>>()
    const readings = new Map<string, PartnerReading>()
    for (const [name, stamp] of stamps) {
      const known = former?.get(name)?.reading
      const found = read.get(name)
      // Gone since it was listed: as if it had never been there.
      const reading = found === undefined ? known : this.#partnerReading(name, found, known)
      if (reading === undefined) continue
      readings.set(name, reading)
      if (!instead.has(name)) remembered.set(name, { stamp, reading })
    }
    this.#partners = remembered
    return readings
  }

  /** Which files may have changed. */
  *#compare(
    names: readonly string[],
    instead: Instead,
    stamps: Map<string, string | undefined>,
    changed: string[],
  ): Steps<void> {
    const directory = join(this.directory, PARTNERS_DIRECTORY)
    for (const name of names) {
      const stamp = instead.has(name) ? undefined : stampNow(`${directory}/${name}`)
      stamps.set(name, stamp)
      if (stamp === undefined || this.#partners?.get(name)?.stamp !== stamp) changed.push(name)
      yield
    }
  }

  /** Reads those that nobody has read. */
  *#readThose(names: readonly string[], read: Map<string, PartnerReading | Unread>, instead: Instead): Steps<void> {
    const room = Buffer.allocUnsafe(MAX_PARTNER_BYTES + 1)
    const [directory, shownIn] = [join(this.directory, PARTNERS_DIRECTORY), this.#shownPartners()]
    for (const name of names) {
      if (read.has(name)) continue
      const content = instead.has(name)
        ? givenText(instead.get(name))
        : readTextNow(`${directory}/${name}`, MAX_PARTNER_BYTES, room)
      const known = this.#partners?.get(name)?.reading
      const place = { file: shownIn(name), root: this.#root }
      if (content.text === undefined) read.set(name, content)
      else read.set(name, known?.text === content.text ? known : readPartner(content.text, place))
      yield
    }
  }

  /** What a file came to; the very reading that is known where it says the same. Undefined: it is gone. */
  #partnerReading(
    name: string,
    found: PartnerReading | Unread,
    known: PartnerReading | undefined,
  ): PartnerReading | undefined {
    if ('name' in found) return known?.text === found.text ? known : found
    if (found.missing === true) return undefined
    const findings = [unreadable(this.shown(PARTNERS_DIRECTORY, name), found.problem ?? '')]
    return { name, text: undefined, yaml: undefined, partner: undefined, findings }
  }
}

export type Instead = ReadonlyMap<string, string | undefined>

/** Stands for a name that no file has. */
const ANY = '\u0000'

const NOTHING: Instead = new Map()

/** What is to be taken for a file. */
const givenText = (text: string | undefined): { readonly text: string } | ({ readonly text?: undefined } & Unread) =>
  text === undefined ? { missing: true } : { text }

const HOW_TO_BEGIN =
  'write it with "sallyport quickstart <domain> --core host:port", or let "npm start" make an evaluation set-up'
const NO_CONFIGURATION = `there is no configuration here; ${HOW_TO_BEGIN}`
