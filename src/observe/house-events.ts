// Events of the gateway itself: start and stop, configuration, certificates, records, administrators, bugs. See
// `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import type { Fields } from './fields.ts'
import type { Series } from './metrics.ts'
import { because } from './stream-events.ts'

/** A mistake in a file; the findings of `config/` and `trust/` fit. */
export interface FindingFacts {
  readonly severity: 'error' | 'warning'
  readonly file: string
  readonly line: number | undefined
  readonly path: string
  readonly message: string
}

export interface StartFacts {
  readonly version: string
  readonly node: string
  readonly evaluation: boolean
  readonly domains: readonly string[]
  readonly listeners: readonly { readonly name: string; readonly address: string; readonly tls: string }[]
}

export interface RecorderTroubleFacts {
  readonly reason: ReasonId
  readonly detail: string
  readonly waiting: number
  readonly lost: number
}

/** A trace of a peer begins. `bodies`: it shows what stanzas say. `running`: how many traces run now. */
export interface TraceBegun {
  readonly subject: string
  readonly bodies: boolean
  readonly forMs: number
  /** Who asked for it, in their own words. */
  readonly by: string | undefined
  readonly running: number
}

/** A trace has ended. `leftOut`: lines that its reader was too slow for. */
export interface TraceOver {
  readonly subject: string
  readonly lines: number
  readonly leftOut: number
  readonly ended: string
  readonly running: number
}

/** A day in a partner's entry that is near or over. `step`: days before it, whole ones in UTC. */
export interface DueFacts {
  readonly domain: string
  readonly owner: string | undefined
  readonly what: 'review' | 'expires'
  readonly day: string
  readonly step: 30 | 7 | 1 | 'over'
  readonly days: number
  readonly reason: ReasonId
}

export interface HouseEvents {
  started(start: StartFacts): void
  /** The start was given up; each finding is in the log. */
  startFailed(reason: ReasonId, detail: string, findings?: readonly FindingFacts[]): void
  stopping(why: string): void
  /** Taken out of service, with nothing left, or back. */
  service(state: 'serving' | 'draining' | 'drained'): void
  /** Fit to be sent peers? A gauge only. */
  readiness(ready: boolean): void
  stopped(): void
  /** The whole list in force, and the domains of the entries that changed. */
  partnersChanged(
    partners: readonly { readonly domain: string; readonly status: string }[],
    change: {
      readonly added: readonly string[]
      readonly changed: readonly string[]
      readonly removed: readonly string[]
    },
  ): void
  /** The partner list at start: labels and figures, no line. */
  partnersLoaded(partners: readonly { readonly domain: string; readonly status: string }[]): void
  /** Once for each step and day. */
  partnerDue(due: DueFacts): void
  /** Gauges only. */
  partnersDue(due: { readonly review: number; readonly expires: number }): void
  /** Files are faulty and older settings stay in force; with no findings: they are mended. */
  configFaulty(findings: readonly FindingFacts[]): void
  configApplied(changed: readonly string[], needsRestart: readonly string[]): void
  certificateReloaded(
    domain: string,
    certificate: { readonly subject: string; readonly notAfter: string; readonly spki: string },
  ): void
  /** The new files are no good; the old certificate stays in use. */
  certificateFaulty(domain: string, findings: readonly FindingFacts[]): void
  /** Once per interval, however often it happens. */
  recorderTrouble(trouble: RecorderTroubleFacts): void
  recorderRecovered(lost: number): void
  /** Counted only. */
  recordsWritten(number: number): void
  /** What passed and was not recorded, because it was too much at once; counted only. */
  recordsSkipped(number: number): void
  /** What could not be written; counted only. */
  recordsLost(kind: 'pass' | 'refusal', number: number): void
  /** Every failed attempt to write; counted only. */
  recorderFailed(reason: ReasonId): void
  /** Something an administrator did or asked; `changes` says whether it may change anything. */
  operation(call: {
    readonly operation: string
    readonly outcome: string
    readonly changes: boolean
    readonly by?: string | undefined
  }): void
  /** An administrator has accepted the notice before a command. */
  noticeAccepted(by: string, how: 'asked' | 'environment'): void
  /** An administrator begins to watch a peer. `bodies`: what its stanzas say is shown to them. */
  traceBegun(trace: TraceBegun): void
  traceOver(trace: TraceOver): void
  /** Something threw that must not. */
  bug(error: unknown, reference?: string): void
}

