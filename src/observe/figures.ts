// Every metric of the gateway, declared in one place: what is counted, by which labels, and what it means.
// `events.ts` moves them; the list in docs/metrics.md is generated from here.

import { declareConduct } from './conduct-events.ts'
import { declareFlow } from './flow-figures.ts'
import { declareGroups } from './group-events.ts'
import { declareKeys } from './key-events.ts'
import { declareLedgers } from './ledger-events.ts'
import { declareLogServers } from './log-server-events.ts'
import type { Metrics } from './metrics.ts'
import { declareRules } from './rule-figures.ts'
import { declarePending } from './pending-events.ts'
import { declareRelations } from './relation-figures.ts'
import { declareSessions } from './session-events.ts'

export type Figures = ReturnType<typeof declareFigures>

/** Declares the gateway's metrics in a registry. */
export function declareFigures(metrics: Metrics) {
  return {
    stanzas: metrics.declare({
      name: 'sallyport_stanzas',
      type: 'counter',
      help: 'Stanzas judged, by way across the wall, verdict (pass, withhold, refuse, drop, close) and partner.',
      labels: ['direction', 'verdict', 'partner'],
    }),
    refusals: metrics.declare({
      name: 'sallyport_refusals',
      type: 'counter',
      help: 'Stanzas that did not cross, by way and reason.',
      labels: ['direction', 'reason'],
    }),
    reports: metrics.declare({
      name: 'sallyport_policy_reports',
      type: 'counter',
      help: 'Stanzas that crossed and that a rule would have refused which only reports, by way and reason.',
      labels: ['direction', 'reason'],
    }),
    streams: metrics.declare({
      name: 'sallyport_streams',
      type: 'gauge',
      help: 'Streams that are up, by leg and role.',
      labels: ['leg', 'role'],
    }),
    streamsOpened: metrics.declare({
      name: 'sallyport_streams_opened',
      type: 'counter',
      help: 'Streams that became ready, by leg and role.',
      labels: ['leg', 'role'],
    }),
    streamsClosed: metrics.declare({
      name: 'sallyport_streams_closed',
      type: 'counter',
      help: 'Streams that were ready and have ended, by leg, who ended them and reason.',
      labels: ['leg', 'by', 'reason'],
    }),
    acknowledged: metrics.declare({
      name: 'sallyport_stanzas_acknowledged',
      type: 'counter',
      help: 'Stanzas that peers acknowledged (XEP-0198) on streams that have ended, by leg.',
      labels: ['leg'],
    }),
    unacknowledged: metrics.declare({
      name: 'sallyport_stanzas_unacknowledged',
      type: 'counter',
      help: 'Stanzas that were not acknowledged when their stream ended, by leg; each came back to its sender.',
      labels: ['leg'],
    }),
    streamFailures: metrics.declare({
      name: 'sallyport_stream_failures',
      type: 'counter',
      help: 'Streams that never became ready, by leg (unknown before names were claimed), role and reason.',
      labels: ['leg', 'role', 'reason'],
    }),
    reauthentications: metrics.declare({
      name: 'sallyport_reauthentications',
      type: 'counter',
      help: 'Times a partner was to prove its name anew, by outcome: renewed (on a new stream of ours), told (to open one), unused (nothing crossed), failed (an attempt), overdue (the old stream was ended).',
      labels: ['outcome'],
    }),
    dialbackClaims: metrics.declare({
      name: 'sallyport_dialback_claims',
      type: 'counter',
      help: 'Claims of peers by dialback, by outcome: the proof that made them valid (certificate, dialback), or the reason.',
      labels: ['outcome'],
    }),
    dialbackAnswers: metrics.declare({
      name: 'sallyport_dialback_answers',
      type: 'counter',
      help: 'Answers to others who asked whether a key is ours, by outcome (valid, invalid).',
      labels: ['outcome'],
    }),
    connectionsRefused: metrics.declare({
      name: 'sallyport_connections_refused',
      type: 'counter',
      help: 'Connections turned away before a stream existed, by listener and reason.',
      labels: ['listener', 'reason'],
    }),
    acceptErrors: metrics.declare({
      name: 'sallyport_accept_errors',
      type: 'counter',
      help: 'Connections that a listener could not accept.',
      labels: [],
    }),
    links: metrics.declare({
      name: 'sallyport_link_attempts',
      type: 'counter',
      help: 'Attempts of ours to reach a domain, by leg.',
      labels: ['leg'],
    }),
    linkFailures: metrics.declare({
      name: 'sallyport_link_failures',
      type: 'counter',
      help: 'Attempts of ours to reach a domain that failed, by leg and reason.',
      labels: ['leg', 'reason'],
    }),
    linksNow: metrics.declare({
      name: 'sallyport_links',
      type: 'gauge',
      help: 'Ways of ours to a domain, by leg and state (idle, connecting, ready).',
      labels: ['leg', 'state'],
    }),
    linksHeldBack: metrics.declare({
      name: 'sallyport_links_held_back',
      type: 'gauge',
      help: 'Links that failed and wait before their next attempt; what is to be carried comes back at once.',
      labels: ['leg'],
    }),
    queueStanzas: metrics.declare({
      name: 'sallyport_queue_stanzas',
      type: 'gauge',
      help: 'Stanzas that wait for links, by leg and partner.',
      labels: ['leg', 'partner'],
    }),
    queueBytes: metrics.declare({
      name: 'sallyport_queue_bytes',
      type: 'gauge',
      help: 'Bytes that wait for links, by leg and partner.',
      labels: ['leg', 'partner'],
    }),
    dnsAnswers: metrics.declare({
      name: 'sallyport_dns_answers',
      type: 'gauge',
      help: 'Answers of DNS that are kept, to be used again.',
      labels: [],
    }),
    bounced: metrics.declare({
      name: 'sallyport_stanzas_bounced',
      type: 'counter',
      help: 'Stanzas that had passed and could not be delivered, by leg and reason.',
      labels: ['leg', 'reason'],
    }),
    answersLost: metrics.declare({
      name: 'sallyport_answers_lost',
      type: 'counter',
      help: 'Answers of ours that could not be delivered, by leg and reason.',
      labels: ['leg', 'reason'],
    }),
    ...declareLedgers(metrics),
    ...declareRelations(metrics),
    ...declareGroups(metrics),
    ...declareLogServers(metrics),
    partners: metrics.declare({
      name: 'sallyport_partners',
      type: 'gauge',
      help: 'Entries of the partner list, by status.',
      labels: ['status'],
    }),
    partnersDue: metrics.declare({
      name: 'sallyport_partners_due',
      type: 'gauge',
      help: 'Days in entries that are allowed which are less than 30 days off or over: of review, and last days.',
      labels: ['what'],
    }),
    configReadings: metrics.declare({
      name: 'sallyport_config_readings',
      type: 'counter',
      help: 'Changes of the configuration that were read while running, by outcome (applied, faulty).',
      labels: ['outcome'],
    }),
    configFaulty: metrics.declare({
      name: 'sallyport_config_faulty',
      type: 'gauge',
      help: 'Mistakes in the files on disk; while there are any, older settings are in force.',
      labels: [],
    }),
    certificateReadings: metrics.declare({
      name: 'sallyport_certificate_readings',
      type: 'counter',
      help: 'Changes of our own certificates that were read while running, by outcome (taken, faulty).',
      labels: ['outcome'],
    }),
    certificateExpiry: metrics.declare({
      name: 'sallyport_certificate_expiry_timestamp_seconds',
      type: 'gauge',
      help: 'When the certificate in use for a domain of ours expires.',
      labels: ['domain'],
    }),
    certificateLeft: metrics.declare({
      name: 'sallyport_certificate_expires_in_seconds',
      type: 'gauge',
      help: 'Time until the first certificate ends of a domain of ours, of a partner (as it was last seen), of `core.trust`, and of the internal CA; less than 0 after the end.',
      labels: ['whose', 'name'],
    }),
    revocationChecks: metrics.declare({
      name: 'sallyport_revocation_checks',
      type: 'counter',
      help: 'Chains of partners about which was asked whether they were revoked, by outcome (good, or the reason).',
      labels: ['outcome'],
    }),
    revocationFetches: metrics.declare({
      name: 'sallyport_revocation_fetches',
      type: 'counter',
      help: 'Questions to OCSP responders and fetches of CRLs, by kind (ocsp, crl) and outcome (ok, or the reason).',
      labels: ['kind', 'outcome'],
    }),
    revocationKept: metrics.declare({
      name: 'sallyport_revocation_kept',
      type: 'gauge',
      help: 'Answers of OCSP responders and CRLs that are kept in memory, by kind (ocsp, crl).',
      labels: ['kind'],
    }),
    revocationBytes: metrics.declare({
      name: 'sallyport_revocation_kept_bytes',
      type: 'gauge',
      help: 'Bytes of what is kept about revocation in memory.',
      labels: [],
    }),
    revocationStreams: metrics.declare({
      name: 'sallyport_revocation_streams',
      type: 'gauge',
      help: 'Streams that are up whose certificates are looked at again.',
      labels: [],
    }),
    recordsWritten: metrics.declare({
      name: 'sallyport_records_written',
      type: 'counter',
      help: 'Records of decisions that were written.',
      labels: [],
    }),
    recordsSkipped: metrics.declare({
      name: 'sallyport_records_skipped',
      type: 'counter',
      help: 'Stanzas that passed and were counted but not recorded, because there were too many at once.',
      labels: [],
    }),
    recordsLost: metrics.declare({
      name: 'sallyport_records_lost',
      type: 'counter',
      help: 'Records of decisions that could not be written, by kind (pass, refusal).',
      labels: ['kind'],
    }),
    recorderErrors: metrics.declare({
      name: 'sallyport_recorder_errors',
      type: 'counter',
      help: 'Failed attempts to write to the store, by reason.',
      labels: ['reason'],
    }),
    operations: metrics.declare({
      name: 'sallyport_operations',
      type: 'counter',
      help: 'Operations of administrators, by name and outcome.',
      labels: ['operation', 'outcome'],
    }),
    traces: metrics.declare({
      name: 'sallyport_traces',
      type: 'gauge',
      help: 'Traces of a peer that administrators watch.',
      labels: [],
    }),
    traceLinesLeftOut: metrics.declare({
      name: 'sallyport_trace_lines_left_out',
      type: 'counter',
      help: 'Lines of traces that were too many for whoever watched.',
      labels: [],
    }),
    bugs: metrics.declare({
      name: 'sallyport_bugs',
      type: 'counter',
      help: 'Errors in the gateway itself; each is in the log with its stack.',
      labels: [],
    }),
    logLinesCut: metrics.declare({
      name: 'sallyport_log_lines_cut',
      type: 'gauge',
      help: 'Log lines left out since the start because one event came too often within a second.',
      labels: [],
    }),
    ready: metrics.declare({
      name: 'sallyport_ready',
      type: 'gauge',
      help: 'Whether peers should be sent here: 1, or 0 while draining and where nothing can be served.',
      labels: [],
    }),
    started: metrics.declare({
      name: 'sallyport_start_timestamp_seconds',
      type: 'gauge',
      help: 'When the gateway was started.',
      labels: [],
    }),
    ...declareFlow(metrics),
    ...declareRules(metrics),
    ...declareKeys(metrics),
    ...declarePending(metrics),
    ...declareConduct(metrics),
    ...declareSessions(metrics),
    memory: metrics.declare({
      name: 'sallyport_memory_bytes',
      type: 'gauge',
      help: 'Resident memory of the process.',
      labels: [],
    }),
  }
}
