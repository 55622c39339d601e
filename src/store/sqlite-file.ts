// Opens the SQLite file of the gateway: makes it for its owner's eyes only, brings it to the current shape, and turns
// whatever goes wrong into a sentence for the operator.
//
// SECURITY: the file says who talks to whom. Its directory is made 0700 and the file 0600; SQLite gives its -wal and
// -shm the mode of the file.

import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MIGRATIONS } from './migrations.ts'
import { StoreError } from './store.ts'

export interface FileOptions {
  /** How long start-up waits for another process to let go of the file. */
  readonly openMs?: number
  /** For tools beside a running gateway: looks, never writes, makes nothing. */
  readonly readOnly?: boolean
  /** Largest size of the file; beyond it every batch fails as on a full disk. */
  readonly maxBytes?: number
}

/** How long a write waits for a reader's lock. Waiting stops all traffic, so the next batch tries again instead. */
const BUSY_MS = 50

/** @throws StoreError when the file cannot be used. `:memory:` keeps everything in memory. */
export function openFile(file: string, options: FileOptions = {}): DatabaseSync {
  const { openMs = 3000, readOnly = false } = options
  let database: DatabaseSync | undefined
  try {
    if (file !== ':memory:' && !readOnly) prepare(file)
    database = new DatabaseSync(file, { timeout: openMs, readOnly })
    if (!readOnly) {
      // NORMAL loses the last moments after a power cut, never the file: records are no ledger. https://sqlite.org/wal.html
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 16777216')
    }
    if (options.maxBytes !== undefined) limit(database, options.maxBytes)
    migrate(database, file, readOnly)
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`)
    return database
  } catch (error) {
    database?.close()
    throw explain(file, error)
  }
}

function prepare(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
}

function limit(database: DatabaseSync, bytes: number): void {
  const pageBytes = Number(database.prepare('PRAGMA page_size').get()?.['page_size'])
  database.exec(`PRAGMA max_page_count = ${Math.ceil(bytes / pageBytes)}`)
}

function migrate(database: DatabaseSync, file: string, readOnly: boolean): void {
  const version = versionOf(database)
  if (version > MIGRATIONS.length) {
    throw new StoreError(
      'SP-704',
      file,
      `written by a newer version of the gateway (shape ${version}, this one knows ${MIGRATIONS.length}); start that version, or name another file under \`store:\``,
    )
  }
  if (readOnly) {
    if (version < MIGRATIONS.length) throw new StoreError('SP-701', file, 'of an older version; start the gateway once')
    return
  }
  if (version === MIGRATIONS.length) return
  // One writer at a time, also when two gateways start at once; whoever waited finds the steps taken.
  database.exec('BEGIN IMMEDIATE')
  for (const step of MIGRATIONS.slice(versionOf(database))) database.exec(step)
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`)
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** SQLite's result codes that an operator can do something about. https://sqlite.org/rescode.html */
const TROUBLES: Readonly<Record<number, { readonly reason: 'SP-701' | 'SP-702' | 'SP-705'; readonly say: string }>> = {
  5: { reason: 'SP-701', say: 'locked by another process; is a second gateway or a `sqlite3` shell at work on it?' },
  6: { reason: 'SP-701', say: 'locked by another process; is a second gateway or a `sqlite3` shell at work on it?' },
  8: { reason: 'SP-701', say: 'may not be written; the file and its directory must belong to the user of the gateway' },
  10: { reason: 'SP-702', say: 'the disk reports an error; look at `dmesg`' },
  11: {
    reason: 'SP-705',
    say: 'damaged; move it away (the gateway makes a new one) and try `sqlite3 <file> .recover`',
  },
  13: { reason: 'SP-702', say: 'the disk is full; make room, and the gateway goes on by itself' },
  14: { reason: 'SP-701', say: 'cannot be opened; the file and its directory must belong to the user of the gateway' },
  26: { reason: 'SP-705', say: 'no database of the gateway; move it away, or name another file under `store:`' },
}

const NO_WAY: Readonly<Record<string, string>> = {
  EACCES: 'may not be made or written; the directory must belong to the user of the gateway',
  EPERM: 'may not be made or written; the directory must belong to the user of the gateway',
  EROFS: 'lies on a file system that may only be read; name another file under `store:`',
  ENOSPC: 'the disk is full',
  EISDIR: 'is a directory; name a file under `store:`',
  EEXIST: 'part of the path is a file, not a directory; name another file under `store:`',
  ENOTDIR: 'part of the path is a file, not a directory; name another file under `store:`',
}

/** Whatever an engine threw, as what an operator can act on. */
export function explain(file: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error
  if (!(error instanceof Error)) return new StoreError('SP-701', file, String(error))
  // The low byte is the kind of trouble, the rest its finer print.
  const trouble = 'errcode' in error ? TROUBLES[Number(error.errcode) & 0xff] : undefined
  if (trouble) return new StoreError(trouble.reason, file, `${trouble.say} (${error.message})`, error)
  const known = 'code' in error ? NO_WAY[String(error.code)] : undefined
  return new StoreError('SP-701', file, known ? `${known} (${error.message})` : error.message, error)
}
