// What is wrong between a partner and us, judged from what a probe saw: a pure function from the stages to the findings,
// in the order of the way. The first fault is the first wrong thing.
//
// Rule 1: the catalogue says what a reason means, whose it is and what to do; said otherwise is only what a probe knows better.
// Rule 2: what keeps nothing from working is a note, not a fault.

import { reason as catalogued, type ReasonId } from '../../xmpp/reasons.ts'
import { requestFor } from './requests.ts'
import { hostAndPort } from '../status.ts'
import type { ProbeAttempt, ProbeFailure, ProbeFinding, ProbeHost, ProbeInbound, ProbeSeen } from './report.ts'

type Side = ProbeFinding['side']

/** What a finding says other than the catalogue. */
interface Better {
  readonly severity?: ProbeFinding['severity']
  readonly side?: Side
  readonly means?: string
  readonly act?: string
}

/** All findings; none: everything is right. */
export function judge(seen: ProbeSeen): readonly ProbeFinding[] {
  return [
    ...aboutUs(seen),
    ...aboutDns(seen),
    ...seen.hosts.flatMap((host) => aboutHost(seen, host)),
    ...seen.attempts.flatMap((attempt) => aboutAttempt(seen, attempt)),
    ...aboutTime(seen),
    ...aboutPing(seen),
  ]
}

/** The first wrong thing. */
export const firstFault = (findings: readonly ProbeFinding[]): ProbeFinding | undefined =>
  findings.find(({ severity }) => severity === 'fault')

function finding(seen: ProbeSeen, where: string, { reason, detail }: ProbeFailure, better: Better = {}): ProbeFinding {
  const entry = catalogued(reason)
  const { severity = 'fault', side = entry.side === 'core' ? 'ours' : entry.side, act = entry.act } = better
  const means = better.means ?? entry.means
  return {
    severity,
    reason,
    side,
    sentence: `${where}: ${means}${detail === '' ? '' : ` (${detail})`}`,
    act: act.replaceAll('<domain>', seen.domain),
    request: side === 'ours' ? undefined : requestFor(reason, { domain: seen.domain, ours: seen.ours.domain }),
  }
}

const RENEW = 'Put a good certificate in its place (`sallyport check` names the files): partners refuse this one.'

function aboutUs(seen: ProbeSeen): ProbeFinding[] {
  const { domain, fault } = seen.ours
  if (!fault) return []
  const means = fault.reason === 'SP-360' ? undefined : 'Our own certificate is not good.'
  return [finding(seen, domain, fault, { side: 'ours', ...(means ? { means, act: RENEW } : {}) })]
}

const LOOK_THERE = 'DNS answers about our own domain, so ask the partner to look at their name servers, and at DNSSEC.'
const LOOK_HERE = 'DNS does not answer about our own domain either: check that the resolvers of `dns.servers` answer.'

function aboutDns(seen: ProbeSeen): ProbeFinding[] {
  const { dns, domain } = seen
  if (!dns) return []
  if (dns.failure) {
    const { answersElsewhere } = dns
    if (answersElsewhere === undefined) return [finding(seen, domain, dns.failure)]
    const better: Better = answersElsewhere ? { side: 'theirs', act: LOOK_THERE } : { side: 'ours', act: LOOK_HERE }
    return [finding(seen, domain, dns.failure, better)]
  }
  // One of the two services without an answer: the other one leads there as well.
  return dns.questions.flatMap(({ name, type, failure }) =>
    failure && !failure.absent ? [finding(seen, `${type} ${name}`, failure, { severity: 'note' })] : [],
  )
}

function aboutHost(seen: ProbeSeen, { host, failure }: ProbeHost): ProbeFinding[] {
  if (!failure) return []
  if (host === seen.domain) return [finding(seen, host, failure)]
  const absent = failure.reason === 'SP-201' || failure.reason === 'SP-202'
  const known = seen.dns?.targets.some((target) => target.host === host) ?? false
  const who = !known ? 'A redirection' : seen.dns?.routes === true ? '`connect:`' : 'The SRV record'
  const means = `${who} leads to a host that has no address.`
  const better = { means, act: 'Ask the partner to mend the record, or set `connect:` in the partner entry.' }
  return [finding(seen, host, failure, absent ? better : {})]
}

/** What says that they do not believe our certificate. */
const REFUSED: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-356', 'SP-432', 'SP-441', 'SP-442', 'SP-452'])

