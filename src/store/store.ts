// What survives a restart, in the words of the gateway: decisions, each with the facts it was made from. The engine
// behind it (SQLite now) is a file next door and knows no more than this.
//
// Rule 1: a batch is kept whole or not at all.
// Rule 2: whatever an engine does, what leaves this folder is a `StoreError` that tells an operator what to do.

import type { Direction } from '../policy/partner.ts'
import type { ConductChanges, KnownConduct } from '../policy/conduct/conducts.ts'
import type { KeptRequest, RequestChanges } from '../policy/limits/requests.ts'
import type { PendingChanges, PendingDomain } from '../policy/pending.ts'
import type { AccountFailures } from '../policy/remote/guard.ts'
import type { KnownPlace, PlaceChanges } from '../policy/remote/known-places.ts'
import type { Relation } from '../policy/relations/relations.ts'
import type { ReasonId } from '../xmpp/reasons.ts'

/** The kind of a record that is about an answer of ours. */
export const ANSWER = 'answer'

/** What was decided about one stanza or one stream, and from which facts. Never the words that were said. */
export interface DecisionRecord {
  /** What the other side was shown; records of what passed have none. */
  readonly reference?: string | undefined
  /** The reference of the failure that led to this one, such as the link that a bounced stanza waited for. */
  readonly cause?: string | undefined
  /** Milliseconds of the epoch. */
  readonly at: number
  readonly event: 'stanza' | 'stream' | 'certificate' | 'conduct'
  readonly direction?: Direction | undefined
  readonly verdict: RecordVerdict
  /** The rule that decided; none where the protocol or the network did. */
  readonly rule?: string | undefined
  readonly reason?: ReasonId | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly kind?: string | undefined
  readonly type?: string | undefined
  /** The id that the sender gave the stanza. */
  readonly id?: string | undefined
  /** The domain of the partner's entry. */
  readonly partner?: string | undefined
  readonly pair?: { readonly local: string; readonly remote: string } | undefined
  readonly peerAddress?: string | undefined
  /** For us, never for the peer. */
  readonly detail?: string | undefined
  /** What the decision was made from; the rules can be run on it again. */
  readonly facts: object
}

/** `pass` crossed; `refuse` was answered; `drop` could not be answered; `close` and `fail` ended a stream, or kept it from being. */
export type RecordVerdict = 'pass' | 'refuse' | 'drop' | 'close' | 'fail'

export interface RecentQuery {
  /** A domain at the far side, or the domain of a partner's entry; undefined for all. */
  readonly domain?: string | undefined
  readonly limit: number
}

/**
 * What may stay. What passed may fill half of `records` at most, so that a busy day cannot push refusals out; and streams
 * that came to nothing, which anybody can cause who has not proven a name, half of the rest.
 */
export interface Retention {
  readonly records: number
  readonly keptMs: number
}

export interface Store extends Disposable {
  /** Keeps a batch, whole or not at all. Returns how many rows it took: a reference that is known already is not taken twice. @throws StoreError */
  appendDecisions(rows: readonly DecisionRecord[]): number
  /** @throws StoreError */
  decision(reference: string): DecisionRecord | undefined
  /** The record of the answer with this reference in it, if it never reached its reader: its `cause` is the reference. @throws StoreError */
  lostAnswer(reference: string): DecisionRecord | undefined
  /** Newest first. @throws StoreError */
  recentDecisions(query: RecentQuery): readonly DecisionRecord[]
  /** Deletes at most `step` records that retention lets go, oldest first; returns how many. 0 means done. @throws StoreError */
  prune(retention: Retention, now: number, step: number): number
  close(): void
}

/** Decisions page by page, for whoever goes through many of them; kept beside the others. */
export interface DecisionPages {
  /** Newest first, from the newest or from the one before `before`. @throws StoreError */
  decisionsBefore(before: number | undefined, limit: number): readonly NumberedDecision[]
  /** When the oldest was that is kept, of what passed and of what was refused. @throws StoreError */
  oldestDecisions(): Readonly<Record<'passed' | 'refused', number | undefined>>
}

