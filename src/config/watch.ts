// Keeps a running gateway in step with `federation-config/`. The file system tells of changes; a slow sweep finds what
// it did not tell (network file systems, exchanged directories); `reload()` looks at once and resolves when the outcome
// is in force.
//
// Rule 1: callbacks get configurations without errors only. What a faulty file said before stays (see `settle.ts`).
// Rule 2: readings never overlap, and callbacks of one reading come one after the other: settings first, then partners.
// `settings` and `partners` already say the new when the first is called. Files that they name are told of alone.
// Rule 3: a callback that fails does not end anything; it is a finding, and the change is offered again, also when it is taken back.

import { watch, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Partner } from '../policy/partner.ts'
import { differenceSteps, isSame, textChanges, type PartnersChange, type TextChange } from './changes.ts'
import { formatFinding, hasErrors, type Finding } from './finding.ts'
import { ConfigReader, PARTNERS_DIRECTORY, partnersOf, type ConfigFiles, type ReaderOptions } from './load.ts'
import { stampOfNamed } from './named-files.ts'
import { applyLive, changedSettings, type Settings } from './settings.ts'
import { NO_POLICY_FILE, unreadable, type PartnerReading } from './readings.ts'
import { heldBackIn, settingsIn, settle, settleSteps, type InForce } from './settle.ts'
import { inSlices } from './slices.ts'
import { identityOf, type Watched } from './watched.ts'

export interface ConfigWatcherOptions extends ReaderOptions {
  /** Settings that apply live have changed. `settings` are those in force: what needs a restart is as it was at start. */
  readonly onSettings?: (settings: Settings, change: SettingsChange) => void | Promise<void>
  /** Partners have been added, changed or removed; the whole list, sorted by domain. */
  readonly onPartners?: (partners: readonly Partner[], change: PartnersChange) => void | Promise<void>
  /** Files of partners say something else than before, comments included; told before anything else. */
  readonly onTexts?: (changes: readonly TextChange[]) => void
  /** Files that the settings or partners name have changed, or nothing is held back any more, and nothing else has changed. */
  readonly onFiles?: () => void | Promise<void>
  /** Files are faulty: called whenever their mistakes change, and once with none when all are mended. */
  readonly onFaulty?: (findings: readonly Finding[]) => void
  /** The files of the operating system's store of CAs, followed where the settings name it. */
  readonly systemStore?: () => Promise<readonly string[]>
  /** Quiet time after a change before the files are read, so that a writer can finish. */
  readonly settleMs?: number
  /** How often to look without having been told. */
  readonly sweepMs?: number
}

export interface SettingsChange {
  /** Top-level keys that changed in force. */
  readonly changed: readonly (keyof Settings)[]
  /** Top-level keys that changed in the file and wait for a restart. */
  readonly needsRestart: readonly string[]
}

/** What a reading came to. */
export interface ReloadResult {
  /** False when a mistake kept former content in force. */
  readonly applied: boolean
  readonly findings: readonly Finding[]
  readonly needsRestart: readonly string[]
}

export type WatcherStart =
  | { readonly ok: true; readonly watcher: ConfigWatcher; readonly findings: readonly Finding[] }
  | { readonly ok: false; readonly findings: readonly Finding[] }

const SETTLE_MS = 50
const SWEEP_MS = 10_000
/** A sweep over ten thousand partners takes a tenth of a second; it may have a hundredth of the time. */
const RESTS = 100
/** Writers that never pause are not waited for longer than so many quiet times. */
const MOST_PAUSES = 5

/** How long after a sweep that took `tookMs` the next begins. */
export const restAfter = (tookMs: number, sweepMs: number): number => Math.max(sweepMs, tookMs * RESTS)