function aboutAttempt(seen: ProbeSeen, attempt: ProbeAttempt): ProbeFinding[] {
  const { failure } = attempt
  if (!failure) return []
  const where = placeOf(attempt)
  const works = seen.attempts.some(({ readyMs }) => readyMs !== undefined)
  if (attempt.followed) return [finding(seen, where, failure, { severity: 'note' })]
  // A host without IPv6, or without IPv4: the other addresses are there for it.
  if (failure.reason === 'SP-213' && works) return [finding(seen, where, failure, { severity: 'note' })]
  const { fault } = seen.ours
  if (fault && REFUSED.has(failure.reason)) return [finding(seen, where, failure, { side: 'ours', act: RENEW })]
  const unfinished = attempt.dialback !== undefined && attempt.dialback !== 'accepted'
  if (unfinished && seen.ours.listeners.length === 0) {
    const means = 'They ask us about our key, and no gateway runs here that could answer.'
    return [finding(seen, where, { reason: 'SP-226', detail: '' }, { severity: 'note', means })]
  }
  return [finding(seen, where, failure, plainly(attempt, failure))]
}

const NO_XMPP: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-401', 'SP-402', 'SP-405', 'SP-406', 'SP-407'])

/** What the catalogue can say only in general. */
function plainly({ offers, secured, tls, dialback }: ProbeAttempt, { reason, detail }: ProbeFailure): Better {
  if (NO_XMPP.has(reason) && offers.length === 0) return { means: 'What answers there is no XMPP server.' }
  if (reason === 'SP-354' && tls === 'direct') {
    if (/wrong version number/i.test(detail)) return { means: 'Direct TLS was to be there, and no TLS answers.' }
    if (/no application protocol/i.test(detail))
      return { means: 'What answers with direct TLS does not speak XMPP between servers (ALPN `xmpp-server`).' }
  }
  if (reason !== 'SP-430') return {}
  if (dialback === 'asked') return { means: 'It took our key for dialback and did not judge it in time.' }
  if (offers.length === 0) return { means: 'What answers takes the connection and says nothing in time.' }
  return { means: `It went silent ${secured ? 'after the TLS handshake' : 'before the TLS handshake'}.` }
}

/** `xmpp.partner.example:5269 at 192.0.2.7` */
export function placeOf({ host, address, port, tls }: Pick<ProbeAttempt, 'host' | 'address' | 'port' | 'tls'>): string {
  const named = host === address || host === `[${address}]`
  const where = hostAndPort(named ? address : host, port)
  return `${where}${tls === 'direct' ? ' with direct TLS' : ''}${named ? '' : ` at ${address}`}`
}

/** As many as the dialler tries: more is not for want of time. */
const ALL_ATTEMPTS = 8

function aboutTime(seen: ProbeSeen): ProbeFinding[] {
  if (seen.untried.length === 0) return []
  const failure = { reason: 'SP-225', detail: `not tried: ${seen.untried.join(', ')}` } as const
  if (seen.attempts.length < ALL_ATTEMPTS) return [finding(seen, seen.domain, failure)]
  const means = `There are more than ${ALL_ATTEMPTS} addresses.`
  return [finding(seen, seen.domain, failure, { severity: 'note', means, act: 'Nothing: so many are tried.' })]
}

function aboutPing(seen: ProbeSeen): ProbeFinding[] {
  const { ping, domain } = seen
  const failed = seen.inbound.filter(({ state }) => state === 'failed')
  switch (ping?.outcome) {
    case undefined:
    case 'unsent':
      return []
    case 'untested':
      return [finding(seen, domain, { reason: 'SP-226', detail: '' }, { severity: 'note' })]
    case 'answered':
      return failed.flatMap((inbound) => aboutInbound(seen, inbound, 'note'))
    case 'unanswered':
  }
  if (failed.length > 0) return failed.flatMap((inbound) => aboutInbound(seen, inbound, 'fault'))
  if (ping.ended) return [finding(seen, `the stream from us to ${domain}`, ping.ended)]
  const waited = `waited for ${Math.round((ping.ms ?? 0) / 1000)} s`
  const came = seen.inbound.some(({ state }) => state === 'ready')
  return [finding(seen, domain, { reason: came ? 'SP-224' : 'SP-223', detail: waited })]
}

function aboutInbound(seen: ProbeSeen, inbound: ProbeInbound, severity: Better['severity'] & string): ProbeFinding[] {
  const { failure, address } = inbound
  if (!failure) return []
  const where = `the stream from ${address} to us`
  // What our own list says is no fault of theirs.
  if (failure.reason !== seen.ours.refused) return [finding(seen, where, failure, { severity })]
  const means = `Not admitted here, as expected: ${catalogued(failure.reason).means}`
  return [finding(seen, where, { ...failure, detail: '' }, { severity: 'note', side: 'ours', means })]
}
