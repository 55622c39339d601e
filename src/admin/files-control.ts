// Stands in for the gateway when none runs: the same operations over the files alone, as far as they make sense.

import { join } from 'node:path'
import { hasErrors } from '../config/finding.ts'
import { ConfigReader, loadConfig, partnersOf, type LoadedConfig } from '../config/load.ts'
import { dryRun } from '../gateway/dry-run.ts'
import type { Control, ExplainQuery, Reload } from '../gateway/control.ts'
import type { Partner } from '../policy/partner.ts'
import { PartnerList } from '../policy/partners.ts'
import { OperationError } from './operation.ts'

/** What the records of an installation have to say; `store/` over the file that the settings name. */
export type Records = Pick<Control, 'why' | 'recent'> & AsyncDisposable

/** The files of an installation, with the face of a gateway. */
export class FilesControl implements Control, AsyncDisposable {
  readonly #directory: string
  readonly #now: () => number
  readonly #records: Records | undefined
  #read: Read

  private constructor(directory: string, now: () => number, read: Read, records: Records | undefined) {
    this.#directory = directory
    this.#now = now
    this.#read = read
    this.#records = records
  }

  /** `openRecords` opens the store for reading; undefined where there is none yet. */
  static async open(
    directory: string,
    now: () => number,
    openRecords: (config: LoadedConfig) => Promise<Records | undefined> = () => Promise.resolve(undefined),
  ): Promise<FilesControl> {
    const read = await readFiles(directory)
    return new FilesControl(directory, now, read, await openRecords(read.config))
  }

  /** Are there mistakes that would keep a gateway from starting? */
  get isFaulty(): boolean {
    return hasErrors(this.#read.config.findings)
  }

  status(): never {
    throw this.#noGateway('there is no status to show')
  }

  partners(): readonly Partner[] {
    return this.#read.partners
  }

  async reload(): Promise<Reload> {
    this.#read = await readFiles(this.#directory)
    return { applied: !this.isFaulty, findings: this.#read.config.findings, needsRestart: [] }
  }

  why(reference: string): ReturnType<Control['why']> {
    if (this.#records === undefined) throw this.#noGateway('there are no records to read')
    return this.#records.why(reference)
  }

  recent(query: Parameters<Control['recent']>[0]): ReturnType<Control['recent']> {
    if (this.#records === undefined) throw this.#noGateway('there are no records to read')
    return this.#records.recent(query)
  }

  explain(query: ExplainQuery): ReturnType<Control['explain']> {
    const { settings, partners, findings } = this.#read.config
    if (settings === undefined) throw faulty(findings.length)
    return dryRun(query, {
      partners: new PartnerList(partners),
      mode: settings.federation.mode,
      ours: settings.domains.map(({ domain }) => domain),
      now: this.#now(),
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#records?.[Symbol.asyncDispose]()
  }

  #noGateway(what: string): OperationError {
    return new OperationError(
      'unavailable',
      `no gateway is running in ${this.#directory}, and ${what}`,
      'Start it with `sallyport serve`.',
    )
  }
}

interface Read {
  readonly config: LoadedConfig
  /** The entries without mistakes, also while others have some. */
  readonly partners: readonly Partner[]
}

async function readFiles(directory: string): Promise<Read> {
  const path = join(directory, 'federation-config')
  const files = await new ConfigReader(path).read()
  return { config: await loadConfig(path), partners: partnersOf(files.partners?.values() ?? []) }
}

function faulty(mistakes: number): OperationError {
  return new OperationError(
    'faulty-configuration',
    `the configuration is faulty (${mistakes === 1 ? '1 mistake' : `${mistakes} mistakes`})`,
    'See `sallyport check` for each mistake and how to mend it.',
  )
}
