// A gateway as plain data: its partner list is what the files of a directory say, the rest is what a test gives it.

import { join } from 'node:path'
import { configOf, ConfigReader } from '../../src/config/load.ts'
import { NO_POLICY } from '../../src/config/policy-schema.ts'
import type { Control, NoticeAccepted, Status } from '../../src/gateway/control.ts'
import { dryRun } from '../../src/gateway/dry-run.ts'
import type { Relation } from '../../src/policy/relations/relations.ts'
import type { KeyStatus, KeyVerdict } from '../../src/gateway/keys/report.ts'
import type { ConductSaying, ConductStatus } from '../../src/gateway/conduct.ts'
import type { PendingStatus } from '../../src/gateway/pending.ts'
import type { ProbeProgress, ProbeReport } from '../../src/gateway/probe/report.ts'
import { permission, type LockStatus } from '../../src/gateway/remote/remote-control.ts'
import type { SessionStatus } from '../../src/gateway/remote/status.ts'
import type { TraceOutcome, TraceProgress, TraceQuery } from '../../src/gateway/trace/report.ts'
import { ProbeRefused } from '../../src/gateway/probe/probes.ts'
import { admissionByTerms } from '../../src/policy/admission.ts'
import type { Partner } from '../../src/policy/partner.ts'
import { PartnerList } from '../../src/policy/partners.ts'
import type { Policy } from '../../src/policy/remote/grants.ts'
import type { DecisionRecord, PartnerVersion } from '../../src/store/store.ts'
import type { CertificateSummary } from '../../src/trust/verdict.ts'

export const NOW = Date.parse('2026-03-01T12:00:00Z')

export const CERTIFICATE: CertificateSummary = {
  subject: 'CN=corp.example',
  issuer: 'CN=A real CA',
  names: ['DNS:corp.example'],
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2026-12-31T00:00:00Z',
  spki: 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  key: 'EC P-256',
}

export const STATUS: Status = {
  version: '0.1.0',
  node: '26.0.0',
  pid: 4711,
  since: '2026-03-01T10:00:00.000Z',
  evaluation: false,
  directory: '/srv/sallyport',
  service: { state: 'serving', since: undefined },
  listeners: [{ name: 'federation', address: '0.0.0.0:5269', tls: 'starttls' }],
  domains: [{ domain: 'corp.example', certificate: CERTIFICATE }],
  core: { protocol: 's2s', address: '10.1.0.10:5269', components: undefined },
  partners: 2,
  streams: [
    {
      id: 's1',
      leg: 'partner',
      role: 'receiving',
      local: 'corp.example',
      remote: 'partner.example',
      entry: { domain: 'partner.example', matched: 'partner.example' },
      peerAddress: '192.0.2.7:40000',
      tls: { start: 'direct', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined },
      bidi: false,
      method: 'certificate',
      further: [],
      certificate: CERTIFICATE,
      since: '2026-03-01T11:00:00.000Z',
      provenUntil: '2026-03-01T13:00:00.000Z',
      acks: { acknowledged: 7, unacknowledged: 3, unacknowledgedBytes: 900 },
      unreadBytes: 0,
      unsentBytes: 900,
      held: true,
      stanzasIn: 12,
      stanzasOut: 0,
      bytesIn: 3000,
      bytesOut: 200,
    },
  ],
  links: [
    {
      leg: 'partner',
      local: 'corp.example',
      remote: 'late.example',
      state: 'connecting',
      queuedStanzas: 3,
      queuedBytes: 900,
      lastFailure: {
        at: '2026-03-01T11:59:00.000Z',
        reason: 'SP-201',
        detail: 'no such name',
        reference: '7f3k-9q2m-x04d',
      },
      nextAttempt: undefined,
    },
  ],
  queues: { stanzas: 3, bytes: 900, partners: [{ partner: 'late.example', stanzas: 3, bytes: 900 }] },
  underWay: {
    bytes: 4436,
    partners: [
      { partner: 'late.example', bytes: 2436 },
      { partner: 'partner.example', bytes: 2000 },
    ],
  },
  rooms: { rooms: 0, occupants: 0 },
  sending: { senders: 0, recipients: 0, requests: 0, waiting: { streams: 0, stanzas: 0 }, smoothed: 0 },
  partnerKeys: { kept: 3, open: [] },
  pending: { domains: [], pushedOut: 0 },
  conducts: [],
  mintedCertificates: 2,
  cryptography: {
    profile: 'standard',
    fips: { on: false, detail: 'OpenSSL 3.5.8, without a FIPS provider' },
    deviations: [],
  },
  dialback: { offered: false, underWay: 0 },
  needsRestart: [],
  findings: [],
  records: { written: 10, waiting: 0, skipped: 0, lost: 0 },
  relations: { known: 3, waiting: 0, unsaved: 0, unused: 0, displaced: 0 },
  ledgers: {
    questions: 2,
    questionsUntracked: 0,
    presences: 40,
    presencesDue: 0,
    presencesUntracked: 0,
    occupants: 3,
    peersDoubted: 0,
    peersLost: 0,
  },
  groups: [],
  logServers: [],
  remote: undefined,
  limits: { stanzaBytes: 524_288 },
  totals: { passed: 9, refused: 1, closed: 0 },
}

