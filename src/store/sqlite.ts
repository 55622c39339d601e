// The store on SQLite (`node:sqlite`): one file, write-ahead log, one transaction for each batch, prepared statements.
//
// Rule 1: calls are synchronous and stop traffic while they last; so batches are small and pruning goes in steps.
// Rule 2: how many rows there are is counted once at the start and kept in memory; nothing here walks the whole table.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { AccountFailures } from '../policy/remote/guard.ts'
import type { ConductChanges, KnownConduct } from '../policy/conduct/conducts.ts'
import type { PendingChanges, PendingDomain } from '../policy/pending.ts'
import type { KnownPlace, PlaceChanges } from '../policy/remote/known-places.ts'
import type { KeptRequest, RequestChanges } from '../policy/limits/requests.ts'
import type { Relation } from '../policy/relations/relations.ts'
import { explain, openFile, type FileOptions } from './sqlite-file.ts'
import { Guarded } from './guarded.ts'
import { CLASSES, type Class, classOf, type Counts } from './record-classes.ts'
import { AnnouncedTable } from './sqlite-announced.ts'
import { ConductTable } from './sqlite-conducts.ts'
import { EvidenceTable } from './sqlite-evidence.ts'
import { KnownKeyTable } from './sqlite-known-keys.ts'
import { KnownPlaceTable } from './sqlite-known-places.ts'
import { LogInFailureTable } from './sqlite-log-in-failures.ts'
import { PartnerVersionTable } from './sqlite-partner-versions.ts'
import { RuleWordingTable } from './sqlite-rule-wordings.ts'
import { PendingTable } from './sqlite-pending.ts'
import { RelationTable } from './sqlite-relations.ts'
import { RequestTable } from './sqlite-requests.ts'
import { COLUMNS, fromRow, toRow, type Row } from './sqlite-rows.ts'
import type {
  AnnouncedPartner,
  ConductStore,
  DecisionPages,
  DecisionRecord,
  EvidenceStore,
  KeptEvidence,
  KeptWording,
  KnownKey,
  KnownKeyStore,
  FailureBounds,
  KnownPlaceStore,
  LogInFailureStore,
  NewPartnerVersion,
  NumberedDecision,
  PartnerVersion,
  PartnerVersionStore,
  RuleWordingStore,
  PendingStore,
  RecentQuery,
  RelationStore,
  RequestStore,
  Retention,
  Store,
} from './store.ts'

/** All that one file keeps. */
export type SqliteStores = Store &
  DecisionPages &
  EvidenceStore &
  KnownKeyStore &
  KnownPlaceStore &
  LogInFailureStore &
  PartnerVersionStore &
  RuleWordingStore &
  PendingStore &
  RequestStore &
  RelationStore &
  ConductStore

/** Opens the file, or makes it. @throws StoreError */
export function openSqliteStore(file: string, options?: FileOptions): SqliteStores {
  return new SqliteStore(file, openFile(file, options))
}

class SqliteStore extends Guarded implements SqliteStores {
  readonly #insert: StatementSync
  readonly #byReference: StatementSync
  readonly #lostAnswer: StatementSync
  readonly #newest: StatementSync
  readonly #newestOfDomain: StatementSync
  readonly #before: StatementSync
  readonly #oldest: StatementSync
  readonly #oldestOf: Readonly<Record<Class, StatementSync>>
  readonly #delete: StatementSync
  readonly #evidence: EvidenceTable
  readonly #knownKeys: KnownKeyTable
  readonly #knownPlaces: KnownPlaceTable
  readonly #logInFailures: LogInFailureTable
  readonly #versions: PartnerVersionTable
  readonly #announced: AnnouncedTable
  readonly #wordings: RuleWordingTable
  readonly #pending: PendingTable
  readonly #requests: RequestTable
  readonly #relations: RelationTable
  readonly #conducts: ConductTable

