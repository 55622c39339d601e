// Everything that is told of a running gateway: what happens becomes a log line, a count and a record, in one place.

import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import process from 'node:process'
import type { Settings } from './config/settings.ts'
import type { RevocationParts } from './gateway/gateway-options.ts'
import type { Journal } from './gateway/journal.ts'
import type { KeyKeeper } from './gateway/keys/memory.ts'
import { decisionReason, decisionRecord, noticeReason, noticeRecord } from './gateway/keys/recording.ts'
import { changeText } from './gateway/keys/report.ts'
import {
  bounceRecord,
  claimRecord,
  endRecord,
  failureRecord,
  lostAnswerRecord,
  reportRecord,
  stanzaRecord,
  unansweredRecord,
} from './gateway/recording.ts'
import type { ConductKeeper } from './gateway/conduct.ts'
import { moveReason, moveRecord } from './gateway/conduct-recording.ts'
import type { RequestKeeper } from './gateway/limiting.ts'
import type { PendingKeeper } from './gateway/pending.ts'
import type { FailureKeeper, PlaceKeeper } from './gateway/remote/login-guard.ts'
import type { RemoteJournal } from './gateway/remote/journal.ts'
import { hostAndPort } from './gateway/status.ts'
import { LogServers } from './net/log-servers.ts'
import { Resolver } from './net/resolve.ts'
import type { Stream } from './net/stream.ts'
import type { Events } from './observe/events.ts'
import type { Metrics } from './observe/metrics.ts'
import { writeLastLines } from './observe/last-lines.ts'
import { logTo, observe } from './observe/observe.ts'
import type { StanzaFacts } from './observe/stanza-events.ts'
import type { Facts } from './policy/facts.ts'
import { Relations } from './policy/relations/relations.ts'
import { PartnerHistory } from './records/partner-history.ts'
import { Recorder } from './records/recorder.ts'
import { RelationKeeper } from './records/relation-keeper.ts'
import { RuleWordings } from './records/rule-wordings.ts'
import { remoteJournal } from './telling-remote.ts'
import { openSqliteStore } from './store/sqlite.ts'
import { passingHash } from './trust/keyed-digest.ts'
import { isUnusual } from './trust/known-keys.ts'
import { PROFILES } from './trust/profiles/profiles.ts'
import { EvidenceFiles } from './store/evidence-files.ts'
import {
  StoreError,
  type DecisionRecord,
  type KnownKeyStore,
  type KnownPlaceStore,
  type LogInFailureStore,
  type ConductStore,
  type PendingStore,
  type RequestStore,
} from './store/store.ts'
import type { Keeper } from './trust/revocation/evidence.ts'

export interface Telling extends AsyncDisposable {
  readonly journal: Journal
  readonly remote: { readonly journal: RemoteJournal }
  readonly events: Events
  readonly recorder: Recorder
  readonly metrics: Metrics
  /** They end after everything else, so that they hear the last of it. */
  readonly logServers: LogServers
  readonly revocation: RevocationParts
  /** By which keys partners are known, over restarts. */
  readonly keyKeeper: KeyKeeper
  /** From which networks remote users have logged in, over restarts. */
  readonly placeKeeper: PlaceKeeper
  /** Failed log-ins of accounts from outside, over restarts. */
  readonly failureKeeper: FailureKeeper
  /** Domains that wait to be let in, over restarts. */
  readonly pendingKeeper: PendingKeeper
  /** Requests for presence that nobody has answered, over restarts. */
  readonly requestKeeper: RequestKeeper
  /** How domains outside behave, over restarts. */
  readonly conductKeeper: ConductKeeper
  /** What the files of partners said, over restarts. */
  readonly history: PartnerHistory
  /** Who of ours has to do with whom outside, and who keeps it over restarts. */
  readonly relations: Relations
  readonly relationKeeper: RelationKeeper
  /** What walls and rules said, over restarts. */
  readonly wordings: RuleWordings
}

export interface TellingOptions {
  /** The settings in force, asked for again when it matters. */
  settings(): Settings
  now(): number
}

