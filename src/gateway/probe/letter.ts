// The text for the partner's administrator: what we tried, what we saw, what we ask, and what they need to find us in
// their log. Plain words and plain lines, to be pasted into a mail. Pure.
//
// SECURITY: it says nothing of our lists and rules, and of our addresses only those that their server has seen anyway.

import type { CertificateSummary } from '../../trust/verdict.ts'
import { placeOf } from './findings.ts'
import type { ProbeAttempt, ProbeFinding, ProbeInbound, ProbeQuestion, ProbeSeen } from './report.ts'

/** The letter; undefined when there is nothing to ask of them. */
export function letterOf(seen: ProbeSeen, findings: readonly ProbeFinding[]): string | undefined {
  const asked = findings.filter(({ severity, side }) => severity === 'fault' && side !== 'ours')
  if (asked.length === 0) return undefined
  const { domain, ours } = seen
  const reported = asked.flatMap(({ sentence, request }, at) => [
    `${asked.length > 1 ? `${at + 1}. ` : ''}${sentence}`,
    ...(request === undefined ? [] : [request]),
    '',
  ])
  return `${[
    `Subject: XMPP federation between ${ours.domain} and ${domain}`,
    '',
    'Hello,',
    '',
    `we run the XMPP service of ${ours.domain} and have tested the connection with your service ${domain} on ${day(seen.at)} at ${time(seen.at)}. ${asked.length > 1 ? 'Some things do' : 'One thing does'} not work yet:`,
    '',
    ...reported,
    'What we did (all times in UTC):',
    ...(seen.dns?.questions ?? []).map(questionLine),
    ...seen.hosts.flatMap(({ questions }) => questions.map(questionLine)),
    ...seen.attempts.map(attemptLine),
    ...seen.inbound.map(inboundLine),
    ...certificateLines('The certificate your server showed', shown(seen)),
    ...certificateLines('Our certificate', ours.certificate),
    '',
    'If something on our side has to change, please tell us.',
    '',
    'Thank you, and kind regards',
  ].join('\n')}\n`
}

const day = (iso: string): string => iso.slice(0, 10)
const time = (iso: string): string => `${iso.slice(11, 19)} UTC`
const clock = (iso: string): string => iso.slice(11, 19)

function questionLine({ name, type, records, failure }: ProbeQuestion): string {
  return `- asked DNS for ${type} ${name}: ${failure ? failure.detail : records.join(', ') || 'no records'}`
}

function attemptLine(attempt: ProbeAttempt): string {
  const { at, from, secured, failure, authentication, dialback } = attempt
  const steps = [
    from === undefined ? 'tried to connect' : `connected from ${from}`,
    ...(secured ? [`${secured.version} ${secured.cipher}`] : []),
    ...(authentication === undefined ? [] : [`authentication ${authentication}`]),
    ...(dialback === undefined ? [] : [`dialback ${dialback}`]),
    failure ? `then: ${failure.detail || failure.condition || 'it ended'}` : 'all right',
    ...(failure?.by === 'us' && from !== undefined ? [`reference ${failure.reference}`] : []),
  ]
  return `- ${clock(at)} to ${placeOf(attempt)}: ${steps.join(', ')}`
}

function inboundLine({ at, address, secured, failure, standing }: ProbeInbound): string {
  const steps = [
    ...(secured ? [`${secured.version} ${secured.cipher}`] : []),
    failure ? `ended with ${failure.condition ?? 'no error'}, reference ${failure.reference}` : 'all right',
  ]
  return `- ${clock(at)}${standing ? ` on ${day(at)}` : ''} from your server at ${address} to us: ${steps.join(', ')}`
}

function shown({ attempts, inbound }: ProbeSeen): CertificateSummary | undefined {
  const wrong = attempts.find(({ certificate, failure }) => failure && certificate)?.certificate
  const first = wrong ?? attempts.find(({ certificate }) => certificate)?.certificate
  return inbound.find(({ failure, certificate }) => failure && certificate)?.certificate ?? first?.certificates[0]
}

function certificateLines(title: string, certificate: CertificateSummary | undefined): readonly string[] {
  if (!certificate) return []
  const { subject, issuer, names, notBefore, notAfter, spki, key } = certificate
  return [
    '',
    `${title}: ${subject}`,
    `- issued by ${issuer}`,
    `- names: ${names.join(', ') || 'none'}`,
    `- valid from ${day(notBefore)} until ${day(notAfter)}, ${key}`,
    `- ${spki}`,
  ]
}
