// Stands in for the gateway when none runs: the same operations over the files alone, as far as they make sense.

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { textChanges } from '../config/changes.ts'
import { formatFinding, hasErrors } from '../config/finding.ts'
import { DEFAULT_LIMITS } from '../config/limits.ts'
import { configOf, ConfigReader, partnersOf, type LoadedConfig } from '../config/load.ts'
import { NO_POLICY_FILE, type PartnerReading } from '../config/readings.ts'
import type { Settings } from '../config/settings.ts'
import { settle, type InForce } from '../config/settle.ts'
import { dryRunUnder, type Related } from '../gateway/dry-run.ts'
import { readKey } from '../gateway/keys/memory.ts'
import { keyStatus } from '../gateway/keys/report.ts'
import { pendingStatus } from '../gateway/pending.ts'
import { probeOffline } from '../gateway/probe/offline.ts'
import { permission } from '../gateway/remote/remote-control.ts'
import { rulesStatus } from '../gateway/rules-status.ts'
import type { Control, ExplainQuery, Reload, Retry } from '../gateway/control.ts'
import type { Partner } from '../policy/partner.ts'
import { Whom } from '../policy/whom/whom.ts'
import { Judging } from '../policy/judging.ts'
import { PartnerList } from '../policy/partners.ts'
import { PartnerHistory, versionsTogether } from '../records/partner-history.ts'
import { dayOf } from '../policy/relations/calendar.ts'
import { pairOf } from '../policy/relations/relations.ts'
import { openSqliteStore, type SqliteStores } from '../store/sqlite.ts'
import { StoreError, type DecisionPages } from '../store/store.ts'
import { foldedAddress } from '../xmpp/address.ts'
import { formatReference } from '../xmpp/reference.ts'
import { KeptConduct } from './kept-conduct.ts'
import { withMembers, type Members, type WithMembers } from './known-groups.ts'
import { OperationError } from './operation.ts'

/** The files of an installation, with the face of a gateway. */
export class FilesControl implements Control, Disposable {
  readonly #directory: string
  readonly #now: () => number
  readonly reader: ConfigReader
  readonly #members: Members
  #store: SqliteStores | undefined
  #conduct: KeptConduct | undefined
  #writing: { readonly store: SqliteStores; readonly history: PartnerHistory } | undefined
  #read: Read

  private constructor(directory: string, now: () => number, reader: ConfigReader, members: Members, read: Read) {
    this.#directory = directory
    this.#members = members
    this.#now = now
    this.reader = reader
    this.#read = read
  }

