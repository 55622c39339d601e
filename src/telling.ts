// Everything that is told of the gateway: log lines, counts and records, from one set of calls.

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Call } from './admin/perform.ts'
import type { Finding } from './config/finding.ts'
import type { Settings } from './config/settings.ts'
import type { Status } from './gateway/control.ts'
import type { Journal } from './gateway/journal.ts'
import { bounceRecord, endRecord, failureRecord, stanzaRecord } from './gateway/recording.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { DecisionRecord, RecentQuery } from './store/store.ts'

export interface Telling extends AsyncDisposable {
  readonly journal: Journal
  started(status: Status): void
  stopping(): void
  faulty(findings: readonly Finding[]): void
  tookOver(taken: boolean, partners: number, findings: readonly Finding[]): void
  certificate(domain: string, taken: boolean, findings: readonly Finding[]): void
  operation(call: Call): void
  why(reference: string): DecisionRecord | undefined
  recent(query: RecentQuery): readonly DecisionRecord[]
  records(): Status['records']
  totals(): Status['totals']
}

export function startTelling({ settings, now }: { settings: Settings; pretty: boolean; now(): number }): Telling {
  mkdirSync(dirname(settings.store.file), { recursive: true, mode: 0o700 })
  const store = openSqliteStore(settings.store.file)
  let batch: DecisionRecord[] = []
  let written = 0
  const totals = { passed: 0, refused: 0, closed: 0 }
  const flush = (): void => {
    const rows = batch
    batch = []
    if (rows.length > 0) written += store.appendDecisions(rows)
  }
  const timer = setInterval(flush, 100)
  const say = (event: string, fields: object): void => {
    process.stdout.write(`${JSON.stringify({ time: new Date(now()).toISOString(), event, ...fields })}\n`)
  }
  const journal: Journal = {
    opened: ({ info }) => say('stream-opened', { ...info.pair, leg: info.leg, role: info.role, ip: info.peerAddress }),
    ended(stream, end) {
      totals.closed += 1
      say('stream-closed', { ...stream.info.pair, leg: stream.info.leg, ...end })
      batch.push(endRecord(stream, end, now()))
    },
    failed(failure) {
      say('stream-failed', { ...failure, certificate: undefined, attempts: undefined, ip: failure.remoteAddress })
      batch.push(failureRecord(failure, now()))
    },
    turnedAway: (origin, reason) => say('turned-away', { ip: origin.remoteAddress, reason }),
    passed(facts, stream) {
      totals.passed += 1
      batch.push(stanzaRecord(facts, stream, 'pass', undefined))
    },
    refused(facts, stream, refusal, answered) {
      totals.refused += 1
      say('stanza-refused', { from: facts.from, to: facts.to, ...refusal })
      batch.push(stanzaRecord(facts, stream, answered ? 'refuse' : 'drop', refusal))
    },
    closing(facts, stream, refusal) {
      say('stanza-refused', { from: facts.from, to: facts.to, ...refusal })
      batch.push(stanzaRecord(facts, stream, 'close', refusal))
    },
    bounced(frame, leg, pair, refusal, answered) {
      totals.refused += 1
      say('stanza-bounced', { from: frame.from, to: frame.to, ...refusal })
      batch.push(bounceRecord(frame, leg, pair, refusal, answered, now()))
    },
    acceptError: (address, error) => say('accept-error', { address, error: error.message }),
    bug: (error, reference) => say('bug', { reference, error: error instanceof Error ? error.stack : String(error) }),
  }
  return {
    journal,
    started: (status) => say('started', { listeners: status.listeners, domains: status.domains.map((d) => d.domain) }),
    stopping: () => say('stopping', {}),
    faulty: (findings) => say('configuration-faulty', { findings }),
    tookOver: (taken, partners, findings) => say('configuration-applied', { taken, partners, findings }),
    certificate: (domain, taken, findings) => say('certificate-changed', { domain, taken, findings }),
    operation: (call) => say('operation', { ...call }),
    why(reference) {
      flush()
      return store.decision(reference)
    },
    recent(query) {
      flush()
      return store.recentDecisions(query)
    },
    records: () => ({ written, waiting: batch.length, lost: 0 }),
    totals: () => totals,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      flush()
      store.close()
    },
  }
}
