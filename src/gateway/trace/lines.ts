// What somebody who traces a peer reads of one sight of a connection: a line of words or of XML.
//
// SECURITY: of what a peer says in the negotiation, texts are shown only where they are the names of offers or the words of
// an error. So the payloads of SASL, the keys of dialback and the handshakes of components are never seen, whatever is
// asked for. Of stanzas, contents are shown only where `bodies` says so.

import type { Sight } from '../../net/observer.ts'
import { elementKind, type ElementKind } from '../../stream/elements.ts'
import type { CloseEffect, Effect, StreamEvent } from '../../stream/types.ts'
import type { CertificateSummary, Verdict } from '../../trust/verdict.ts'
import type { Frame, StreamHeader } from '../../xml/frame.ts'
import { mask, type Showing } from '../../xml/mask.ts'
import { attribute, STREAM_FOOTER } from '../../xml/write.ts'
import { reason as entry } from '../../xmpp/reasons.ts'
import { hostAndPort } from '../status.ts'
import type { Said } from './report.ts'

/** What is said of a sight; nothing of what only the automaton cares for. */
export function linesOf(sight: Sight, bodies: boolean): readonly Said[] {
  if (sight.kind === 'event') return eventLines(sight.event)
  if (sight.kind === 'effect') return effectLines(sight.effect)
  if (sight.kind !== 'stanza') return [connectionLine(sight)]
  return [{ what: 'stanza', way: sight.way, text: stanzaText(sight.bytes, bodies) }]
}

function connectionLine(sight: Extract<Sight, { kind: 'connecting' | 'connected' | 'unconnected' }>): Said {
  const { target, address } = sight
  const where = hostAndPort(address, target.port)
  if (sight.kind === 'connecting') {
    const named = target.host === address ? '' : ` (${target.host})`
    return { what: 'connection', text: `connects to ${where}${named}, ${target.tls}` }
  }
  if (sight.kind === 'connected')
    return { what: 'connection', text: `is connected to ${where}, from ${sight.from}`, mood: 'good' }
  const { reason, detail } = sight.failure
  return { what: 'connection', text: `is not connected to ${where}: ${detail}`, mood: 'bad', reason }
}

function eventLines(event: StreamEvent): readonly Said[] {
  switch (event.kind) {
    case 'header':
      return [{ what: 'stream', way: 'in', text: headerText(event.header) }]
    case 'element':
      return isChatter(event.frame) ? [] : [{ what: 'stream', way: 'in', text: elementText(event.frame) }]
    case 'footer':
      return [{ what: 'stream', way: 'in', text: STREAM_FOOTER }]
    case 'identified':
      return event.found ? [] : [{ what: 'tls', text: `no certificate to show: ${event.detail}`, mood: 'bad' }]
    case 'secured': {
      const { version, cipher, group } = event.tls ?? { version: 'TLS', cipher: '' }
      const parts = [version, cipher, group, `the peer showed ${event.certificate ? 'a' : 'no'} certificate`]
      return [{ what: 'tls', text: parts.filter(Boolean).join(', '), mood: 'good' }]
    }
    case 'verified':
      return [verdictLine(event.verdict)]
    case 'judged': {
      const { judgement } = event
      if (judgement.valid) {
        const { pair, method } = judgement.proven
        return [{ what: 'dialback', text: `${pair.remote} is proven to ${pair.local}, by ${method}`, mood: 'good' }]
      }
      const { pair, reason, detail, reference } = judgement
      const text = `${pair.remote} is not proven to ${pair.local}: ${because(reason, detail)}`
      return [{ what: 'dialback', text, mood: 'bad', reason, reference }]
    }
    case 'fault':
      return [
        { what: 'stream', way: 'in', text: because(event.reason, event.detail), mood: 'bad', reason: event.reason },
      ]
    case 'connected':
    case 'deadline':
    case 'idle':
    case 'ended':
    case 'quit':
      break // what follows from it says so
  }
  return []
}