export function houseEvents({ log, figures, partnerLabels, now }: Desk): HouseEvents {
  const countPartners = (partners: readonly { readonly domain: string; readonly status: string }[]): void => {
    partnerLabels.replace(partners.map(({ domain }) => domain))
    for (const status of STATUSES) {
      figures.partners.set({ status }, partners.filter((partner) => partner.status === status).length)
    }
  }
  let skipped: Series | undefined
  return {
    started({ version, node, evaluation, domains, listeners }) {
      figures.started.set({}, now() / 1000)
      const listening = listeners.map(({ name, address, tls }) => `${name} ${address} ${tls}`)
      log.write('info', 'gateway.started', { version, node, evaluation, domains, listening })
    },
    startFailed(reason, detail, findings = []) {
      log.write('error', 'gateway.failed', { ...because(reason), detail })
      for (const finding of findings) log.write(levelOf(finding), 'finding', findingFields(finding))
    },
    stopping: (why) => log.write('info', 'gateway.stopping', { why }),
    service: (state) => log.write('info', `gateway.${state}`, {}),
    readiness: (ready) => figures.ready.set({}, ready ? 1 : 0),
    stopped: () => log.write('info', 'gateway.stopped', {}),
    partnersLoaded: countPartners,
    partnersChanged(partners, { added, changed, removed }) {
      countPartners(partners)
      const some = (domains: readonly string[]): readonly string[] | undefined =>
        domains.length > 0 ? domains.slice(0, 100) : undefined
      log.write('info', 'partners.changed', {
        partners: partners.length,
        added: some(added),
        changed: some(changed),
        removed: some(removed),
      })
    },
    partnerDue({ domain, owner, what, day, step, days, reason }) {
      const level = what === 'expires' && (step === 1 || step === 'over') ? 'error' : 'warn'
      log.write(level, 'partner.due', { ...because(reason), partner: domain, owner, what, day, step, days })
    },
    partnersDue({ review, expires }) {
      figures.partnersDue.set({ what: 'review' }, review)
      figures.partnersDue.set({ what: 'expires' }, expires)
    },
    configFaulty(findings) {
      figures.configFaulty.set({}, findings.filter(({ severity }) => severity === 'error').length)
      if (findings.length === 0) return log.write('info', 'config.mended', {})
      figures.configReadings.add({ outcome: 'faulty' })
      log.write('error', 'config.faulty', { ...because('SP-903'), mistakes: findings.length })
      for (const finding of findings.slice(0, 100)) log.write(levelOf(finding), 'finding', findingFields(finding))
    },
    configApplied(changed, needsRestart) {
      figures.configReadings.add({ outcome: 'applied' })
      log.write('info', 'config.applied', { changed })
      if (needsRestart.length > 0) log.write('warn', 'config.waits', { ...because('SP-904'), needsRestart })
    },
    certificateReloaded(domain, { subject, notAfter, spki }) {
      figures.certificateReadings.add({ outcome: 'taken' })
      log.write('info', 'certificate.reloaded', { domain, subject, notAfter, spki })
    },
    certificateFaulty(domain, findings) {
      figures.certificateReadings.add({ outcome: 'faulty' })
      log.write('error', 'certificate.faulty', {
        domain,
        findings: findings.map(({ file, message }) => `${file}: ${message}`),
      })
    },
    recorderTrouble({ reason, detail, waiting, lost }) {
      log.write('error', 'records.trouble', { ...because(reason), detail, waiting, lost })
    },
    recorderRecovered: (lost) => log.write('info', 'records.recovered', { lost }),
    recordsWritten: (number) => figures.recordsWritten.add({}, number),
    recordsSkipped(number) {
      // Under load, for nearly every stanza.
      skipped ??= figures.recordsSkipped.with({})
      skipped.value += number
    },
    recordsLost: (kind, number) => figures.recordsLost.add({ kind }, number),
    recorderFailed: (reason) => figures.recorderErrors.add({ reason }),
    operation({ operation, outcome, changes, by }) {
      figures.operations.add({ operation, outcome })
      log.write(changes ? 'info' : 'debug', 'operation', { operation, outcome, by })
    },
    noticeAccepted: (by, how) => log.write('info', 'notice.accepted', { by, how }),
    traceBegun({ subject, bodies, forMs, by, running }) {
      figures.traces.set({}, running)
      const contents = bodies ? 'shown' : 'masked'
      log.write(bodies ? 'warn' : 'info', 'trace.begun', { subject, contents, seconds: forMs / 1000, by })
    },
    traceOver({ subject, lines, leftOut, ended, running }) {
      figures.traces.set({}, running)
      figures.traceLinesLeftOut.add({}, leftOut)
      log.write('info', 'trace.over', { subject, lines, leftOut, ended })
    },
    bug(error, reference) {
      figures.bugs.add({})
      const detail = error instanceof Error ? error.message : String(error)
      log.write('error', 'bug', {
        ...because('SP-491'),
        reference,
        detail,
        stack: error instanceof Error ? error.stack : undefined,
      })
    },
  }
}

const STATUSES = ['allowed', 'blocked', 'pending', 'suspended'] as const

const levelOf = ({ severity }: FindingFacts): 'error' | 'warn' => (severity === 'error' ? 'error' : 'warn')

const findingFields = ({ file, line, path, message }: FindingFacts): Fields => ({
  file,
  line,
  path: path || undefined,
  message,
})
