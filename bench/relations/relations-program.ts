// The program that holds a million relations in the ledger and in its file, in a process of its own, and asks it about users
// and contacts. Prints one line of JSON. Runs with --expose-gc, so that memory is what is held and not what waits for the
// collector.
//
// Rule: no address is asked about twice in a row, so that nothing remembered of the last ones helps.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MARKS } from '../../src/policy/relations/acts.ts'
import { Relations } from '../../src/policy/relations/relations.ts'
import { RelationKeeper } from '../../src/records/relation-keeper.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { passingHash } from '../../src/trust/keyed-digest.ts'

const USERS = 20_000
const CONTACTS = 50
const RELATIONS = USERS * CONTACTS
/** Questions, of which every second is about a stranger. */
const ASKED = 400_000
const NOW = Date.UTC(2026, 5, 15)

/** What it prints. */
export interface RelationCost {
  /** Microseconds of processor time for a question. */
  readonly lookup: number
  /** Held by the ledger in memory, and its file on disk. */
  readonly bytes: number
  readonly diskBytes: number
  /** Milliseconds of processor time to take them from the file at the start. */
  readonly load: number
}

const userOf = (n: number): string => `firstname.lastname${n}@corp.example`
const contactOf = (user: number, n: number): string =>
  `contact${(user * 7919 + n * 104_729) % 300_000}.${n}@public${n % 20}.example`

const options = () => ({
  hash: passingHash(),
  limits: () => ({ relations: RELATIONS, relationsKeptMs: 365 * 86_400_000 }),
})

function held(): number {
  if (!globalThis.gc) throw new Error('run it with --expose-gc')
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function microseconds<T>(act: () => T): { readonly result: T; readonly spent: number } {
  const begun = process.cpuUsage()
  const result = act()
  const { user, system } = process.cpuUsage(begun)
  return { result, spent: user + system }
}

const events = {
  recorderFailed(reason: string): never {
    throw new Error(reason)
  },
}
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'))
try {
  const file = join(folder, 'bench.db')
  {
    using store = openSqliteStore(file)
    using keeper = new RelationKeeper({ store, relations: new Relations(options()), events, now: () => NOW })
    for (let user = 0; user < USERS; user++) {
      const contacts = Array.from({ length: CONTACTS }, (_, n) => contactOf(user, n))
      keeper.add(contacts.map((contact) => ({ user: userOf(user), contact, marks: MARKS.wrote })))
    }
  }
  const diskBytes = statSync(file).size
  using store = openSqliteStore(file)
  const before = held()
  const relations = new Relations(options())
  const { spent: loaded } = microseconds(() => relations.restore(store.relations(), NOW))
  const bytes = held() - before
  if (relations.figures.known !== RELATIONS) throw new Error(`${relations.figures.known} of ${RELATIONS} are known`)
  const asked = Array.from({ length: ASKED }, (_, i) => {
    const user = (i * 7919) % USERS
    const contact = contactOf(user, i % CONTACTS)
    return { user: `${userOf(user)}/desk`, contact: i % 2 === 0 ? contact : `x${contact}` }
  })
  const look = (): number => asked.reduce((sum, one) => sum + (relations.knows(one.user, one.contact, NOW) ? 1 : 0), 0)
  look()
  const { result: found, spent } = microseconds(look)
  if (found !== ASKED / 2) throw new Error(`${found} of ${ASKED / 2} were found`)
  process.stdout.write(`${JSON.stringify({ lookup: spent / ASKED, bytes, diskBytes, load: loaded / 1000 })}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