function effectLines(effect: Effect): readonly Said[] {
  switch (effect.kind) {
    case 'header': {
      const { from, to } = effect
      return [{ what: 'stream', way: 'out', text: `<stream:stream${attribute('from', from)}${attribute('to', to)}>` }]
    }
    case 'send':
      return [{ what: 'stream', way: 'out', text: ourText(effect.xml) }]
    case 'start-tls':
    case 'accept-tls':
      return [{ what: 'tls', text: 'the handshake begins' }]
    case 'ready':
    case 'proven': {
      const { pair, method } = effect.proven
      const both = effect.kind === 'ready' && effect.bidi ? ', for stanzas both ways' : ''
      const text = `ready between ${pair.local} and ${pair.remote}, by ${method}${both}`
      return [{ what: 'stream', text, mood: 'good' }]
    }
    case 'answered': {
      const { answer } = effect
      const text = answer.verdict === 'error' ? `error ${answer.condition} ${answer.detail}` : answer.verdict
      return [{ what: 'dialback', text: `the answer about the key: ${text.trim()}` }]
    }
    case 'footer':
      return [{ what: 'stream', way: 'out', text: STREAM_FOOTER }]
    case 'close':
      return partingWords(effect)
    case 'acks': {
      const ways = effect.counts.map((way) => (way === 'ours' ? 'by the peer' : 'by us'))
      return [{ what: 'stream', text: `stanzas are acknowledged ${ways.join(' and ') || 'by nobody'}` }]
    }
    case 'acknowledge':
    case 'acknowledged':
    case 'identify':
    case 'restart':
    case 'early':
    case 'verify':
    case 'judge':
      break
  }
  return []
}

/** Acknowledgements and requests for them, as many as stanzas. XEP-0198 §4 */
const isChatter = (frame: Frame): boolean => CHATTER.has(elementKind(frame))
const CHATTER: ReadonlySet<ElementKind> = new Set<ElementKind>(['ask', 'ack'])

/** What we still say; why it ends is told with the reference, by whoever has it. */
function partingWords({ say, condition, application = '' }: CloseEffect): readonly Said[] {
  if (say === 'nothing') return []
  const error = say === 'error' && condition ? `<stream:error><${condition}/>${application}</stream:error>` : ''
  return [{ what: 'stream', way: 'out', text: `${error}${STREAM_FOOTER}` }]
}

/** The end of a stream, or of an attempt at one. */
export function endLine(end: Pick<CloseEffect, 'reason' | 'detail' | 'by'>, reference: string): Said {
  const { reason, detail, by } = end
  const who = { us: 'by us', peer: 'by the peer', network: 'by the network' }[by]
  const quiet = entry(reason).act.startsWith('Nothing')
  const text = `ended ${who}: ${because(reason, detail)}`
  return { what: 'stream', text, reason, reference, ...(quiet ? {} : { mood: 'bad' as const }) }
}

/** A reason in words. */
export const because = (reason: Parameters<typeof entry>[0], detail: string): string =>
  `${entry(reason).name}${detail === '' ? '' : ` (${detail})`}`

function verdictLine(verdict: Verdict): Said {
  const whose = verdict.certificate ? certificateText(verdict.certificate) : ''
  if (verdict.proven) {
    const until = verdict.certificate.notAfter
    return {
      what: 'tls',
      text: `the certificate proves the name: ${whose}, by ${verdict.anchor}, until ${until}`,
      mood: 'good',
    }
  }
  const { reason, detail } = verdict
  const text = `the certificate does not prove the name: ${because(reason, detail)}${whose && `; ${whose}`}`
  return { what: 'tls', text, mood: 'bad', reason }
}

function certificateText({ subject, issuer, names }: CertificateSummary): string {
  const shown = names.slice(0, MOST_NAMES).join(', ')
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : ''
  return `${subject || 'no subject'} with ${shown || 'no names'}${more}, issued by ${issuer}`
}

const MOST_NAMES = 6

function headerText({ from, to, id, version, lang, scope }: StreamHeader): string {
  const said = { xmlns: scope.defaultNamespace || undefined, from, to, id, version, 'xml:lang': lang }
  const spaces = [...scope.prefixes].map(([prefix, namespace]) => attribute(`xmlns:${prefix}`, namespace))
  const attributes = Object.entries(said).map(([name, value]) => attribute(name, value))
  return `<stream:stream${spaces.join('')}${attributes.join('')}>`
}

const SHOWN: Readonly<Partial<Record<ElementKind, Showing>>> = {
  'stream-error': 'all',
  features: 'all',
  'tls-failure': 'all',
  'sasl-failure': 'all',
  stanza: 'addressing',
  unknown: 'addressing',
}

function elementText(frame: Frame): string {
  const kind = elementKind(frame)
  if (kind === 'stanza') return `too early: ${stanzaText(frame.bytes, false)}`
  return clip(mask(frame.bytes.toString(), SHOWN[kind] ?? 'attributes').xml)
}

/** Of our own words, those that carry no secret. */
const PLAIN = /^<(?:stream:features|stream:error|failure)[\s/>]/

function ourText(xml: string): string {
  const element = xml.replace(/^<\?xml[^>]*>/, '')
  return clip(mask(element, PLAIN.test(element) ? 'all' : 'attributes').xml)
}

const stanzaText = (bytes: Buffer, bodies: boolean): string =>
  clip(mask(bytes.toString(), bodies ? 'all' : 'addressing').xml)

const LONGEST = 4000

const clip = (text: string): string =>
  text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()} … (${text.length - LONGEST} more)`
