// Domains that wait to be let in, in the SQLite file: one row for each; what they asked for, how they proved their name and what
// a probe says of them as JSON. What it cannot read of a row it leaves out: the domain waits all the same.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { PendingChanges, PendingDomain, ProbeWords, ShownCertificate, Wish } from '../policy/pending.ts'
import { isReasonId } from '../xmpp/reasons.ts'
import { objectOf, text, type Row } from './sqlite-rows.ts'

const COLUMNS = 'domain, first_at, last_at, times, inbound, outbound, certificate, probe'

export class PendingTable {
  readonly #all: StatementSync
  readonly #keep: StatementSync
  readonly #drop: StatementSync

  constructor(database: DatabaseSync) {
    this.#all = database.prepare(`SELECT ${COLUMNS} FROM pending_domains ORDER BY domain`)
    this.#keep = database.prepare(`INSERT OR REPLACE INTO pending_domains (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
    this.#drop = database.prepare('DELETE FROM pending_domains WHERE domain = ?')
  }

  all(): readonly PendingDomain[] {
    return this.#all.all().flatMap((row) => fromRow(row) ?? [])
  }

  /** Within a transaction. */
  keep({ changed, gone }: PendingChanges): void {
    for (const domain of gone) this.#drop.run(domain)
    for (const { domain, firstAt, lastAt, times, inbound, outbound, certificate, probe } of changed) {
      const json = [inbound, outbound, certificate, probe].map((one) => (one ? JSON.stringify(one) : null))
      this.#keep.run(domain, Math.round(firstAt), Math.round(lastAt), times, ...json)
    }
  }
}

function fromRow(row: Row): PendingDomain | undefined {
  const domain = text(row['domain'])
  if (domain === undefined) return undefined
  return {
    domain,
    firstAt: Number(row['first_at']),
    lastAt: Number(row['last_at']),
    times: Number(row['times']),
    inbound: wishIn(cellsOf(row['inbound'])),
    outbound: wishIn(cellsOf(row['outbound'])),
    certificate: certificateIn(cellsOf(row['certificate'])),
    probe: probeIn(cellsOf(row['probe'])),
  }
}

type Cells = ReadonlyMap<string, unknown>

function cellsOf(value: Row[string] | undefined): Cells | undefined {
  const read = objectOf(value)
  return read && new Map<string, unknown>(Object.entries(read))
}

const word = (cells: Cells, name: string): string | undefined => {
  const cell = cells.get(name)
  return typeof cell === 'string' ? cell : undefined
}

const KINDS: readonly Wish['kind'][] = ['stream', 'message', 'presence', 'iq']

function wishIn(cells: Cells | undefined): Wish | undefined {
  if (cells === undefined) return undefined
  const kind = KINDS.find((one) => one === cells.get('kind'))
  const [from, to, reference] = [word(cells, 'from'), word(cells, 'to'), word(cells, 'reference')]
  if (kind === undefined || from === undefined || to === undefined || reference === undefined) return undefined
  return { at: Number(cells.get('at')), from, to, kind, reference, peerAddress: word(cells, 'peerAddress') }
}

function certificateIn(cells: Cells | undefined): ShownCertificate | undefined {
  if (cells === undefined) return undefined
  const names = cells.get('names')
  return {
    subject: word(cells, 'subject') ?? '',
    issuer: word(cells, 'issuer') ?? '',
    names: Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [],
    notAfter: word(cells, 'notAfter') ?? '',
    spki: word(cells, 'spki') ?? '',
  }
}

function probeIn(cells: Cells | undefined): ProbeWords | undefined {
  const says = cells && word(cells, 'says')
  if (cells === undefined || says === undefined) return undefined
  const reason = word(cells, 'reason')
  return {
    at: Number(cells.get('at')),
    good: cells.get('good') === true,
    says,
    reason: reason !== undefined && isReasonId(reason) ? reason : undefined,
    act: word(cells, 'act'),
  }
}
