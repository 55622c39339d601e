// Reads `federation-config/`: gateway.yaml, policy.yaml and partners/*.yaml, every mistake of all files at once.
//
// Rule 1: nothing that lies there is silently ignored, apart from hidden files, notes (*.md) and editors' backups.
// Rule 2: a reader remembers what a file came to and reads it again only when it changed. A file that changed within
// the last seconds is always read again, since its time stamp may not tell two writes apart.

import { statSync, type Stats } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import type { Partner } from '../policy/partner.ts'
import { checkGateway, checkUsers, GATEWAY_FILE, POLICY_FILE } from './cross-checks.ts'
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
  type PolicyReading,
} from './readings.ts'
import { readText, readTextNow, systemSentence } from './read-text.ts'
import { reminderFindings, remindersOf } from './reminders.ts'
import { settingsIn } from './settle.ts'
import { checkWhomPartners } from './whom-partner-checks.ts'
import type { Settings } from './settings.ts'

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
export const MAX_PARTNER_BYTES = 64 * 1024
const MAX_PARTNERS = 100_000
const RECENT_MS = 3000
/** So long is read at a time while other work waits. */
const SLICE_MS = 4

interface Remembered<Reading> {
  readonly stamp: string
  readonly reading: Reading
}

/** Reads a configuration again and again, each time only what changed. */
export class ConfigReader {
  readonly directory: string
  readonly #root: string
  readonly #shownFrom: string
  #gateway: Remembered<GatewayReading> | undefined
  #policy: Remembered<PolicyReading> | undefined
  #partners = new Map<string, Remembered<PartnerReading>>()
  /** The last reading or writing that was asked for. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(directory: string, { shownFrom = '.' }: ReaderOptions = {}) {
    this.directory = resolve(directory)
    this.#root = dirname(this.directory)
    this.#shownFrom = resolve(shownFrom)
  }

  /** The name under which a file is shown. */
  shown(...names: readonly string[]): string {
    const path = join(this.directory, ...names)
    const short = relative(this.#shownFrom, path)
    return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short
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
    const listing = await this.#list(this.directory, this.shown())
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
    const findings = listing.names.flatMap((name) => this.#strayInConfig(name, listing.names))
    const entries = await this.#list(join(this.directory, PARTNERS_DIRECTORY), this.shown(PARTNERS_DIRECTORY))
    if (entries.names === undefined && !entries.missing) {
      const problem = unreadable(this.shown(PARTNERS_DIRECTORY), entries.problem)
      return { gateway, policy, partners: undefined, findings: [...findings, problem] }
    }
    const names = new Set([...(entries.names ?? []), ...instead.keys()])
    const strays = [...names].flatMap((name) => this.#strayInPartners(name))
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
    const reading =
      content.text === undefined
        ? { yaml: undefined, policy: undefined, findings: [unreadable(file, content.problem)] }
        : readPolicy(content.text, { file, root: this.#root })
    this.#policy = stamp === undefined ? undefined : { stamp, reading }
    return reading
  }

  /** In slices of time, between which traffic goes on. */
  async #readPartners(names: readonly string[], instead: Instead): Promise<ReadonlyMap<string, PartnerReading>> {
    const remembered = new Map<string, Remembered<PartnerReading>>()
    const readings = new Map<string, PartnerReading>()
    const room = Buffer.allocUnsafe(MAX_PARTNER_BYTES + 1)
    let until = performance.now() + SLICE_MS
    for (const name of names.slice(0, MAX_PARTNERS)) {
      const path = join(this.directory, PARTNERS_DIRECTORY, name)
      const stamp = instead.has(name) ? undefined : stampNow(path)
      const known = this.#partners.get(name)
      const isKnown = stamp !== undefined && known?.stamp === stamp
      const reading = isKnown ? known.reading : this.#readPartner(name, path, room, instead)
      // Gone since it was listed: as if it had never been there.
      if (reading !== undefined) readings.set(name, reading)
      if (reading !== undefined && stamp !== undefined) remembered.set(name, { stamp, reading })
      if (performance.now() < until) continue
      await new Promise((go) => setImmediate(go))
      until = performance.now() + SLICE_MS
    }
    this.#partners = remembered
    return readings
  }

  #readPartner(name: string, path: string, room: Buffer, instead: Instead): PartnerReading | undefined {
    const file = this.shown(PARTNERS_DIRECTORY, name)
    if (instead.has(name) && instead.get(name) === undefined) return undefined
    const given = instead.get(name)
    const content = given === undefined ? readTextNow(path, MAX_PARTNER_BYTES, room) : { text: given }
    if (content.text !== undefined) return readPartner(content.text, { file, root: this.#root })
    if (content.missing) return undefined
    return { name, text: undefined, yaml: undefined, partner: undefined, findings: [unreadable(file, content.problem)] }
  }

  #strayInConfig(name: string, all: readonly string[]): readonly Finding[] {
    if (name === 'policy.yml') return [unreadable(this.shown(name), `not read; rename it to ${POLICY_FILE}`)]
    const spokenOf =
      name === GATEWAY_FILE || name === POLICY_FILE || (name === 'gateway.yml' && !all.includes(GATEWAY_FILE))
    if (spokenOf || isNote(name) || !/\.ya?ml$/.test(name)) return []
    return [
      {
        ...unreadable(this.shown(name), 'not read; settings are in gateway.yaml and policy.yaml'),
        severity: 'warning',
      },
    ]
  }

  #strayInPartners(name: string): readonly Finding[] {
    if (isPartnerFile(name) || isNote(name)) return []
    const file = this.shown(PARTNERS_DIRECTORY, name)
    if (/\.yml$/i.test(name) || /\.yaml$/i.test(name)) {
      return [unreadable(file, `not read; rename it to ${name.replace(/\.ya?ml$/i, '').toLowerCase()}.yaml`)]
    }
    return [{ ...unreadable(file, 'not read; a partner is a file named <domain>.yaml'), severity: 'warning' }]
  }

  async #list(path: string, shown: string): Promise<Listing> {
    try {
      const names: string[] = []
      for await (const entry of await opendir(path)) {
        names.push(entry.name)
        if (names.length > MAX_PARTNERS)
          return { problem: `more than ${MAX_PARTNERS} files lie in ${shown}`, missing: false }
      }
      return { names: names.toSorted() }
    } catch (error) {
      const problem = systemSentence(error)
      return { problem, missing: problem === 'missing' }
    }
  }
}

export type Instead = ReadonlyMap<string, string | undefined>

const NOTHING: Instead = new Map()

type Listing =
  | { readonly names: readonly string[] }
  | { readonly names?: undefined; readonly problem: string; readonly missing: boolean }

const HOW_TO_BEGIN =
  'write it with "sallyport quickstart <domain> --core host:port", or let "npm start" make an evaluation set-up'
const NO_CONFIGURATION = `there is no configuration here; ${HOW_TO_BEGIN}`

const isPartnerFile = (name: string): boolean => name.endsWith('.yaml') && !isNote(name)

/** Hidden files (our own unfinished ones too), notes, and what editors leave behind. */
const isNote = (name: string): boolean => /^[.#]|~$|\.md$|\.sw[a-z]$|\.(?:bak|orig|rej|tmp)$/.test(name)

/** Tells whether a file changed; undefined when that cannot be known yet, or there is no file. */
async function stampOf(path: string): Promise<string | undefined> {
  try {
    return stampFrom(await stat(path))
  } catch {
    return undefined
  }
}

function stampNow(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats && stampFrom(stats)
  } catch {
    return undefined
  }
}

function stampFrom({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string | undefined {
  // The one clock in this folder: it is compared with nothing but the file system's own.
  if (Date.now() - Math.max(mtimeMs, ctimeMs) < RECENT_MS) return undefined
  return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
}