  constructor(file: string, database: DatabaseSync) {
    super(file, database)
    const prepare = (sql: string): StatementSync => this.guard(() => database.prepare(sql))
    const places = COLUMNS.replaceAll(/\w+/g, '?')
    this.#insert = prepare(`INSERT INTO decisions (${COLUMNS}) VALUES (${places}) ON CONFLICT DO NOTHING`)
    this.#byReference = prepare(`SELECT ${COLUMNS} FROM decisions WHERE reference = ?`)
    this.#lostAnswer = prepare(`SELECT ${COLUMNS} FROM decisions WHERE cause = ? AND kind = 'answer' LIMIT 1`)
    this.#newest = prepare(`SELECT ${COLUMNS} FROM decisions ORDER BY number DESC LIMIT ?`)
    this.#newestOfDomain = prepare(
      `SELECT * FROM (SELECT number, ${COLUMNS} FROM decisions WHERE remote = ?1 ORDER BY number DESC LIMIT ?2)
       UNION SELECT * FROM (SELECT number, ${COLUMNS} FROM decisions WHERE partner = ?1 AND partner IS NOT remote ORDER BY number DESC LIMIT ?2)
       ORDER BY number DESC LIMIT ?2`,
    )
    this.#before = prepare(`SELECT number, ${COLUMNS} FROM decisions WHERE number < ? ORDER BY number DESC LIMIT ?`)
    this.#oldest = prepare('SELECT number, at, verdict FROM decisions ORDER BY number LIMIT ?')
    const oldest = (which: Class): StatementSync =>
      prepare(`SELECT number, at, verdict FROM decisions WHERE ${CLASSES[which]} ORDER BY number LIMIT ?`)
    this.#oldestOf = { passed: oldest('passed'), failed: oldest('failed'), others: oldest('others') }
    this.#delete = prepare('DELETE FROM decisions WHERE number = ?')
    Object.assign(this.counts, this.#count())
    this.#evidence = this.guard(() => new EvidenceTable(database))
    this.#knownKeys = this.guard(() => new KnownKeyTable(database))
    this.#knownPlaces = this.guard(() => new KnownPlaceTable(database))
    this.#logInFailures = this.guard(() => new LogInFailureTable(database))
    this.#versions = this.guard(() => new PartnerVersionTable(database))
    this.#announced = this.guard(() => new AnnouncedTable(database))
    this.#wordings = this.guard(() => new RuleWordingTable(database))
    this.#pending = this.guard(() => new PendingTable(database))
    this.#requests = this.guard(() => new RequestTable(database))
    this.#relations = this.guard(() => new RelationTable(database))
    this.#conducts = this.guard(() => new ConductTable(database))
  }

