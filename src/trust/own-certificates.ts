// The certificates we show the outside, one per domain, followed on disk while we run.
//
// Rule 1: renewed files are taken without a restart and without touching streams that are up.
// Rule 2: new files with an error in them are not taken: the old identity stays, and the findings say so.
// Rule 3: change is noticed by watching the folders (files are replaced by renaming) and, for links that lead elsewhere
//         and for file systems that tell nothing, by looking twice a minute.
// Rule 4: certificate, key and passphrase are files written one after the other: they are read once they have come to rest.

import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { CertificateFinding } from './finding.ts'
import type { Identity } from './identity.ts'
import { dateFindings, readOwnCertificate } from './own-certificate.ts'
import type { OwnCertificate, OwnChain, OwnEntry } from './own-certificate.ts'

export interface OwnOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Follow the files; default true. */
  readonly watch?: boolean
  /** How long files must rest before they are read. */
  readonly settleMs?: number
  /** How often to look, whatever the watchers say. */
  readonly lookMs?: number
  /** After files changed: with the identity that was taken, or undefined when the old one stays. */
  readonly onReload?: (domain: string, identity: Identity | undefined, findings: readonly CertificateFinding[]) => void
}

interface Held {
  readonly entry: OwnEntry
  /** In use. */
  current: OwnCertificate
  /** On disk, as last read: `current`, unless that was not good enough. */
  latest: OwnCertificate
  stamp: string
}

export class OwnCertificates implements AsyncDisposable {
  readonly #held = new Map<string, Held>()
  readonly #watchers: FSWatcher[] = []
  readonly #o: OwnOptions
  #settling: NodeJS.Timeout | undefined
  #looking: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #disposed = false

  private constructor(o: OwnOptions) {
    this.#o = o
  }

  /** Reads all of them, with everything that is wrong at once. */
  static async load(
    entries: readonly OwnEntry[],
    o: OwnOptions,
  ): Promise<{ readonly own: OwnCertificates; readonly findings: readonly CertificateFinding[] }> {
    const own = new OwnCertificates(o)
    for (const entry of entries) {
      const stamp = await stampOf(entry)
      const read = await readOwnCertificate(entry)
      own.#held.set(entry.domain, { entry, current: read, latest: read, stamp })
    }
    if (o.watch !== false) own.#follow()
    return { own, findings: own.findings() }
  }

  /** What to show for this domain of ours, canonical. */
  identity(domain: string): Identity | undefined {
    return this.#held.get(domain)?.current.identity
  }

  /** What is in use, by domain. */
  chains(): readonly { readonly domain: string; readonly chains: readonly OwnChain[] }[] {
    return Array.from(this.#held.values(), ({ entry, current }) => ({ domain: entry.domain, chains: current.chains }))
  }

  /** What is wrong with the files as they are on disk, and with the dates of what is in use. */
  findings(): readonly CertificateFinding[] {
    const now = this.#o.now()
    const findings: CertificateFinding[] = []
    for (const { entry, current, latest } of this.#held.values()) {
      findings.push(...latest.findings)
      for (const { chains } of new Set([latest, current])) findings.push(...dateFindings(entry.domain, chains, now))
    }
    return findings
  }

  /** Reads again what has changed on disk. */
  reload(): Promise<void> {
    this.#work = this.#work.then(() => this.#reload())
    return this.#work
  }

  async #reload(): Promise<void> {
    for (const held of this.#held.values()) {
      const stamp = await stampOf(held.entry)
      if (this.#disposed || stamp === held.stamp) continue
      held.stamp = stamp
      held.latest = await readOwnCertificate(held.entry)
      const { findings: faults, chains } = held.latest
      const findings = [...faults, ...dateFindings(held.entry.domain, chains, this.#o.now())]
      const good = held.latest.identity && !findings.some(({ severity }) => severity === 'error')
      // Where nothing usable is held, something usable is better.
      if (good || !held.current.identity) held.current = held.latest
      this.#o.onReload?.(held.entry.domain, held.current === held.latest ? held.current.identity : undefined, findings)
    }
  }

  #follow(): void {
    const { settleMs = 500, lookMs = 30_000 } = this.#o
    const settle = (): void => {
      clearTimeout(this.#settling)
      this.#settling = setTimeout(() => void this.reload(), settleMs)
    }
    const files = Array.from(this.#held.values()).flatMap(({ entry }) => filesOf(entry))
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      try {
        const watcher = watch(folder, { persistent: false }, settle)
        // A folder that goes away is no reason to stop; looking goes on.
        watcher.on('error', () => watcher.close())
        this.#watchers.push(watcher)
      } catch {
        // Not there, or not to be watched: looking goes on.
      }
    }
    this.#looking = setInterval(() => void this.reload(), lookMs).unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    clearTimeout(this.#settling)
    clearInterval(this.#looking)
    for (const watcher of this.#watchers) watcher.close()
    await this.#work
  }
}

/** All that an entry names. */
function filesOf(entry: OwnEntry): readonly string[] {
  const pairs = entry.second ? [entry, entry.second] : [entry]
  return pairs.flatMap(({ certFile, keyFile, passphraseFile }) => [certFile, keyFile, passphraseFile ?? []].flat())
}

/** Changes whenever one of the files does, or what its link leads to. */
async function stampOf(entry: OwnEntry): Promise<string> {
  const stamps = await Promise.all(
    filesOf(entry).map(async (file) => {
      try {
        const { ino, size, mtimeMs, mode } = await stat(file)
        return `${ino} ${size} ${mtimeMs} ${mode}`
      } catch {
        return 'missing'
      }
    }),
  )
  return stamps.join('\n')
}
