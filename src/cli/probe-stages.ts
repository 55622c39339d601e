// The stages of a probe in words, each when it is there.

import type { ProbeOutput, ProbeProgressOutput } from '../admin/probe-shapes.ts'
import { reasonOf } from '../admin/schemas.ts'
import { tone, type Cell, type Output } from './output.ts'
import { hostPort } from './quickstart-plan.ts'
import { count } from './text.ts'

type Attempt = ProbeOutput['attempts'][number]
type Inbound = ProbeOutput['inbound'][number]
type Question = ProbeOutput['hosts'][number]['questions'][number]
type Failure = NonNullable<NonNullable<ProbeOutput['dns']>['failure']>
type Row = readonly [string, Cell]

/** Shows one stage. */
export function showStage(output: Output, progress: ProbeProgressOutput): void {
  switch (progress.kind) {
    case 'start':
      return showStart(output, progress)
    case 'doing':
      return output.watched ? output.note(tone('quiet', `… ${progress.what}`)) : undefined
    case 'dns':
      return showDns(output, progress.dns)
    case 'host':
      return output.facts([
        ...progress.host.questions.map(questionRow),
        ...failed(progress.host.host, progress.host.failure),
      ])
    case 'attempt':
      return showAttempt(output, progress.attempt)
    case 'ping':
      return showPing(output, progress.ping)
    case 'inbound':
      return showInbound(output, progress.inbound)
  }
}

const failed = (what: string, failure: Failure | undefined): readonly Row[] =>
  failure ? [[what, tone('bad', because(failure))]] : []

/** `SP-302 certificate-expired: what exactly` */
function because({ reason, detail }: Failure): string {
  const name = reasonOf(reason)?.name ?? ''
  return `${reason} ${name}${detail === '' ? '' : `: ${detail}`}`
}

function showStart(output: Output, { domain, at, ours }: Extract<ProbeProgressOutput, { kind: 'start' }>): void {
  output.line(tone('strong', `Probing ${domain}`), ` for ${ours.domain}, ${at.slice(0, 19).replace('T', ' ')} UTC`)
  const refused = reasonOf(ours.refused)
  output.facts([
    ['partner entry', ours.entry ?? 'none'],
    ['admitted', refused === undefined ? 'yes' : `no: ${refused.means} (${refused.id})`],
    ['we listen on', ours.listeners.join(', ')],
    ['we show', ours.certificate && certificateText(ours.certificate)],
  ])
}

function showDns(output: Output, { routes, questions, targets, fallback, failure }: NonNullable<ProbeOutput['dns']>) {
  output.heading('Where it is')
  output.facts([
    ...(routes ? [['DNS', 'not asked: `connect:` of the entry says where'] as const] : []),
    ...questions.map(questionRow),
    ...failed('result', failure),
    ['leads to', `${targets.map(portText).join(', ')}${fallback ? ' (no SRV records: the domain itself)' : ''}`],
  ])
}

const portText = ({ host, port, tls }: Pick<Attempt, 'host' | 'port' | 'tls'>): string =>
  `${hostPort({ host, port })}${tls === 'direct' ? ' (direct TLS)' : ''}`

function questionRow({ name, type, ms, records, failure }: Question): Row {
  const answer = failure ? failure.detail : records.join(', ') || 'no records'
  const text = `${answer}  (${ms} ms)`
  return [`${type} ${name}`, failure && !failure.absent ? tone('bad', text) : text]
}

function showAttempt(output: Output, attempt: Attempt): void {
  const { host, address, from, connectMs, secured, certificate, offers, authentication, dialback } = attempt
  output.heading(`${portText(attempt)}${host === address ? '' : ` at ${address}`}`)
  const offered = (when: string): readonly Row[] =>
    offers.flatMap((offer) => (offer.when === when ? [[OFFERED[offer.when], offerText(offer)] as const] : []))
  output.facts([
    ['TCP', connectMs === undefined ? undefined : `connected in ${connectMs} ms from ${from ?? 'unknown'}`],
    ...offered('plain'),
    ['TLS', secured && tlsText(secured)],
    ...(certificate ? certificateRows(certificate, attempt.method === 'dialback') : []),
    ...offered('secured'),
    [
      'authentication',
      authentication &&
        tone(authentication === 'accepted' ? 'good' : dialback ? 'careful' : 'bad', `${authentication}, ours by them`),
    ],
    ['dialback', dialback && DIALBACK[dialback]],
    ...offered('authenticated'),
    [
      'stream',
      attempt.readyMs === undefined
        ? undefined
        : tone('good', `ready after ${attempt.readyMs} ms, proven by ${attempt.method ?? 'nothing'}`),
    ],
    ...failed('failed', attempt.failure),
  ])
}