export const RECORD: DecisionRecord = {
  reference: '7f3k-9q2m-x04d',
  at: NOW - 60_000,
  event: 'stanza',
  direction: 'outbound',
  verdict: 'refuse',
  rule: 'partner-admitted',
  reason: 'SP-102',
  from: 'alice@corp.example/desk',
  to: 'mallory@blocked.example',
  kind: 'message',
  type: 'chat',
  id: 'm1',
  partner: 'blocked.example',
  pair: { local: 'corp.example', remote: 'blocked.example' },
  peerAddress: '10.1.0.10:40000',
  detail: 'domain=blocked.example',
  facts: { mode: 'closed' },
}

export class FakeControl implements Control {
  current: Status = STATUS
  records: readonly DecisionRecord[] = [RECORD]
  reloads = 0
  readonly retried: string[] = []
  readonly reader: ConfigReader
  #partners: readonly Partner[] = []

  constructor(directory: string) {
    this.reader = new ConfigReader(join(directory, 'federation-config'))
  }

  status(): Status {
    return this.current
  }

  partners(): readonly Partner[] {
    return this.#partners
  }

  behaving: readonly ConductStatus[] = []
  readonly said: ConductSaying[] = []
  cutBySaying: ReturnType<Control['conduct']['cuts']> = []

  readonly conduct: Control['conduct'] = {
    list: (domain) => this.behaving.filter((one) => domain === undefined || one.domain === domain),
    cuts: () => this.cutBySaying,
    say: (saying) => {
      this.said.push(saying)
      const { domain, state = 'normal', by, why } = saying
      const since = new Date(NOW).toISOString()
      const until = saying.forMs === undefined ? undefined : new Date(NOW + saying.forMs).toISOString()
      const held = saying.state && { at: since, until, by, why }
      return { domain, state, counts: true, found: 'normal', since, sum: 0, points: {}, held }
    },
  }

  waiting: readonly PendingStatus[] = []

  pending(): readonly PendingStatus[] {
    return this.waiting
  }

  /** What was announced, as `domain by: why`. */
  readonly announced: string[] = []
  /** Done between the announcement of a change and the change. */
  announcing: () => void = () => undefined
  versions: readonly PartnerVersion[] = []

  readonly history: Control['history'] = {
    of: (domain) => this.versions.filter((version) => version.domain === domain),
    together: (reference) => Promise.resolve(this.versions.filter(({ together }) => together?.reference === reference)),
    settle: () => Promise.resolve(false),
    announce: (domain, _, { by, why }) => {
      this.announced.push(`${domain} ${by}: ${why ?? ''}`)
      this.announcing()
    },
    announceAll: (texts, { by, why }) => {
      for (const { domain } of texts) this.announced.push(`${domain} ${by}: ${why ?? ''}`)
      this.announcing()
      return Promise.resolve()
    },
    withdraw: (domain) => void this.announced.push(`${domain} withdrawn`),
  }

  /** As admission has it; the rest is the house's. */
  cuts(coming: Parameters<Control['cuts']>[0]): ReturnType<Control['cuts']> {
    const others = this.#partners.filter((one) => !coming.some(({ domain }) => domain === one.domain))
    const [before, after] = [this.#partners, [...others, ...coming.flatMap(({ partner }) => partner ?? [])]].map(
      (list) => new PartnerList(list),
    )
    const isAdmitted = (list: PartnerList | undefined, remote: string): boolean =>
      admissionByTerms(list?.terms(remote), { mode: 'closed', now: NOW }) === undefined
    const cut = this.current.streams.filter(
      ({ leg, remote }) => leg === 'partner' && isAdmitted(before, remote) && !isAdmitted(after, remote),
    )
    return Promise.resolve(cut.map(({ remote }) => ({ domain: remote, streams: 1 })))
  }

  async reload(): ReturnType<Control['reload']> {
    this.reloads += 1
    const { settings, partners, findings } = configOf(await this.reader.read())
    if (settings !== undefined) {
      this.#partners = partners
      this.policy = settings.policy
    }
    return { applied: settings !== undefined, findings, needsRestart: [] }
  }