/** A decision and its number; later ones have higher numbers. */
export interface NumberedDecision {
  readonly number: number
  readonly record: DecisionRecord
}

/** What certificates are held against after a restart; kept beside the decisions. */
export interface EvidenceStore {
  /** What a CA or its responder said, as it came; undefined where nothing is kept under that name. @throws StoreError */
  evidence(place: string): KeptEvidence | undefined
  /** Keeps it in place of what was kept there; what is over by `now`, and the oldest beyond `mostBytes`, goes. @throws StoreError */
  keepEvidence(
    place: string,
    evidence: KeptEvidence,
    bounds: { readonly now: number; readonly mostBytes: number },
  ): void
}

/** Something signed that says whether certificates were revoked, and until when it holds, in milliseconds of the epoch. */
export interface KeptEvidence {
  readonly octets: Buffer
  readonly until: number
}

/** A key by which a domain outside is known, or not: from a certificate that proved its name, or from an administrator. */
export interface KnownKey {
  readonly domain: string
  /** `sha256/<base64>` over the SPKI. */
  readonly spki: string
  /** `open`: nobody has said yet whether it is theirs. `refused`: an administrator has said that it is not. */
  readonly state: 'known' | 'open' | 'refused'
  /** What it was when it came. */
  readonly change: string
  /** With which certificate it was shown last; undefined: it has not been seen. Plain data. */
  readonly certificate: object | undefined
  /** The sides of TLS on which the domain has shown it. */
  readonly sides: readonly ('client' | 'server')[]
  /** Milliseconds of the epoch. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** That of the record of the change. */
  readonly reference: string | undefined
  /** When an administrator decided about it, and who, in their own words. */
  readonly decidedAt: number | undefined
  readonly decidedBy: string | undefined
}

/** By which keys partners are known, over restarts. */
export interface KnownKeyStore {
  /** All of them. @throws StoreError */
  knownKeys(): readonly KnownKey[]
  /** Keeps these in place of what was kept of the same keys, and forgets others, whole or not at all. @throws StoreError */
  keepKnownKeys(changed: readonly KnownKey[], gone: readonly Pick<KnownKey, 'domain' | 'spki'>[]): void
}

/** From which networks remote users have logged in, over restarts. */
export interface KnownPlaceStore {
  /** All of them, the longest unseen first. @throws StoreError */
  knownPlaces(): readonly KnownPlace[]
  /** Whole or not at all. @throws StoreError */
  keepKnownPlaces(changes: PlaceChanges): void
}

/** Which failures go: those of accounts whose last one was no later than `over` (ms), and the oldest beyond so many accounts. */
export interface FailureBounds {
  readonly over: number
  readonly most: number
}

/** Failed log-ins of accounts from outside, over restarts. */
export interface LogInFailureStore {
  /** All of them, the last one at the end. @throws StoreError */
  logInFailures(): readonly AccountFailures[]
  /** Keeps these in place of what was kept of the same accounts; without times: forgets them. Whole or not at all. @throws StoreError */
  keepLogInFailures(changes: readonly AccountFailures[], bounds: FailureBounds): void
}

/** What the file of a partner said from one change to the next. */
export interface PartnerVersion {
  readonly domain: string
  /** Counted from 1 for each domain. */
  readonly version: number
  /** Milliseconds of the epoch. */
  readonly at: number
  /** `found`: it was so when it was first looked at. */
  readonly done: 'found' | 'added' | 'changed' | 'removed'
  /** Who made it so, in their own words; `file`: somebody with an editor. */
  readonly by: string
  readonly why: string | undefined
  /** All of the file; undefined: it is gone. */
  readonly text: string | undefined
  /** What was changed at once with it. */
  readonly together?: Together | undefined
}

/** Files that are changed at once: their one reference, and how many they are (absent where that was not written down). */
export interface Together {
  readonly reference: string
  readonly files: number | undefined
}

/** One that has no number yet. */
export type NewPartnerVersion = Omit<PartnerVersion, 'version'>