  /** `members`: of groups of directories, where they are given by hand. */
  static async open(directory: string, now: () => number, members: Members = {}): Promise<FilesControl> {
    const reader = new ConfigReader(join(directory, 'federation-config'))
    return new FilesControl(directory, now, reader, members, await readFiles(reader, members))
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

  /** Those that a gateway has left in the store. Throws StoreError. */
  pending(): ReturnType<Control['pending']> {
    const partners = new PartnerList(this.#read.partners)
    const waiting = (this.#found()?.pendingDomains() ?? []).filter(({ domain }) => !partners.find(domain))
    return waiting.toSorted((a, b) => b.lastAt - a.lastAt).map(pendingStatus)
  }

  async reload(): Promise<Reload> {
    const { inForce: before } = this.#read
    this.#read = await readFiles(this.reader, this.#members, before)
    this.#writing?.history.noticed(textChanges(before.partners, this.#read.inForce.partners))
    return { applied: !this.isFaulty, findings: this.#read.config.findings, needsRestart: [] }
  }

  /** Nothing is up where nothing runs. */
  cuts(): ReturnType<Control['cuts']> {
    return Promise.resolve([])
  }

  noticeAccepted(): never {
    throw this.#noGateway('nobody writes down that the notice was accepted')
  }

  drain(): never {
    throw this.#noGateway('there is nothing to drain')
  }

  undrain(): never {
    throw this.#noGateway('nothing is drained')
  }

  /** In the store that a gateway has left; before one has run there is none, and the first one writes down how it finds things. */
  get history(): Control['history'] {
    return {
      of: (domain) => this.#found()?.partnerVersions(domain) ?? [],
      together: async (reference) => {
        const store = this.#found()
        return store === undefined ? [] : await versionsTogether(store, reference)
      },
      settle: async (...done) => (await this.#historian()?.settle(...done)) ?? false,
      announceAll: async (...changes) => this.#historian()?.announceAll(...changes),
      announce: (...change) => this.#historian()?.announce(...change),
      withdraw: (domain) => this.#historian()?.withdraw(domain),
    }
  }

  #historian(): PartnerHistory | undefined {
    if (this.#writing) return this.#writing.history
    const file = this.file
    if (!existsSync(file)) return undefined
    try {
      const store = openSqliteStore(file)
      const most = (): number => this.#read.config.settings?.limits.partnerHistory ?? DEFAULT_LIMITS.partnerHistory
      // What cannot be kept now is found when the gateway starts.
      const history = new PartnerHistory({ store, most, now: this.#now, failed: () => undefined })
      this.#writing = { store, history }
      return history
    } catch (error) {
      if (error instanceof StoreError) return undefined
      throw error
    }
  }

  /** Nothing waits where nothing runs. */
  retry(): Retry {
    return { links: 0 }
  }

  /** What a gateway has left in the store; nothing where none has run yet. Throws StoreError. */
  get keys(): Control['keys'] {
    return {
      list: (domain) => {
        const partners = new PartnerList(this.#read.partners)
        const entry = domain === undefined ? undefined : partners.find(domain)
        const kept = this.#found()?.knownKeys() ?? []
        const its = kept.filter((key) => key.domain === domain || (entry && partners.find(key.domain) === entry))
        return its.map((key) => keyStatus(readKey(key), false))
      },
      decide: () => {
        throw this.#noGateway('there is nobody to tell')
      },
    }
  }

  /** What is known of the conduct of domains is known where a gateway runs. @throws OperationError */
  get conduct(): Control['conduct'] {
    const none = (): never => {
      throw this.#noGateway('there is nobody to tell how domains behave')
    }
    return { list: none, cuts: none, say: none }
  }

  /** Nobody is logged in where nothing runs; who may be is in the files. @throws OperationError */
  get remote(): Control['remote'] {
    const none = (): never => {
      throw this.#noGateway('nobody is logged in from outside')
    }
    return {
      ...{ sessions: none, end: none, locks: none, unlock: none },
      may: (question) => {
        return permission(this.#known().policy, question)
      },
    }
  }

  /** @throws OperationError, StoreError */
  why(reference: string): ReturnType<Control['why']> {
    return this.#records().decision(reference)
  }

  /** @throws OperationError, StoreError */
  /** @throws OperationError, StoreError */
  ruleWording(version: string): ReturnType<Control['ruleWording']> {
    return this.#records().ruleWording(version)
  }

  lostAnswer(reference: string): ReturnType<Control['lostAnswer']> {
    return this.#records().lostAnswer(reference)
  }

  /** @throws OperationError, StoreError */
  recent(query: Parameters<Control['recent']>[0]): ReturnType<Control['recent']> {
    return this.#records().recentDecisions(query)
  }

  /** @throws OperationError, StoreError */
  pages(): DecisionPages {
    return this.#records()
  }

  explain(query: ExplainQuery): ReturnType<Control['explain']> {
    const settings = this.#known()
    const partners = new PartnerList(this.#read.config.partners, settings.policy.shown)
    const { conduct, conductWords } = this.keptConduct
    return dryRunUnder(query, { settings, partners, conduct, conductWords }, this.#now(), this.related)
  }

  /** How domains have to be met for their conduct. Throws StoreError. */
  get keptConduct(): KeptConduct {
    if (this.#conduct === undefined) {
      const kept = this.#found()?.conducts() ?? []
      this.#conduct = new KeptConduct(kept, new PartnerList(this.#read.partners), this.#now())
    }
    return this.#conduct
  }

  /** As a gateway has left it in the store; it is changed by one that runs. @throws OperationError, StoreError */
  get relations(): Control['relations'] {
    const none = (): never => {
      throw this.#noGateway('there is nobody to tell')
    }
    return {
      ...{ add: none, forget: none },
      of: (user, most) => this.#found()?.relationsAfter(undefined, most, foldedAddress(user) ?? user) ?? [],
    }
  }

  /** Whom users of ours know, as a gateway has left it in the store. */
  get related(): Related {
    return {
      find: (user, contact, at) => {
        const pair = pairOf(user, contact)
        const kept = pair && this.#found()?.relation(pair)
        const { relationsKeptMs } = this.#read.config.settings?.limits ?? DEFAULT_LIMITS
        return kept && kept.day >= dayOf(at - relationsKeptMs) ? kept : undefined
      },
    }
  }

  /** Of what stands in the files; nothing has been asked. */
  rules(): ReturnType<Control['rules']> {
    const { settings, findings } = this.#read.config
    if (settings === undefined) throw faulty(findings.length)
    return rulesStatus(new Judging(), new Whom(settings.policy.whom, settings.policy.groups))
  }

  probe(...[query, tell]: Parameters<Control['probe']>): ReturnType<Control['probe']> {
    const { settings, partners, findings } = this.#read.config
    if (settings === undefined) throw faulty(findings.length)
    const reference = (): string => formatReference(randomBytes(8))
    return probeOffline({ settings, partners, query, now: this.#now, reference, tell })
  }

  trace(): never {
    throw this.#noGateway('there is nothing to trace')
  }

  [Symbol.dispose](): void {
    this.#store?.close()
    this.#writing?.history.flush()
    this.#writing?.store.close()
  }

  /** The settings where it is known who is in their groups. @throws OperationError */
  #known(): Settings {
    const { config, unread } = this.#read
    if (config.settings === undefined) throw faulty(config.findings.length)
    const [first] = unread
    if (first === undefined) return config.settings
    throw new OperationError('unavailable', formatFinding(first), 'Start the gateway: it reads the group.')
  }

  /** The store that the gateway left, opened for reading when first asked for. */
  #records(): SqliteStores {
    const found = this.#found()
    if (found) return found
    throw this.#noGateway('there are no records to read')
  }

  /** Of the store. */
  get file(): string {
    return this.#read.config.settings?.store.file ?? join(this.#directory, 'var', 'sallyport.db')
  }

  #found(): SqliteStores | undefined {
    const file = this.file
    if (!this.#store && existsSync(file)) this.#store = openSqliteStore(file, { readOnly: true })
    return this.#store
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
  readonly unread: WithMembers['unread']
  /** The entries without mistakes, also while others have some. */
  readonly partners: readonly Partner[]
  /** What would be in force if a gateway ran: of a faulty file what it said before, as the history knows it. */
  readonly inForce: InForce
}

async function readFiles(reader: ConfigReader, members: Members, former?: InForce): Promise<Read> {
  const files = await reader.read()
  const readings = files.partners ?? new Map<string, PartnerReading>()
  const nothing = { gateway: files.gateway, policy: NO_POLICY_FILE, partners: new Map<string, PartnerReading>() }
  const { inForce } = settle(former ?? nothing, files)
  const config = configOf(files)
  const known = config.settings && (await withMembers(config.settings, members))
  const partners = partnersOf(readings.values())
  return { config: { ...config, settings: known?.settings }, unread: known?.unread ?? [], partners, inForce }
}

function faulty(mistakes: number): OperationError {
  return new OperationError(
    'faulty-configuration',
    `the configuration is faulty (${mistakes === 1 ? '1 mistake' : `${mistakes} mistakes`})`,
    'See `sallyport check` for each mistake and how to mend it.',
  )
}