const DIALBACK = {
  asked: tone('bad', 'our key shown, and no word on it'),
  accepted: tone('good', 'our key accepted by them'),
  refused: tone('bad', 'our key refused by them'),
} as const

const OFFERED = { plain: 'offers', secured: 'offers in TLS', authenticated: 'offers at last' } as const

function offerText({ features, mechanisms }: Attempt['offers'][number]): string {
  const names = features.map((name) => name.replace(/^\{.*\}/, ''))
  return [...names, ...mechanisms.map((name) => `SASL ${name}`)].join(', ') || 'nothing'
}

const tlsText = ({ version, cipher, group }: NonNullable<Attempt['secured']>): string =>
  `${version}, ${cipher}, key exchange ${group ?? 'not told'}`

function certificateText({
  subject,
  issuer,
  names,
  notBefore,
  notAfter,
  key,
}: NonNullable<Inbound['certificate']>): string {
  const valid = `valid ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`
  return `${subject}, ${names.length > 0 ? `for ${names.join(', ')}, ` : ''}by ${issuer}, ${valid}, ${key}`
}

/** @param dialback the stream became ready by dialback, for which a certificate need prove nothing */
function certificateRows(
  { certificates, matching, proven, anchor, failure }: NonNullable<Attempt['certificate']>,
  dialback: boolean,
): readonly Row[] {
  const missing = dialback ? 'careful' : 'bad'
  const why = `${failure ? because(failure) : 'no'}${dialback ? '; it need not be, DNS names this server' : ''}`
  return [
    ...certificates.map((one, at): Row => [at === 0 ? 'certificate' : `sent with it`, certificateText(one)]),
    ['key', certificates[0]?.spki],
    ['names the domain', matching ?? tone(missing, 'no')],
    ['trusted', proven ? tone('good', `yes, by ${anchor ?? ''}`) : tone(missing, why)],
  ]
}

function showPing(output: Output, { outcome, way, ms = 0, error, ended }: NonNullable<ProbeOutput['ping']>): void {
  output.heading('Ping, and their way to us')
  switch (outcome) {
    case 'answered': {
      const on = way === 'ours' ? 'on our own stream' : 'on a stream of theirs to us'
      return output.line('  ', tone('good', `answered after ${ms} ms, ${on}${error ? ', with an error' : ''}`))
    }
    case 'unanswered':
      return output.line('  ', `not answered within ${ms} ms${ended ? `; our stream ended: ${because(ended)}` : ''}`)
    case 'untested':
      return output.line('  ', 'not tested: no gateway runs here')
    case 'unsent':
      return output.line('  ', 'not sent: no stream came about')
  }
}

function showInbound(output: Output, inbound: Inbound): void {
  const { address, at, standing, state, secured, certificate, anchor, method, failure } = inbound
  output.line('  ', tone('strong', `their stream from ${address}`), standing ? ` up since ${at.slice(0, 19)}` : '')
  output.facts(
    [
      ['TLS', secured && tlsText(secured)],
      ['certificate', certificate && certificateText(certificate)],
      ['trusted by', anchor],
      ['state', state === 'ready' ? tone('good', `ready, proven by ${method ?? 'certificate'}`) : state],
      ...failed('failed', failure),
    ],
    '    ',
  )
}

/** Addresses that were left out. */
export function showUntried(output: Output, { untried }: ProbeOutput): void {
  if (untried.length > 0) output.line(tone('careful', `${count(untried.length, 'address', 'addresses')} not tried`))
}