/** What a file is about to say that is changed at once with others. */
export type AnnouncedPartner = Pick<PartnerVersion, 'domain' | 'by' | 'why' | 'text'> & { readonly together: Together }

/** The history of the partner list, over restarts. */
export interface PartnerVersionStore {
  /** How many versions are kept. */
  readonly partnerVersionsKept: number
  /** @throws StoreError */
  lastPartnerVersion(domain: string): PartnerVersion | undefined
  /** Newest first. @throws StoreError */
  partnerVersions(domain: string): readonly PartnerVersion[]
  /** What was changed at once, by its reference, in the order of domains: so many after this one. @throws StoreError */
  partnerVersionsTogether(reference: string, after: string, most: number): readonly PartnerVersion[]
  /** The domains whose file was there, as far as is known. @throws StoreError */
  partnersThere(): readonly string[]
  /** Keeps these, whole or not at all, and of all no more than `most`. @throws StoreError */
  addPartnerVersions(versions: readonly NewPartnerVersion[], most: number): void
  /** What was announced and has not been forgotten. @throws StoreError */
  partnersAnnounced(): readonly AnnouncedPartner[]
  /** Keeps these, whole or not at all. @throws StoreError */
  announcePartners(announced: readonly AnnouncedPartner[]): void
  /** It has been done, or comes to nothing. @throws StoreError */
  forgetAnnounced(reference: string, domains: readonly string[]): void
}

/** Domains that wait to be let in, over restarts. */
export interface PendingStore {
  /** All of them. @throws StoreError */
  pendingDomains(): readonly PendingDomain[]
  /** Whole or not at all. @throws StoreError */
  keepPendingDomains(changes: PendingChanges): void
}

/** Requests for presence that nobody has answered, over restarts. */
export interface RequestStore {
  /** All of them. @throws StoreError */
  pendingRequests(): readonly KeptRequest[]
  /** Whole or not at all; of what is over, a part. @throws StoreError */
  keepPendingRequests(changes: RequestChanges): void
}

/** Who of ours has to do with whom outside, over restarts. */
export interface RelationStore {
  /** All of them, by user. @throws StoreError */
  relations(): Iterable<Relation>
  /** That of these two, or none. @throws StoreError */
  relation(pair: Pick<Relation, 'user' | 'contact'>): Relation | undefined
  /** In order, those of a user where one is given, from the first or from the one behind `after`. @throws StoreError */
  relationsAfter(
    after: Pick<Relation, 'user' | 'contact'> | undefined,
    limit: number,
    user?: string,
  ): readonly Relation[]
  /** Keeps these in place of what was kept of the same two; without marks: forgets them. Whole or not at all. @throws StoreError */
  keepRelations(changes: readonly Relation[]): void
}

/** How domains outside behave, over restarts. */
export interface ConductStore {
  /** All of which something is known. @throws StoreError */
  conducts(): readonly KnownConduct[]
  /** Whole or not at all. @throws StoreError */
  keepConducts(changes: ConductChanges): void
}

/** What a wall or a rule of policy.yaml said that decided something. */
export interface KeptWording {
  readonly version: string
  /** `wall aurora`, `default/staff`. */
  readonly name: string
  /** Where it stood when it was kept. */
  readonly place: string | undefined
  readonly text: string
  /** Milliseconds of the epoch. */
  readonly at: number
}

/** Wordings of rules, for whoever asks about an old decision. */
export interface RuleWordingStore {
  /** @throws StoreError */
  ruleWording(version: string): KeptWording | undefined
  /** Keeps it, and of all no more than `most`. Gives back whether others went. @throws StoreError */
  keepRuleWording(wording: KeptWording, most: number): boolean
}

/** A store that cannot serve: what it is about in `reason`, what to do in the message. */
export class StoreError extends Error {
  readonly reason: ReasonId
  readonly file: string

  constructor(reason: ReasonId, file: string, message: string, cause?: unknown) {
    super(`${file}: ${message}`, { cause })
    this.name = 'StoreError'
    this.reason = reason
    this.file = file
  }
}