/** Opens log and store. @throws StoreError */
export async function startTelling({ settings, now }: TellingOptions): Promise<Telling> {
  const { events, metrics, log } = observe({ ...logTo(process.stdout, process.env), now })
  const leaveOff = writeLastLines(log, process.stdout, 1)
  const logServers = openLogServers(events, settings)
  log.also((line, json) => logServers.take(line, json))
  const { file } = settings().store
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const store = openSqliteStore(file)
  const files = new EvidenceFiles(store, `${file}-evidence`)
  const recorder = new Recorder({
    store,
    events,
    retention: () => ({ records: settings().limits.records, keptMs: settings().limits.recordsKeptMs }),
    now,
  })
  const limits = (): Settings['limits'] => settings().limits
  const relations = new Relations({ hash: passingHash(), limits, steady: () => performance.now() })
  const relationKeeper = new RelationKeeper({ store, relations, events, now })
  const history = new PartnerHistory({
    store,
    most: () => settings().limits.partnerHistory,
    now,
    failed: (reason) => events.recorderFailed(reason),
  })
  const wordings = new RuleWordings({ store, failed: (reason) => events.recorderFailed(reason) })
  return {
    wordings,
    journal: journal(events, recorder, wordings, now),
    remote: { journal: remoteJournal(events, recorder, now) },
    events,
    recorder,
    metrics,
    logServers,
    revocation: {
      keeper: keeper(files, events, settings, now),
      fetched: (kind, outcome) => events.revocationFetched(kind, outcome),
      checked: (domain, mode, standing) => events.revocationChecked(domain, mode, standing),
    },
    keyKeeper: keyKeeper(store, events),
    placeKeeper: placeKeeper(store, events),
    failureKeeper: failureKeeper(store, events),
    pendingKeeper: pendingKeeper(store, events),
    requestKeeper: requestKeeper(store, events),
    conductKeeper: conductKeeper(store, events),
    history,
    relations,
    relationKeeper,
    async [Symbol.asyncDispose]() {
      await recorder[Symbol.asyncDispose]()
      await files.settled()
      history.flush()
      relationKeeper[Symbol.dispose]()
      store.close()
      log.flush()
      leaveOff()
    },
  }
}

/** Log servers are inside, and found as the core is: as the system looks names up. */
function openLogServers(events: Events, settings: () => Settings): LogServers {
  const resolver = new Resolver({ timeoutMs: settings().dns.timeoutMs })
  const servers = new LogServers({
    ...{ events, random: Math.random, from: { host: hostname(), process: process.pid } },
    addresses: (host) => resolver.addresses(host),
    mostBytes: () => settings().limits.logQueueBytes,
    timeoutMs: () => settings().limits.connectMs,
  })
  servers.follow(settings().log.servers, PROFILES[settings().federation.profile])
  return servers
}

/** A store that fails costs another fetch, nothing else; it says so itself when it comes to records. */
function keeper(files: EvidenceFiles, events: Events, settings: () => Settings, now: () => number): Keeper {
  const failed = (error: unknown): undefined => {
    if (!(error instanceof StoreError)) throw error
    events.recorderFailed(error.reason)
  }
  return {
    recall: (place) => files.find(place).catch(failed),
    keep(place, evidence) {
      const bounds = { now: now(), mostBytes: settings().limits.revocationBytes }
      void files.keep(place, evidence, bounds).catch(failed)
    },
  }
}

/** What is known is read once, and must be; what could not be written is written later. */
function keyKeeper(store: KnownKeyStore, events: Events): KeyKeeper {
  return {
    recall: () => store.knownKeys(),
    keep: (changed, gone) => isKept(events, () => store.keepKnownKeys(changed, gone)),
  }
}

function isKept(events: Events, keep: () => void): boolean {
  try {
    keep()
    return true
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    events.recorderFailed(error.reason)
    return false
  }
}

function placeKeeper(store: KnownPlaceStore, events: Events): PlaceKeeper {
  return {
    recall: () => store.knownPlaces(),
    keep: (changes) => isKept(events, () => store.keepKnownPlaces(changes)),
  }
}

function failureKeeper(store: LogInFailureStore, events: Events): FailureKeeper {
  return {
    recall: () => store.logInFailures(),
    keep: (changes, bounds) => isKept(events, () => store.keepLogInFailures(changes, bounds)),
  }
}

function pendingKeeper(store: PendingStore, events: Events): PendingKeeper {
  return {
    recall: () => store.pendingDomains(),
    keep: (changes) => isKept(events, () => store.keepPendingDomains(changes)),
  }
}

function requestKeeper(store: RequestStore, events: Events): RequestKeeper {
  return {
    recall: () => store.pendingRequests(),
    keep: (changes) => isKept(events, () => store.keepPendingRequests(changes)),
  }
}

function conductKeeper(store: ConductStore, events: Events): ConductKeeper {
  return {
    recall: () => store.conducts(),
    keep: (changes) => isKept(events, () => store.keepConducts(changes)),
  }
}

