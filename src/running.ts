// A running installation: the gateway with all it stands on, put together in order and taken apart in reverse. With
// `main.ts` the only file that knows every folder.
//
// Rule 1: nothing listens before every file has been read and found good.
// Rule 2: a change on disk takes over whole or not at all; what is wrong with it stands in the status and in the log.

import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { controlSocketPath } from './admin/client.ts'
import { serveControl } from './admin/control-socket.ts'
import { HealthListener, type Readiness } from './admin/health.ts'
import type { Call } from './admin/perform.ts'
import { hasErrors, isError, type Finding } from './config/finding.ts'
import type { PartnersChange, TextChange } from './config/changes.ts'
import { ConfigWatcher, type SettingsChange } from './config/watch.ts'
import type {
  Control,
  ExplainQuery,
  Explanation,
  NoticeAccepted,
  Reload,
  Retry,
  Service,
  Status,
} from './gateway/control.ts'
import { rulesStatus } from './gateway/rules-status.ts'
import { fitness } from './gateway/fitness.ts'
import { Authorities, INTERNAL_CA } from './gateway/authorities.ts'
import { Expiries } from './gateway/expiries.ts'
import { Gateway } from './gateway/gateway.ts'
import { objections } from './gateway/house-checks.ts'
import { House } from './gateway/house.ts'
import { WAITS_MS } from './gateway/groups/groups.ts'
import { openLoginGate } from './gateway/remote/login-guard.ts'
import { streamLimits } from './gateway/stream-limits.ts'
import { Lab } from './lab/lab.ts'
import type { Partner } from './policy/partner.ts'
import type { DecisionRecord } from './store/store.ts'
import {
  catchUp,
  cutsOf,
  explanationOf,
  findingsOf,
  loadOwn,
  openGroups,
  parted,
  remindersOf,
  statusOfAll,
  reference,
  type Parts,
} from './running-parts.ts'
import { TakingOver } from './taking-over.ts'
import { tellFigures } from './telling-figures.ts'
import { startTelling } from './telling.ts'
import type { Identity } from './trust/identity.ts'
import { DialbackKeys } from './trust/dialback-key.ts'
import { PROFILES } from './trust/profiles/profiles.ts'
import { storeFiles } from './trust/system-store.ts'

export interface RunningOptions {
  /** The installation: holds `federation-config/`, `certs/` and `var/`. */
  readonly directory: string
  readonly version: string
}

export type Started =
  | { readonly ok: true; readonly running: Running; readonly findings: readonly Finding[] }
  /** Mistakes in the files: nothing was started. */
  | { readonly ok: false; readonly findings: readonly Finding[] }

export class Running implements Control, AsyncDisposable {
  readonly #stack: AsyncDisposableStack
  readonly #options: RunningOptions
  readonly #parts: Parts
  readonly relations: Control['relations']
  readonly #since = Date.now()
  readonly #takingOver: TakingOver
  #isUp = false

  private constructor(
    stack: AsyncDisposableStack,
    options: RunningOptions,
    parts: Parts,
    findings: readonly Finding[],
  ) {
    this.#stack = stack
    this.#options = options
    this.#parts = parts
    this.relations = parts.telling.relationKeeper
    const place = join(options.directory, INTERNAL_CA)
    const faulty = (): void => this.configFaulty()
    this.#takingOver = new TakingOver({ parts, place, findings, running: () => this, faulty })
  }

