// What a running gateway offers to the outside: the control socket now, the API and the console on the same footing.
// Everything is plain data that survives JSON; times are ISO 8601 in UTC, sizes are bytes.

import type { Finding } from '../config/finding.ts'
import type { ConfigReader } from '../config/load.ts'
import type { Facts } from '../policy/facts.ts'
import type { LogServerStatus } from '../net/log-server.ts'
import type { Partner, ProfileName } from '../policy/partner.ts'
import type { RelationFigures } from '../policy/relations/relations.ts'
import type { RelationKeeper } from '../records/relation-keeper.ts'
import type { PartnerHistory } from '../records/partner-history.ts'
import type { DecisionRecord, KeptWording } from '../store/store.ts'
import type { ProofMethod } from '../stream/types.ts'
import type { Fips } from '../trust/fips.ts'
import type { CertificateSummary } from '../trust/verdict.ts'
import type { RuleFigures } from '../policy/whom/counts.ts'
import type { Wording } from '../policy/whom/policies.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { ComingEntry, Cut } from './cuts.ts'
import type { ConductControl, ConductStatus } from './conduct.ts'
import type { Leg } from './leg.ts'
import type { KeyControl, KeyStatus } from './keys/report.ts'
import type { PendingStatus } from './pending.ts'
import type { ProbeProgress, ProbeQuery, ProbeReport } from './probe/report.ts'
import type { Burst } from './limit-step.ts'
import type { PartnerSending } from './partner-sending.ts'
import type { RemoteStatus } from './remote/status.ts'
import type { RemoteControl } from './remote/remote-control.ts'
import type { TraceOutcome, TraceProgress, TraceQuery } from './trace/report.ts'

export interface Control {
  /** `partner`: a domain outside, to see how it stands with its limits. */
  status(partner?: string): Status
  /** The partner list in force, sorted by domain. */
  partners(): readonly Partner[]
  /** Domains in no entry that ask to be let in, or that ours wrote to; who asked last comes first. */
  pending(): readonly PendingStatus[]
  /** How domains outside behave, and what is said of it. */
  readonly conduct: ConductControl
  /** The streams of partners that would end if these entries were in force. */
  cuts(coming: readonly ComingEntry[]): Promise<readonly Cut[]>
  /** Reads `federation-config/` again now; resolves when the outcome is in force, also for streams that are up. */
  reload(): Promise<Reload>
  /** Reads the files and remembers what it read, so that a change of one need not read all. */
  readonly reader: ConfigReader
  /** What the files of partners said before, and who is about to change them. */
  readonly history: Pick<PartnerHistory, 'announce' | 'announceAll' | 'settle' | 'withdraw' | 'of' | 'together'>
  /** Lets the next stanza for the partner that a domain belongs to make an attempt at once, whatever failed before. */
  retry(domain: string): Retry
  /** The keys by which partners are known. */
  readonly keys: KeyControl
  /** Whom users of ours know outside. */
  readonly relations: Pick<RelationKeeper, 'add' | 'of' | 'forget'>
  /** Remote users: their sessions, what is locked, and who may. */
  readonly remote: RemoteControl
  /** An administrator has accepted the notice of the settings; it is written down. */
  noticeAccepted(accepted: NoticeAccepted): void
  /** Takes the gateway out of service: readiness ends at once, streams close one after another. The first state of it. */
  drain(): Service
  /** Back into service; resolves when it is. */
  undrain(): Promise<Service>
  /** The record behind a reference that a user or a peer was shown; undefined when none is kept. */
  why(reference: string): DecisionRecord | undefined
  /** What a wall or a rule of policy.yaml said in this version; undefined when that is not kept. @throws StoreError */
  ruleWording(version: string): KeptWording | undefined
  /** The record that the answer in which a reference was shown never arrived; undefined when that is not known. */
  lostAnswer(reference: string): DecisionRecord | undefined
  /** The newest records that touch a domain, newest first. */
  recent(query: { readonly domain: string | undefined; readonly limit: number }): readonly DecisionRecord[]
  /** A dry run of the checkpoint: nothing is sent, counted or recorded. */
  explain(query: ExplainQuery): Explanation
  /** The walls and rules of who may talk to whom, in the order in which they are asked, and what came of it. */
  rules(): readonly RuleStatus[]
  /** Tests a partner live, and tells of it on the way. @throws ProbeRefused */
  probe(query: ProbeQuery, tell: (progress: ProbeProgress) => void): Promise<ProbeReport>
  /** Shows what passes between us and a peer until its time is over or `signal` aborts. @throws TraceRefused */
  trace(query: TraceQuery, tell: (progress: TraceProgress) => boolean, signal: AbortSignal): Promise<TraceOutcome>
}

export interface Reload {
  readonly applied: boolean
  /** Mistakes that kept the old settings in force, and warnings. */
  readonly findings: readonly Finding[]
  /** Settings that changed in the file and wait for a restart. */
  readonly needsRestart: readonly string[]
}