  readonly accepted: NoticeAccepted[] = []

  noticeAccepted(accepted: NoticeAccepted): void {
    this.accepted.push(accepted)
  }

  drain(): ReturnType<Control['drain']> {
    const service = { state: 'draining', since: new Date(NOW).toISOString() } as const
    this.current = { ...this.current, service }
    return service
  }

  undrain(): ReturnType<Control['undrain']> {
    this.current = { ...this.current, service: STATUS.service }
    return Promise.resolve(STATUS.service)
  }

  retry(domain: string): ReturnType<Control['retry']> {
    this.retried.push(domain)
    return { links: 3 }
  }

  /** What the ledger was told, and what is in it. */
  readonly acquainted: Relation[] = []
  readonly relations: Control['relations'] = {
    add: (wanted) => void this.acquainted.push(...wanted.map((one) => ({ ...one, day: 20_600 }))),
    of: (user, most) => this.acquainted.filter((one) => one.user === user).slice(0, most),
    forget: (user, contact) => this.acquainted.some((one) => one.user === user && one.contact === contact),
  }

  /** What is known of keys, and what was said of them. */
  known: readonly KeyStatus[] = []
  readonly decisions: KeyVerdict[] = []

  readonly keys: Control['keys'] = {
    list: (domain) => this.known.filter((key) => domain === undefined || `.${key.domain}`.endsWith(`.${domain}`)),
    decide: (verdict) => {
      this.decisions.push(verdict)
      const state = verdict.say === 'confirm' ? 'known' : 'refused'
      return this.known.filter(({ spki }) => verdict.pins.includes(spki)).map((key) => ({ ...key, state }))
    },
  }

  /** Who is logged in from outside, and what is locked. */
  sessions: readonly SessionStatus[] = []
  locks: readonly LockStatus[] = []
  policy: Policy = NO_POLICY

  readonly remote: Control['remote'] = {
    sessions: (user) => this.sessions.filter((one) => user === undefined || one.user === user),
    end: (which) => {
      const ended = this.sessions.filter((one) => ('user' in which ? one.user : one.id) === Object.values(which)[0])
      this.sessions = this.sessions.filter((one) => !ended.includes(one))
      return ended
    },
    locks: () => this.locks,
    unlock: (what) => {
      const [name] = Object.values(what)
      const gone = this.locks.filter((lock) => lock.name === name)
      this.locks = this.locks.filter((lock) => lock.name !== name)
      return gone.reduce((sum, { failures }) => sum + failures, 0)
    },
    may: (question) => permission(this.policy, question),
  }

  why(reference: string): DecisionRecord | undefined {
    return this.records.find((record) => record.reference === reference)
  }

  ruleWording(version: string): ReturnType<Control['ruleWording']> {
    return this.wordings.find((wording) => wording.version === version)
  }

  wordings: NonNullable<ReturnType<Control['ruleWording']>>[] = []

  lostAnswer(reference: string): DecisionRecord | undefined {
    return this.records.find(({ kind, cause }) => kind === 'answer' && cause === reference)
  }

  recent({ domain, limit }: Parameters<Control['recent']>[0]): readonly DecisionRecord[] {
    return this.records.filter(({ pair }) => domain === undefined || pair?.remote === domain).slice(0, limit)
  }

  explain(query: Parameters<Control['explain']>[0]): ReturnType<Control['explain']> {
    return dryRun(query, {
      partners: new PartnerList(this.#partners),
      mode: 'closed',
      ours: ['corp.example'],
      now: NOW,
    })
  }

  rules(): ReturnType<Control['rules']> {
    return this.policyRules
  }

  policyRules: ReturnType<Control['rules']> = []

  /** What a trace tells; it goes on until whoever asked has enough. */
  traced: readonly TraceProgress[] = []
  traces: TraceQuery[] = []

  async trace(...[query, tell, signal]: Parameters<Control['trace']>): Promise<TraceOutcome> {
    this.traces.push(query)
    let leftOut = 0
    for (const progress of this.traced) if (!tell(progress)) leftOut += 1
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    return { lines: this.traced.length - leftOut, leftOut, ended: 'caller' }
  }

  /** What a probe tells on the way, and what it comes to. */
  probed: { readonly progress: readonly ProbeProgress[]; readonly report: ProbeReport } | undefined

  async probe(...[, tell]: Parameters<Control['probe']>): Promise<ProbeReport> {
    await Promise.resolve()
    if (!this.probed) throw new ProbeRefused('busy', 'a probe runs already')
    for (const progress of this.probed.progress) tell(progress)
    return this.probed.report
  }
}