  appendDecisions(rows: readonly DecisionRecord[]): number {
    return this.transaction((counts) => {
      let taken = 0
      for (const row of rows) {
        if (this.#insert.run(...toRow(row)).changes === 0) continue
        taken += 1
        counts[classOf(row.verdict)] += 1
      }
      return taken
    })
  }

  decision(reference: string): DecisionRecord | undefined {
    const row = this.guard(() => this.#byReference.get(reference))
    return row && fromRow(row)
  }

  lostAnswer(reference: string): DecisionRecord | undefined {
    const row = this.guard(() => this.#lostAnswer.get(reference))
    return row && fromRow(row)
  }

  recentDecisions({ domain, limit }: RecentQuery): readonly DecisionRecord[] {
    return this.guard(() =>
      domain === undefined ? this.#newest.all(limit) : this.#newestOfDomain.all(domain, limit),
    ).map(fromRow)
  }

  decisionsBefore(before: number = Number.MAX_SAFE_INTEGER, limit: number): readonly NumberedDecision[] {
    const rows = this.guard(() => this.#before.all(before, limit))
    return rows.map((row) => ({ number: Number(row['number']), record: fromRow(row) }))
  }

  oldestDecisions(): ReturnType<DecisionPages['oldestDecisions']> {
    const { passed, others } = this.#oldestOf
    const at = (statement: StatementSync): number | undefined => {
      const [row] = this.guard(() => statement.all(1))
      return row && Number(row['at'])
    }
    return { passed: at(passed), refused: at(others) }
  }

  prune({ records, keptMs }: Retention, now: number, step: number): number {
    return this.transaction((counts) => {
      const aged = this.#oldest.all(step).filter((row) => Number(row['at']) < now - keptMs)
      const spare = (which: Class, excess: number): Row[] =>
        excess > 0 ? this.#oldestOf[which].all(Math.min(excess, step)) : []
      const half = Math.floor(records / 2)
      const passed = spare('passed', counts.passed - half)
      const room = records - Math.min(counts.passed, half)
      const excess = counts.failed + counts.others - room
      const tooManyFailed = Math.max(0, Math.min(excess, counts.failed - Math.floor(room / 2)))
      const rest = [...spare('failed', tooManyFailed), ...spare('others', excess - tooManyFailed)]
      const doomed = new Map([...aged, ...passed, ...rest].map((row) => [Number(row['number']), row['verdict']]))
      const chosen = [...doomed].toSorted(([a], [b]) => a - b).slice(0, step)
      for (const [number, verdict] of chosen) {
        this.#delete.run(number)
        counts[classOf(verdict)] -= 1
      }
      return chosen.length
    })
  }

  evidence(place: string): KeptEvidence | undefined {
    return this.guard(() => this.#evidence.find(place))
  }

  keepEvidence(
    place: string,
    evidence: KeptEvidence,
    { now, mostBytes }: { readonly now: number; readonly mostBytes: number },
  ): void {
    this.transaction(() => this.#evidence.keep(place, evidence, now, mostBytes))
  }

  knownKeys(): readonly KnownKey[] {
    return this.guard(() => this.#knownKeys.all())
  }

  keepKnownKeys(changed: readonly KnownKey[], gone: readonly Pick<KnownKey, 'domain' | 'spki'>[]): void {
    this.transaction(() => this.#knownKeys.keep(changed, gone))
  }

  knownPlaces(): readonly KnownPlace[] {
    return this.guard(() => this.#knownPlaces.all())
  }

  keepKnownPlaces(changes: PlaceChanges): void {
    this.transaction(() => this.#knownPlaces.keep(changes))
  }

  logInFailures(): readonly AccountFailures[] {
    return this.guard(() => this.#logInFailures.all())
  }

  keepLogInFailures(changes: readonly AccountFailures[], bounds: FailureBounds): void {
    this.transaction(() => this.#logInFailures.keep(changes, bounds))
  }

  get partnerVersionsKept(): number {
    return this.#versions.size
  }

  lastPartnerVersion(domain: string): PartnerVersion | undefined {
    return this.guard(() => this.#versions.last(domain))
  }

  partnerVersions(domain: string): readonly PartnerVersion[] {
    return this.guard(() => this.#versions.of(domain))
  }

  partnerVersionsTogether(...some: readonly [string, string, number]): readonly PartnerVersion[] {
    return this.guard(() => this.#versions.together(...some))
  }

  partnersThere(): readonly string[] {
    return this.guard(() => this.#versions.there())
  }

  addPartnerVersions(versions: readonly NewPartnerVersion[], most: number): void {
    const before = this.#versions.size
    try {
      this.transaction(() => this.#versions.add(versions, most))
    } catch (error) {
      this.#versions.recount(before)
      throw error
    }
  }

  partnersAnnounced(): readonly AnnouncedPartner[] {
    return this.guard(() => this.#announced.all())
  }

  announcePartners(announced: readonly AnnouncedPartner[]): void {
    this.transaction(() => this.#announced.keep(announced))
  }

  forgetAnnounced(reference: string, domains: readonly string[]): void {
    this.transaction(() => this.#announced.drop(reference, domains))
  }

  pendingDomains(): readonly PendingDomain[] {
    return this.guard(() => this.#pending.all())
  }

  keepPendingDomains(changes: PendingChanges): void {
    this.transaction(() => this.#pending.keep(changes))
  }

  pendingRequests(): readonly KeptRequest[] {
    return this.guard(() => this.#requests.all())
  }

  keepPendingRequests(changes: RequestChanges): void {
    this.transaction(() => this.#requests.keep(changes))
  }

  *relations(): Iterable<Relation> {
    try {
      yield* this.#relations.all()
    } catch (error) {
      throw explain(this.file, error)
    }
  }

  relation(pair: Pick<Relation, 'user' | 'contact'>): Relation | undefined {
    return this.guard(() => this.#relations.one(pair))
  }

  relationsAfter(...[after, limit, user]: Parameters<RelationStore['relationsAfter']>): readonly Relation[] {
    return this.guard(() => this.#relations.after(after, limit, user))
  }

  keepRelations(changes: readonly Relation[]): void {
    this.transaction(() => this.#relations.keep(changes))
  }

  conducts(): readonly KnownConduct[] {
    return this.guard(() => this.#conducts.all())
  }

  keepConducts(changes: ConductChanges): void {
    this.transaction(() => this.#conducts.keep(changes))
  }

  ruleWording(version: string): KeptWording | undefined {
    return this.guard(() => this.#wordings.find(version))
  }

  keepRuleWording(wording: KeptWording, most: number): boolean {
    return this.transaction(() => this.#wordings.keep(wording, most))
  }

  close(): void {
    if (this.database.isOpen) this.database.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }

  #count(): Counts {
    const count = (of: string): number =>
      Number(this.guard(() => this.database.prepare(`SELECT count(*) AS n FROM decisions ${of}`).get())?.['n'])
    const [passed, failed] = [count(`WHERE ${CLASSES.passed}`), count(`WHERE ${CLASSES.failed}`)]
    // By what is left: an index can be counted without the rows only where it says one thing.
    return { passed, failed, others: count('') - passed - failed }
  }
}