  /** Starts everything. Rejects where the world outside the files is in the way: a port in use, a store that is locked. */
  static async start(options: RunningOptions): Promise<Started> {
    await using stack = new AsyncDisposableStack()
    let running: Running | undefined
    const opened = await ConfigWatcher.open(join(options.directory, 'federation-config'), {
      onSettings: (_, change) => running?.settingsChanged(change),
      onPartners: (_, change) => running?.partnersChanged(change),
      onFiles: () => running?.filesChanged(),
      onTexts: (changes) => running?.textsChanged(changes),
      onFaulty: () => running?.configFaulty(),
      systemStore: () => storeFiles(),
    })
    if (!opened.ok) return { ok: false, findings: opened.findings }
    const watcher = stack.use(opened.watcher)
    const { settings, partners } = watcher

    const { own, findings: ownFindings } = await loadOwn(settings, () => running)
    stack.defer(() => (running ? running.#parts.own : own)[Symbol.asyncDispose]())
    const places = { directory: options.directory, now: Date.now }
    const { authorities, findings: caFindings } = await Authorities.open(settings, places)
    const findings: Finding[] = [...opened.findings, ...ownFindings, ...caFindings, ...objections(watcher, own)]
    if (!authorities) return { ok: false, findings }
    const groups = stack.use(
      openGroups(settings, () => running && { house: running, events: running.#parts.telling.events }),
    )
    findings.push(...(await groups.follow([settings], WAITS_MS.atStart)))
    const { internal: ca, users } = authorities
    const parts = { settings: groups.fill(settings), partners, own, ca, users, now: Date.now }
    const { house, findings: named } = await House.build(parts)
    findings.push(...named)
    if (hasErrors(findings)) return { ok: false, findings }

    const clock = { now: Date.now, steady: () => performance.now(), random: Math.random }
    const telling = await startTelling({ settings: () => watcher.settings, now: Date.now })
    stack.defer(() => parted(telling, running !== undefined && running.#isUp))
    stack.use(telling)
    const secret = join(options.directory, 'var', 'decoys.key')
    const { placeKeeper, failureKeeper } = telling
    const gate = await openLoginGate({ ...clock, file: secret, places: placeKeeper, failures: failureKeeper })
    const told = { ...telling, remote: { ...telling.remote, gate } }
    const keys = new DialbackKeys(randomBytes(32)) // They live no longer than the streams they are for.
    const gateway = stack.use(await Gateway.start({ house, ...told, ...clock, reference, keys }))
    const expiries = new Expiries({
      ...{ authorities: () => authorities.all, now: Date.now, events: telling.events },
      house: () => gateway.house,
      streams: () => gateway.streams.all(),
      own: () => (running ? running.#parts.own : own),
    })
    stack.use(expiries)
    const reminders = stack.use(remindersOf(watcher, telling.events))
    const all = { watcher, authorities, gateway, telling, expiries, reminders, groups, own }
    running = new Running(stack.move(), options, all, named)
    await running.#open()
    return { ok: true, running, findings }
  }

  /** What comes after the gateway listens: the lab of an evaluation set-up, and the control socket. */
  async #open(): Promise<void> {
    const { directory } = this.#options
    const { telling, gateway } = this.#parts
    const { evaluation, core, limits, listen } = gateway.house.settings
    const readiness = (): Readiness => fitness(gateway.house, gateway.draining.service, Date.now())
    try {
      const internalCa = join(directory, INTERNAL_CA, 'ca.pem')
      const options = { root: directory, internalCa, host: core.host, limits: streamLimits(limits), now: Date.now }
      const lab = evaluation ? this.#stack.use(await Lab.start(options)) : undefined
      telling.metrics.collect(() => tellFigures({ ...this.#parts, ready: readiness().ready }))
      if (listen.admin) {
        const bug = (error: unknown): void => telling.events.bug(error)
        const metrics = (): string => telling.metrics.openMetrics()
        this.#stack.use(await HealthListener.open({ at: listen.admin, readiness, metrics, bug }))
      }
      const serving = { control: this, lab, directory, socketPath: controlSocketPath(directory) }
      this.#stack.use(await serveControl({ ...serving, observe: (call) => this.#called(call) }))
    } catch (error) {
      await this.#stack.disposeAsync()
      throw error
    }
    telling.events.partnersLoaded(this.partners())
    void this.#parts.expiries.look()
    this.#parts.reminders.look()
    void catchUp(this.#parts)
    const { version, node, domains, listeners } = this.status()
    telling.events.started({ version, node, evaluation, domains: domains.map(({ domain }) => domain), listeners })
    this.#isUp = true
  }

  /** The settings changed in the files. @throws when they cannot be put in force; they are then offered again. */
  async settingsChanged({ changed, needsRestart }: SettingsChange): Promise<void> {
    await this.#takingOver.run()
    const { isWaiting, objections: against } = this.#takingOver
    if (isWaiting) throw new Error(against.map(({ message }) => message).join('; '))
    const { log, federation } = this.#parts.gateway.house.settings
    this.#parts.telling.logServers.follow(log.servers, PROFILES[federation.profile])
    this.#parts.telling.events.configApplied(changed, needsRestart)
  }

  async partnersChanged(change: PartnersChange): Promise<void> {
    await this.#takingOver.run()
    this.#parts.telling.events.partnersChanged(this.partners(), change)
  }

  /** Files of partners say something else than before. */
  textsChanged(changes: readonly TextChange[]): void {
    this.#parts.telling.history.noticed(changes)
  }

  /** Only what the files of settings and partners name has changed. */
  async filesChanged(): Promise<void> {
    await this.#takingOver.run()
  }

  /** Others are in groups than before; where settings waited for them, these are offered again. */
  async membersChanged(): Promise<void> {
    const { isWaiting: hasWaited } = this.#takingOver
    await this.#takingOver.run()
    if (hasWaited || this.#takingOver.isWaiting) await this.#parts.watcher.reload()
  }

  /** Other files are faulty than before, or none any more. */
  configFaulty(): void {
    this.#parts.telling.events.configFaulty(
      [...this.#parts.watcher.findings, ...this.#takingOver.faults].filter(isError),
    )
  }

  status(partner?: string): Status {
    return statusOfAll(this.#parts, { ...this.#options, since: this.#since, findings: this.#allFindings() }, partner)
  }

  partners(): readonly Partner[] {
    return this.#parts.gateway.house.partners.all
  }

  get conduct(): Control['conduct'] {
    return this.#parts.gateway.conduct
  }

  readonly pending = (): ReturnType<Control['pending']> => this.#parts.gateway.pending.list()

  readonly cuts = (...[coming]: Parameters<Control['cuts']>): ReturnType<Control['cuts']> => cutsOf(this.#parts, coming)

  async reload(): Promise<Reload> {
    const { applied, needsRestart } = await this.#parts.watcher.reload()
    const findings = this.#allFindings()
    return { applied: applied && !this.#takingOver.isWaiting, findings, needsRestart }
  }

  get reader(): Control['reader'] {
    return this.#parts.watcher.reader
  }

  get history(): Control['history'] {
    return this.#parts.telling.history
  }

  noticeAccepted({ by, how }: NoticeAccepted): void {
    this.#parts.telling.events.noticeAccepted(by, how)
  }

  drain(): Service {
    const { gateway, telling } = this.#parts
    gateway.draining.start('SP-629').catch((error: unknown) => telling.events.bug(error))
    return gateway.draining.service
  }

  async undrain(): Promise<Service> {
    const { draining } = this.#parts.gateway
    await draining.undo()
    return draining.service
  }

  /** Takes leave of peers one after another, before everything closes; `hasten` cuts it short. */
  async leave(): Promise<void> {
    this.#parts.telling.events.stopping('asked to')
    await this.#parts.gateway.draining.start('SP-471')
  }

  readonly hasten = (): void => this.#parts.gateway.draining.hasten()

  retry(domain: string): Retry {
    return this.#parts.gateway.ways.retry(domain)
  }

  get keys(): Control['keys'] {
    return this.#parts.gateway.proving.keys
  }

  get remote(): Control['remote'] {
    return this.#parts.gateway.remoteControl
  }

  why(asked: string): DecisionRecord | undefined {
    return this.#parts.telling.recorder.why(asked)
  }

  ruleWording(version: string): ReturnType<Control['ruleWording']> {
    return this.#parts.telling.wordings.of(version)
  }

  lostAnswer(asked: string): DecisionRecord | undefined {
    return this.#parts.telling.recorder.lostAnswer(asked)
  }

  recent(query: Parameters<Control['recent']>[0]): readonly DecisionRecord[] {
    return this.#parts.telling.recorder.recent(query)
  }

  explain(query: ExplainQuery): Explanation {
    return explanationOf(this.#parts, query)
  }

  rules(): ReturnType<Control['rules']> {
    return rulesStatus(this.#parts.gateway.house.judging, this.#parts.gateway.house.whom)
  }

  probe(...query: Parameters<Control['probe']>): ReturnType<Control['probe']> {
    return this.#parts.gateway.probes.run(...query)
  }

  trace(...query: Parameters<Control['trace']>): ReturnType<Control['trace']> {
    return this.#parts.gateway.tracing.run(...query)
  }

  /** A certificate of ours changed on disk; without `identity` the old one stays. */
  certificateChanged(domain: string, identity: Identity | undefined, findings: readonly Finding[]): void {
    const { events } = this.#parts.telling
    if (identity) events.certificateReloaded(domain, identity.certificate)
    else events.certificateFaulty(domain, findings)
  }

  #called({ operation, role, ok, code, fault }: Call): void {
    const { events } = this.#parts.telling
    events.operation({ operation, outcome: ok ? 'ok' : (code ?? 'failed'), changes: role !== 'read' })
    if (fault !== undefined) events.bug(fault)
  }

  #allFindings(): readonly Finding[] {
    return findingsOf(this.#parts, this.#takingOver.findings)
  }

  /** Closes everything in order: control socket, lab, streams, store, files. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.gateway.probes.abandon() // who waits for them holds the control socket open
    await this.#stack.disposeAsync()
  }
}
