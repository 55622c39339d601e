// A decision as a row of SQLite, and back. What a row says is read with care: an older or a newer version may have
// written it.

import type { SQLOutputValue } from 'node:sqlite'
import { isReasonId } from '../xmpp/reasons.ts'
import type { DecisionRecord, RecordVerdict } from './store.ts'

export const COLUMNS =
  'reference, cause, at, event, direction, verdict, rule, reason, sender, recipient, kind, type, stanza_id, partner, local, remote, peer_address, detail, facts'

export type Row = Record<string, SQLOutputValue>

/** A record's values in the order of COLUMNS. */
export function toRow(record: DecisionRecord): (string | number | null)[] {
  const { pair } = record
  return [
    record.reference,
    record.cause,
    Math.round(record.at),
    record.event,
    record.direction,
    record.verdict,
    record.rule,
    record.reason,
    record.from,
    record.to,
    record.kind,
    record.type,
    record.id,
    record.partner,
    pair?.local,
    pair?.remote,
    record.peerAddress,
    record.detail,
    JSON.stringify(record.facts),
  ].map((value) => value ?? null) // SQL knows no undefined
}

export function fromRow(row: Row): DecisionRecord {
  const reason = text(row['reason'])
  const local = text(row['local'])
  const remote = text(row['remote'])
  const direction = row['direction']
  return {
    reference: text(row['reference']),
    cause: text(row['cause']),
    at: Number(row['at']),
    event: EVENTS.find((known) => known === row['event']) ?? 'stanza',
    direction: direction === 'inbound' || direction === 'outbound' ? direction : undefined,
    verdict: verdict(row['verdict']),
    rule: text(row['rule']),
    reason: reason !== undefined && isReasonId(reason) ? reason : undefined,
    from: text(row['sender']),
    to: text(row['recipient']),
    kind: text(row['kind']),
    type: text(row['type']),
    id: text(row['stanza_id']),
    partner: text(row['partner']),
    pair: local !== undefined && remote !== undefined ? { local, remote } : undefined,
    peerAddress: text(row['peer_address']),
    detail: text(row['detail']),
    facts: objectOf(row['facts']) ?? {},
  }
}

const EVENTS: readonly DecisionRecord['event'][] = ['stanza', 'stream', 'certificate', 'conduct']
const VERDICTS: readonly RecordVerdict[] = ['pass', 'refuse', 'drop', 'close', 'fail']

const verdict = (value: SQLOutputValue | undefined): RecordVerdict =>
  VERDICTS.find((known) => known === value) ?? 'refuse'

/** A text cell. */
export const text = (value: SQLOutputValue | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

/** A cell of JSON; undefined where none is in it, or a damaged one: the row still tells the rest of its story. */
export function objectOf(value: SQLOutputValue | undefined): object | undefined {
  try {
    const read: unknown = typeof value === 'string' ? JSON.parse(value) : undefined
    return typeof read === 'object' && read !== null ? read : undefined
  } catch {
    return undefined
  }
}
