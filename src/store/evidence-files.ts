// What was said about revocation and is so long that writing it into the SQLite file would stop traffic: a file of its own for
// each place, in a folder beside. That there is one, and until when it holds, stands in the SQLite file: a row without octets.
//
// Rule 1: nothing here holds anybody up: the system's threads read and write.
// Rule 2: a file is there whole or not at all, and the row comes after it.
// Rule 3: bounded: what is over goes first, then what is over soonest.
// Rule 4: what else lies in the folder is not ours: it is neither counted nor touched.

import { createHash } from 'node:crypto'
import { mkdir, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { explain } from './sqlite-file.ts'
import type { EvidenceStore, KeptEvidence } from './store.ts'

/** What is shorter goes into the SQLite file. */
const LONG_BYTES = 131_072
/** More that wait to be written are not kept: they are fetched again. */
const MOST_WAITING = 8

/** What we call a file, while it is being written too. */
const OURS = /^[0-9a-f]{64}(?:\.new)?$/

export interface Bounds {
  readonly now: number
  readonly mostBytes: number
}

export class EvidenceFiles {
  readonly #rows: EvidenceStore
  readonly #folder: string
  #writing: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** @param rows where the short ones are @param folder made when it is needed */
  constructor(rows: EvidenceStore, folder: string) {
    this.#rows = rows
    this.#folder = folder
  }

  /** As `EvidenceStore.evidence`. Rejects with a StoreError. */
  async find(place: string): Promise<KeptEvidence | undefined> {
    const row = this.#rows.evidence(place)
    if (!row || row.octets.length > 0) return row
    try {
      return { octets: await readFile(this.#fileOf(place)), until: row.until }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw explain(this.#folder, error)
    }
  }

  /** As `EvidenceStore.keepEvidence`; resolves when it is written. Rejects with a StoreError. */
  async keep(place: string, evidence: KeptEvidence, bounds: Bounds): Promise<void> {
    if (evidence.octets.length < LONG_BYTES) return this.#rows.keepEvidence(place, evidence, bounds)
    if (this.#waiting >= MOST_WAITING || evidence.octets.length > bounds.mostBytes) return
    this.#waiting += 1
    const written = this.#writing.then(() => this.#write(place, evidence, bounds))
    this.#writing = written.catch(() => {})
    try {
      await written
    } finally {
      this.#waiting -= 1
    }
  }

  /** Resolves when nothing is being written any more. */
  async settled(): Promise<void> {
    await this.#writing
  }

  async #write(place: string, { octets, until }: KeptEvidence, bounds: Bounds): Promise<void> {
    const file = this.#fileOf(place)
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      const handle = await open(`${file}.new`, 'w', 0o600)
      try {
        await handle.writeFile(octets)
      } finally {
        await handle.close()
      }
      await utimes(`${file}.new`, bounds.now / 1000, until / 1000)
      await rename(`${file}.new`, file)
      await this.#prune(bounds)
    } catch (error) {
      await rm(`${file}.new`, { force: true }).catch(() => {})
      throw explain(this.#folder, error)
    }
    this.#rows.keepEvidence(place, { octets: Buffer.alloc(0), until }, bounds)
  }

  /** By when it is over, which its date of change says. */
  async #prune({ now, mostBytes }: Bounds): Promise<void> {
    const entries = await readdir(this.#folder, { withFileTypes: true })
    const ours = entries.filter((entry) => entry.isFile() && OURS.test(entry.name))
    const files = await Promise.all(
      ours.map(async ({ name }) => {
        const file = join(this.#folder, name)
        const { size, mtimeMs } = await stat(file)
        return { file, size, until: mtimeMs }
      }),
    )
    let excess = files.reduce((sum, { size }) => sum + size, 0) - mostBytes
    for (const { file, size, until } of files.toSorted((a, b) => a.until - b.until)) {
      if (until > now && excess <= 0) break
      await rm(file, { force: true })
      excess -= size
    }
  }

  #fileOf(place: string): string {
    return join(this.#folder, createHash('sha256').update(place).digest('hex'))
  }
}