function journal(events: Events, recorder: Recorder, wordings: RuleWordings, now: () => number): Journal {
  const record = (facts: Facts, written: DecisionRecord): void => {
    wordings.noticed(facts)
    recorder.record(written)
  }
  return {
    opened: ({ info }) => events.streamOpened(info),
    ended(stream, end) {
      events.streamClosed({ ...stream.info, acks: stream.acks }, end)
      recorder.record(endRecord(stream, end, now()))
    },
    renewed: ({ info }, outcome) => events.streamRenewed(info, outcome),
    failed(failure) {
      events.streamFailed(failure)
      recorder.record(failureRecord(failure, now()))
    },
    notOpened(failure) {
      const attempts = failure.attempts.map(({ target, address, reason, detail }) => ({
        target: hostAndPort(address ?? target.host, target.port),
        reason,
        detail,
      }))
      const pair = failure.pair ?? { local: '', remote: '' }
      events.linkFailed({ ...failure, leg: failure.leg ?? '', pair, attempts })
      recorder.record(failureRecord({ ...failure, attempts }, now()))
    },
    judged(claim, remoteAddress, judgement) {
      events.dialbackJudged({ ...claim, remoteAddress }, judgement)
      if (!judgement.valid) recorder.record(claimRecord(claim, remoteAddress, judgement, now()))
    },
    vouched: (pair, id, genuine) => events.dialbackAnswered(pair, id, genuine),
    turnedAway: (origin, reason, detail) => events.connectionRefused({ ...origin, detail }, reason),
    passed(frame, passage, stream, at) {
      events.stanzaPassed(passage.direction, passage.partner?.domain)
      if (!recorder.takesPasses) return recorder.skip()
      const facts = passage.facts(frame, at)
      record(facts, stanzaRecord(facts, stream, 'pass', undefined))
    },
    withheld: ({ direction, partner }) => events.stanzaWithheld(direction, partner?.domain),
    reported(facts, stream, findings) {
      for (const { reason, detail, clause } of findings) {
        events.stanzaReported(stanzaFacts(facts, stream), { reason, detail, rule: clause.name })
        record(facts, reportRecord(facts, stream, { reason, detail, rule: clause.name }))
      }
    },
    refused(facts, stream, refusal, answered) {
      if (answered) events.stanzaRefused(stanzaFacts(facts, stream), refusal)
      else events.stanzaDropped(stanzaFacts(facts, stream), refusal)
      record(facts, stanzaRecord(facts, stream, answered ? 'refuse' : 'drop', refusal))
    },
    closing(facts, stream, refusal) {
      events.stanzaClosed(stanzaFacts(facts, stream), refusal)
      record(facts, stanzaRecord(facts, stream, 'close', refusal))
    },
    bounced(frame, leg, pair, refusal, answered) {
      const { from, to, name: kind } = frame
      events.queueBounced({ ...refusal, leg, pair, from, to, kind, answered })
      recorder.record(bounceRecord(frame, leg, pair, refusal, answered, now()))
    },
    lostAnswer(leg, pair, refusal) {
      events.answerLost({ ...refusal, leg, pair })
      recorder.record(lostAnswerRecord(leg, pair, refusal, now()))
    },
    unanswered(question, refusal, answered) {
      events.questionUnanswered({ ...refusal, ...question, answered })
      recorder.record(unansweredRecord(question, refusal, answered, now()))
    },
    takenBack: (taken) => events.presenceTakenBack(taken),
    askedAgain: (leg, domain, presences) => events.presenceAskedAgain(leg, domain, presences),
    keyNoticed(notice) {
      const { key } = notice
      if (key.state === 'known') return events.keyNew(key)
      events.keyChanged(key, noticeReason(notice), changeText(notice))
      recorder.record(noticeRecord(notice, now()))
    },
    keyDecided(decision) {
      events.keyDecided(decision.key, decisionReason(decision), decision.by)
      recorder.record(decisionRecord(decision, now()))
    },
    keyUnkept(notice) {
      const { key, held } = notice
      const unusual = isUnusual(key.change)
      events.keyUnkept(key, changeText(notice), { held, unusual })
      if (held || unusual) recorder.record(noticeRecord(notice, now(), 'SP-390'))
    },
    moved(move, reference) {
      events.conductMoved(move, moveReason(move), reference)
      recorder.record(moveRecord(move, reference))
    },
    asks: (pending) => events.domainAsks(pending),
    lookedAt: (pending) => events.domainLookedAt(pending),
    ledgers: (status) => events.ledgers(status),
    traceBegun: (trace) => events.traceBegun(trace),
    traceOver: (trace) => events.traceOver(trace),
    acceptError: (address, error) => events.acceptFailed(address, error),
    service: (state) => events.service(state),
    bug: (error, reference) => events.bug(error, reference),
  }
}

function stanzaFacts({ direction, partner, kind, type, id, from, to }: Facts, { info }: Stream): StanzaFacts {
  return { direction, partner: partner?.domain, kind, type, id, from, to, peerAddress: info.peerAddress }
}