/** Whether peers are served, taken leave of, or turned away. */
export interface Service {
  readonly state: 'serving' | 'draining' | 'drained'
  /** Since when not serving. */
  readonly since: string | undefined
}

export interface Retry {
  /** Links that waited before their next attempt. */
  readonly links: number
}

export interface ExplainQuery {
  readonly from: string
  readonly to: string
  /** A stanza to judge, as XML; without one an empty chat message. Its own addresses give way to `from` and `to`. */
  readonly stanza: string | undefined
  /** When, Unix time in milliseconds; by default now. */
  readonly at?: number | undefined
  /** So many like it, of which none may be refused, held against limits as if nothing had been sent. */
  readonly burst?: Burst | undefined
}

/** A wall or a rule, and its figures since it was read first; see `RuleFigures`. */
export interface RuleStatus extends Omit<RuleFigures, 'lastAt'> {
  readonly is: 'built-in' | 'wall' | 'rule'
  readonly name: string
  /** Where it is written, of walls and rules of policy.yaml. */
  readonly place: string | undefined
  readonly about: string
  /** Does it only report? */
  readonly report: boolean
  readonly lastAt: string | undefined
  /** What is written there, of walls and rules. */
  readonly says?: Wording
}

export interface Explanation {
  readonly facts: Facts
  readonly verdict: 'pass' | 'refuse' | 'close'
  readonly rule: string | undefined
  readonly reason: ReasonId | undefined
  readonly condition: string | undefined
  readonly trail: readonly {
    readonly rule: string
    readonly about: string
    /** Where it is written, and what came of asking it: of walls and rules of policy.yaml. */
    readonly place?: string | undefined
    readonly note?: string
    readonly finding: { readonly reason: ReasonId; readonly detail?: string } | undefined
  }[]
}

export interface Status {
  readonly version: string
  readonly node: string
  readonly pid: number
  readonly since: string
  readonly evaluation: boolean
  readonly directory: string
  readonly service: Service
  /** `connections`: how many are open, ready or not, where peers connect. */
  readonly listeners: readonly {
    readonly name: string
    readonly address: string
    readonly tls: string
    readonly connections?: number
  }[]
  readonly domains: readonly { readonly domain: string; readonly certificate: CertificateSummary | undefined }[]
  readonly core: {
    readonly protocol: string
    readonly address: string
    /** Where the core is spoken to by the component protocol: connections that are to be up, and that are. */
    readonly components: { readonly wanted: number; readonly up: number } | undefined
  }
  readonly partners: number
  readonly streams: readonly StreamStatus[]
  readonly links: readonly LinkStatus[]
  /** What waits for links: all of it, and on behalf of each partner. */
  readonly queues: {
    readonly stanzas: number
    readonly bytes: number
    readonly partners: readonly { readonly partner: string; readonly stanzas: number; readonly bytes: number }[]
  }
  /**
   * Bytes under way, waiting for links or written and not taken, with 512 more for each stanza: all of them, and those of
   * each partner.
   */
  readonly underWay: {
    readonly bytes: number
    readonly partners: readonly { readonly partner: string; readonly bytes: number }[]
  }
  readonly sending: SendingStatus
  /** Of the domain that was asked for. */
  readonly partner?: PartnerSending | undefined
  /** Rooms of ours in which there are others, and those others. */
  readonly rooms: { readonly rooms: number; readonly occupants: number }
  /** Keys of partners that are remembered, and those that wait for a decision. */
  readonly partnerKeys: { readonly kept: number; readonly open: readonly KeyStatus[] }
  /** Domains outside that misbehaved, or of which somebody has said how to meet them, the worst first. */
  readonly conducts: readonly ConductStatus[]
  /** Domains in no entry that wait until somebody admits them, and how many gave way to others since the start. */
  readonly pending: { readonly domains: readonly PendingStatus[]; readonly pushedOut: number }
  /** Certificates for the core that are kept ready. */
  readonly mintedCertificates: number
  readonly cryptography: {
    /** Of all; partners may have stricter ones. */
    readonly profile: ProfileName
    /** Is it a provider validated under FIPS 140, and what in words? */
    readonly fips: Fips
    /** Where the gateway falls short of its profile, as the settings permit. */
    readonly deviations: readonly string[]
  }
  /** Is it offered to peers, as some partner's entry allows it; and claims that are not decided yet. */
  readonly dialback: { readonly offered: boolean; readonly underWay: number }
  /** Settings that were changed in the files and wait for a restart, by their top-level key. */
  readonly needsRestart: readonly string[]
  /** Mistakes in the files on disk; while there are any, older settings are in force. */
  readonly findings: readonly Finding[]
  /** `skipped`: records of what passed, left out under load. `lost`: what could not be written. */
  readonly records: {
    readonly written: number
    readonly waiting: number
    readonly skipped: number
    readonly lost: number
  }
  /** Of whom our users know outside; see `RelationFigures`. */
  readonly relations: RelationFigures
  readonly ledgers: LedgerStatus
  /** Groups whose members are read from directories. */
  readonly groups: readonly GroupStatus[]
  /** Where the log goes besides standard output. */
  readonly logServers: readonly LogServerStatus[]
  /** Undefined where nobody listens for remote users. */
  readonly remote: RemoteStatus | undefined
  readonly limits: Readonly<Record<string, number>>
  readonly totals: { readonly passed: number; readonly refused: number; readonly closed: number }
}