export class ConfigWatcher implements AsyncDisposable {
  /** Remembers what it read; edits may share it. */
  readonly reader: ConfigReader
  readonly #options: ConfigWatcherOptions
  #inForce: InForce
  /** What the files came to last, and what was found then. */
  #read: { readonly files: ConfigFiles; readonly findings: readonly Finding[] } | undefined
  #settings: Settings
  #partners: readonly Partner[]
  #findings: readonly Finding[]
  #needsRestart: readonly string[] = []
  /** What the callbacks know. */
  #told: {
    readonly settings: Settings
    readonly partners: readonly Partner[]
    readonly needsRestart: readonly string[]
    /** The stamp of the files that these name. */
    readonly files: string
  }
  /** Whose callback could not take what was offered last. */
  readonly #untaken = new Set<'settings' | 'partners'>()
  /** Something was told while gateway.yaml or policy.yaml counted as it was before. */
  #toldWhileHeld = false
  #watching: readonly Watched[] = []
  #pause: NodeJS.Timeout | undefined
  #patience: NodeJS.Timeout | undefined
  #sweep: NodeJS.Timeout
  #running: Promise<ReloadResult> | undefined
  #next: Promise<ReloadResult> | undefined
  #disposed = false

  /**
   * Reads the configuration and begins to watch it. `directory` is `federation-config/` itself. With errors nothing is
   * watched: the findings say what to mend.
   */
  static async open(directory: string, options: ConfigWatcherOptions = {}): Promise<WatcherStart> {
    const reader = new ConfigReader(directory, options)
    const files = await reader.read()
    // Nothing was in force before, so nothing can be kept: the same rules then refuse every faulty file.
    const nothing = { gateway: files.gateway, policy: NO_POLICY_FILE, partners: new Map() }
    const { inForce, findings } = settle(nothing, files)
    const settings = settingsIn(inForce)
    if (settings === undefined || hasErrors(findings)) return { ok: false, findings }
    // Before anybody reads them: a change after that is then told.
    const named = await stampOfNamed(settings, partnersOf(inForce.partners.values()), options.systemStore)
    const watcher = new ConfigWatcher(reader, options, { inForce, settings, named }, findings)
    await watcher.#watch()
    return { ok: true, watcher, findings }
  }

  private constructor(
    reader: ConfigReader,
    options: ConfigWatcherOptions,
    { inForce, settings, named }: { readonly inForce: InForce; readonly settings: Settings; readonly named: string },
    findings: readonly Finding[],
  ) {
    this.reader = reader
    this.#options = options
    this.#inForce = inForce
    this.#settings = settings
    this.#partners = partnersOf(inForce.partners.values())
    this.#findings = findings
    this.#told = { settings, partners: this.#partners, needsRestart: [], files: named }
    this.#sweep = this.#sweepIn(restAfter(0, options.sweepMs ?? SWEEP_MS))
  }

  /** The settings in force. */
  get settings(): Settings {
    return this.#settings
  }

  /** The partners in force, sorted by domain. */
  get partners(): readonly Partner[] {
    return this.#partners
  }

  /** The files of partners as they are in force, by their names. */
  get readings(): ReadonlyMap<string, PartnerReading> {
    return this.#inForce.partners
  }

  /** What the last reading found; with errors among them, former content is in force for the files they name. */
  get findings(): readonly Finding[] {
    return this.#findings
  }

  /** The mistake for which gateway.yaml or policy.yaml counts as it was before; undefined: both count as they are written. */
  get heldBack(): Finding | undefined {
    return this.#read && heldBackIn(this.#inForce, this.#read.files, this.#read.findings)
  }

  get needsRestart(): readonly string[] {
    return this.#needsRestart
  }

  /** Reads what is on the disk now; resolves when it is in force and all callbacks are done. */
  reload(): Promise<ReloadResult> {
    // A reading that is under way may have passed a file that changed since: another one follows it, for all who ask.
    if (this.#next !== undefined) return this.#next
    if (this.#running === undefined) return this.#start()
    this.#next = this.#running.then(
      () => this.#start(),
      () => this.#start(),
    )
    return this.#next
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    clearTimeout(this.#sweep)
    clearTimeout(this.#pause)
    clearTimeout(this.#patience)
    this.#unwatch()
    await this.reader[Symbol.asyncDispose]() // First: a reading that is under way then waits for nothing.
    await Promise.allSettled([this.#running, this.#next])
    this.#unwatch()
  }

  #start(): Promise<ReloadResult> {
    this.#next = undefined
    const run = this.#reload().finally(() => {
      if (this.#running === run) this.#running = undefined
    })
    this.#running = run
    return run
  }

  async #reload(): Promise<ReloadResult> {
    if (!this.#disposed) {
      // Watched before read: a change while reading is then told.
      await this.#watch()
      const files = await this.reader.read()
      if (this.#disposed) return this.#outcome()
      // Mostly nothing has changed, and then nothing comes of ten thousand files.
      if (this.#read === undefined || !isSame(files, this.#read.files)) await this.#settle(files)
      this.#report([...(this.#read?.findings ?? []), ...(await this.#tell())])
    }
    return this.#outcome()
  }

  #outcome(): ReloadResult {
    const findings = this.#findings
    return { applied: !hasErrors(findings), findings, needsRestart: this.#needsRestart }
  }

  async #settle(files: ConfigFiles): Promise<void> {
    const { inForce, findings } = await inSlices(settleSteps(this.#inForce, files))
    this.#read = { files, findings }
    const texts = textChanges(this.#inForce.partners, inForce.partners)
    this.#inForce = inForce
    if (texts.length > 0) this.#options.onTexts?.(texts)
    const { settings, needsRestart } = applyLive(this.#settings, settingsIn(inForce) ?? this.#settings)
    this.#settings = settings
    this.#needsRestart = needsRestart
    this.#partners = partnersOf(inForce.partners.values())
  }

  /** Hands on what differs from what was handed on before. What a callback could not take is offered again next time. */
  async #tell(): Promise<readonly Finding[]> {
    const { onSettings, onPartners, onFiles, systemStore } = this.#options
    const { settings, partners, needsRestart } = this
    const change = await inSlices(differenceSteps(this.#told.partners, partners))
    try {
      const files = await stampOfNamed(settings, partners, systemStore)
      const changed = changedSettings(this.#told.settings, settings)
      const restarts = !isDeepStrictEqual(needsRestart, this.#told.needsRestart)
      const isOther = changed.length > 0 || restarts || this.#untaken.has('settings')
      if (isOther) await this.#offer('settings', () => onSettings?.(settings, { changed, needsRestart }))
      this.#told = { ...this.#told, settings, needsRestart }
      const areOthers = Object.values(change).some((domains) => domains.length > 0) || this.#untaken.has('partners')
      if (areOthers) await this.#offer('partners', () => onPartners?.(partners, change))
      this.#told = { ...this.#told, partners }
      const isHeld = this.heldBack !== undefined
      const isFree = this.#toldWhileHeld && !isHeld
      if (!isOther && !areOthers && (files !== this.#told.files || isFree)) await onFiles?.()
      this.#told = { ...this.#told, files }
      this.#toldWhileHeld = isHeld && (this.#toldWhileHeld || isOther || areOthers)
      return []
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      return [unreadable(this.reader.shown(), `cannot be put in force (${words}); it is tried again by itself`)]
    }
  }

  /** What it does not take is offered again, whatever the files say then. */
  async #offer(what: 'settings' | 'partners', callback: () => void | Promise<void>): Promise<void> {
    this.#untaken.add(what)
    await callback()
    this.#untaken.delete(what)
  }

  #report(findings: readonly Finding[]): void {
    const before = this.#findings.filter(({ severity }) => severity === 'error').map((f) => formatFinding(f))
    const errors = findings.filter(({ severity }) => severity === 'error')
    this.#findings = findings
    if (
      !isDeepStrictEqual(
        before,
        errors.map((f) => formatFinding(f)),
      )
    )
      this.#options.onFaulty?.(errors)
  }

  #changed(): void {
    if (this.#disposed) return
    const settleMs = this.#options.settleMs ?? SETTLE_MS
    clearTimeout(this.#pause)
    this.#pause = setTimeout(() => void this.#background(), settleMs)
    this.#patience ??= setTimeout(() => void this.#background(), settleMs * MOST_PAUSES)
  }

  #sweepIn(ms: number): NodeJS.Timeout {
    const sweep = async (): Promise<void> => {
      const since = performance.now()
      try {
        await this.#background()
      } finally {
        const rest = restAfter(performance.now() - since, this.#options.sweepMs ?? SWEEP_MS)
        if (!this.#disposed) this.#sweep = this.#sweepIn(rest)
      }
    }
    return setTimeout(() => void sweep(), ms).unref()
  }

  /** A reading that nobody waits for. */
  async #background(): Promise<void> {
    clearTimeout(this.#pause)
    clearTimeout(this.#patience)
    this.#patience = undefined
    if (!this.#disposed) await this.reload()
  }

  /** Watches the directories that are there now; a directory that was exchanged is watched anew. */
  async #watch(): Promise<void> {
    const paths = [this.reader.directory, join(this.reader.directory, PARTNERS_DIRECTORY)]
    const identities = await Promise.all(paths.map((path) => identityOf(path)))
    if (this.#disposed) return
    const watching: Watched[] = []
    for (const [index, path] of paths.entries()) {
      const identity = identities[index]
      const known = this.#watching.find((watched) => watched.path === path)
      if (known !== undefined && known.identity === identity) {
        watching.push(known)
        continue
      }
      known?.watcher.close()
      const watcher = identity === undefined ? undefined : this.#open(path)
      if (watcher !== undefined && identity !== undefined) watching.push({ path, identity, watcher })
    }
    this.#watching = watching
  }

  /** A system that cannot watch (too many watches, an odd file system) leaves it to the sweep. */
  #open(path: string): FSWatcher | undefined {
    try {
      const watcher = watch(path, { persistent: false }, () => this.#changed())
      watcher.on('error', () => {
        watcher.close()
        this.#watching = this.#watching.filter((watched) => watched.watcher !== watcher)
      })
      return watcher
    } catch {
      return undefined
    }
  }

  #unwatch(): void {
    for (const { watcher } of this.#watching) watcher.close()
    this.#watching = []
  }
}