/** `how`: on a terminal, or by what a script says of itself. */
export interface NoticeAccepted {
  readonly by: string
  readonly how: 'asked' | 'environment'
}

/** A group of a directory: whom it has, as of when, and what keeps it from being read anew. */
export interface GroupStatus {
  readonly name: string
  readonly directory: string
  /** How many members are known; undefined: it has never been read. */
  readonly members: number | undefined
  readonly readAt: string | undefined
  readonly reason?: ReasonId
  readonly detail?: string
  readonly since?: string
}

/** What is held against limits of sending (`policy/limits/`). */
export interface SendingStatus {
  /** Partners and users whose sending is measured, and names of the day that are remembered for them. */
  readonly senders: number
  readonly recipients: number
  /** Requests for presence from outside that wait for an answer, as far as they are limited. */
  readonly requests: number
  /** Streams that are not read since they bring too much at once, and stanzas of theirs that wait. */
  readonly waiting: { readonly streams: number; readonly stanzas: number }
  /** Stanzas that had to wait, since the start. */
  readonly smoothed: number
}

/** What the gateway remembers so that nobody waits in vain or believes in ghosts. */
export interface LedgerStatus {
  /** Questions (iq) that wait for their answer. */
  readonly questions: number
  /** Those that were too many to remember, since the start. */
  readonly questionsUntracked: number
  /** What addresses on one side believe of the presence of addresses on the other. */
  readonly presences: number
  /** What of it has to be taken back or asked for now. */
  readonly presencesDue: number
  readonly presencesUntracked: number
  /** Nicks in rooms of which it is known who is behind them. */
  readonly occupants: number
  /** Peers that may be gone, and those that are. */
  readonly peersDoubted: number
  readonly peersLost: number
}

export interface StreamStatus {
  readonly id: string
  readonly leg: Leg
  readonly role: 'receiving' | 'initiating'
  /** The domain we speak for on this stream, and the one at its other end. */
  readonly local: string
  readonly remote: string
  /** The entry of the partner, and which of its names matched; undefined on the core's streams, and where there is none. */
  readonly entry: { readonly domain: string; readonly matched: string } | undefined
  readonly peerAddress: string
  /** Do stanzas cross it both ways? XEP-0288, and every connection of a component. */
  readonly bidi: boolean
  /** Undefined in plaintext: a component's connection only. */
  readonly tls:
    | {
        /** How it began: asked for within a stream, or with the first byte. */
        readonly start: 'starttls' | 'direct'
        readonly version: string
        readonly cipher: string
        readonly group: string | undefined
      }
    | undefined
  readonly method: ProofMethod
  /** The certificate that proved the name; undefined where none did. */
  readonly certificate: CertificateSummary | undefined
  /** Pairs that were proven on the stream later. */
  readonly further: readonly { readonly local: string; readonly remote: string; readonly method: ProofMethod }[]
  /** When it became ready, which is when the peer proved its name. */
  readonly since: string
  /** When the peer has to prove it anew at the latest; undefined: never. */
  readonly provenUntil: string | undefined
  /** What the peer has acknowledged of our stanzas, and what not yet; undefined when it acknowledges nothing. XEP-0198 */
  readonly acks:
    | { readonly acknowledged: number; readonly unacknowledged: number; readonly unacknowledgedBytes: number }
    | undefined
  /** Bytes received and not looked at; written and not taken; and is it not read, because what it feeds is full? */
  readonly unreadBytes: number
  readonly unsentBytes: number
  readonly held: boolean
  readonly stanzasIn: number
  readonly stanzasOut: number
  readonly bytesIn: number
  readonly bytesOut: number
}

/** A link is our way to one domain on behalf of another: at most one stream, and what waits for it. */
export interface LinkStatus {
  readonly leg: Leg
  readonly local: string
  readonly remote: string
  readonly state: 'idle' | 'connecting' | 'ready'
  readonly queuedStanzas: number
  readonly queuedBytes: number
  readonly lastFailure:
    | { readonly at: string; readonly reason: ReasonId; readonly detail: string; readonly reference: string }
    | undefined
  /** After a failure: before then, what is to be carried comes back at once. */
  readonly nextAttempt: string | undefined
}
