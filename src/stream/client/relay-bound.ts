// A session after its log-in, as rows of its table: until its address is bound, or an older session is resumed; and, once
// it is, what is said that is no stanza.
//
// SECURITY: a request for an address passes no checkpoint, since nobody sends it yet: what was read of it is said anew.

import { parseElement } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { attribute, escapeText } from '../../xml/write.ts'
import { bareAddress, formatAddress, parseAddress } from '../../xmpp/address.ts'
import { parseDomain } from '../../xmpp/domain.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { quote } from '../quote.ts'
import { rewriteFeatures } from './features.ts'
import { rewriteEnabled } from './log-in.ts'
import type { Known, Of, RelayEffect, RelayState, RelayStep, Row } from './relay-types.ts'
import {
  carried,
  endRelay,
  isBind,
  isFeatures,
  nameOf,
  NOT_REMEMBERED,
  outOfTurn,
  strange,
  tooLong,
} from './relay-words.ts'
import { LARGEST_WORD } from './sasl.ts'

/** A client asks for the session that it had, or for a few; no more of them that nobody remembers. */
const MOST_UNRESUMED = 5

export const reopeningRow: Row<'reopening'> = {
  'core-header': (s) => [s],
  core({ known }, { frame }) {
    if (!isFeatures(frame)) return strange(frame, { phase: 'reopening' })
    const unbound = { phase: 'unbound', known, asked: undefined, unresumed: 0 } as const
    const [next, ...effects] = offered({ ...unbound, offer: undefined }, frame)
    return [next, { kind: 'open', domain: known.domain }, ...effects]
  },
}

export const unboundRow: Row<'unbound'> = {
  client(s, { frame }) {
    const { known, offer, unresumed } = s
    if (frame.raw.length > LARGEST_WORD) return tooLong(nameOf(frame))
    if (isBind(frame) && s.asked === undefined) {
      // The answer would be nobody's. RFC 6120 §8.1.3
      if (frame.id === undefined) return endRelay('SP-821', 'no id', 'bad-format')
      const bytes = bindRequest(frame, frame.id, known)
      return bytes
        ? [
            { ...s, asked: frame.id },
            { kind: 'to-core', bytes },
          ]
        : outOfTurn(frame, s)
    }
    if (frame.namespace === NS.sm && frame.name === 'resume' && s.asked === undefined) {
      if (unresumed >= MOST_UNRESUMED) return endRelay('SP-812', `${unresumed} sessions that nobody remembers`)
      return [
        { phase: 'resuming', known, offer, unresumed, address: undefined },
        { kind: 'resume', frame },
      ]
    }
    return outOfTurn(frame, s)
  },
  core(s, { frame }) {
    const { known, asked } = s
    if (isFeatures(frame)) return offered(s, frame)
    const forward: RelayEffect = { kind: 'to-client', bytes: carried(frame) }
    const isAnswer = frame.namespace === NS.client && frame.name === 'iq' && asked !== undefined && frame.id === asked
    // As yet there is nobody to whom it could say anything else. RFC 6120 §7.1
    if (!isAnswer) return s.offer?.namespaces.has(frame.namespace) && frame.namespace !== NS.sm ? [s, forward] : [s]
    if (frame.type !== 'result') return [{ ...s, asked: undefined }, forward]
    const jid = parseElement(frame).getChild('bind', NS.bind)?.getChildText('jid')
    return bound(s, known, jid ?? '', forward)
  },
}

export const resumingRow: Row<'resuming'> = {
  remembered(s, { bytes, address }) {
    if (bytes !== undefined && address !== undefined)
      return [
        { ...s, address },
        { kind: 'to-core', bytes },
      ]
    return [unresumed(s), { kind: 'answer', bytes: NOT_REMEMBERED }]
  },
  core(s, { frame }) {
    const { known, offer, address } = s
    if (frame.namespace !== NS.sm || address === undefined) return strange(frame, s)
    if (frame.name === 'failed') return [unresumed(s), { kind: 'not-resumed' }, { kind: 'count-to-client', frame }]
    if (frame.name !== 'resumed') return strange(frame, s)
    return [
      { phase: 'bound', known, offer, address },
      { kind: 'bound', address },
      { kind: 'resumed', frame },
    ]
  },
}

export const boundRow: Row<'bound'> = {
  client(s, { frame }) {
    if (frame.raw.length > LARGEST_WORD) return tooLong(nameOf(frame))
    if (frame.namespace === NS.sm) return counted(s, frame)
    // What was offered may be said.
    if (s.offer?.namespaces.has(frame.namespace) && frame.namespace !== NS.sasl && frame.namespace !== NS.sasl2)
      return [s, { kind: 'to-core', bytes: carried(frame) }]
    return endRelay('SP-813', nameOf(frame))
  },
  core(s, { frame }) {
    if (isFeatures(frame)) return offered(s, frame)
    if (frame.namespace === NS.sm) {
      if (frame.name === 'enabled') {
        const { enabled, bytes } = rewriteEnabled(frame)
        return [s, { kind: 'to-client', bytes }, { kind: 'counted', enabled }]
      }
      return [s, { kind: 'count-to-client', frame }]
    }
    if (s.offer?.namespaces.has(frame.namespace)) return [s, { kind: 'to-client', bytes: carried(frame) }]
    return [s] // Nobody was told of such a thing.
  },
}

/** The core says what it offers, anew. */
function offered(s: Of<'unbound' | 'bound'>, frame: Frame): RelayStep {
  const offer = rewriteFeatures(frame)
  return [
    { ...s, offer },
    { kind: 'offer', offer },
  ]
}

const unresumed = ({ known, offer, unresumed: times }: Of<'resuming'>): RelayState => ({
  ...{ phase: 'unbound', known, offer, asked: undefined },
  unresumed: times + 1,
})

/** What the core hears of a request for an address; undefined: it is none. RFC 6120 §7.6, §7.7 */
function bindRequest(frame: Frame, id: string, { domain }: Known): Buffer | undefined {
  const asked = parseElement(frame).getChild('bind', NS.bind)
  if (!asked) return undefined
  const resource = asked.getChildText('resource')
  const wanted = typeof resource === 'string' ? `<resource>${escapeText(resource)}</resource>` : ''
  // Some clients look for the answer of whom they have asked.
  const to = frame.to !== undefined && parseDomain(frame.to) === domain ? frame.to : undefined
  const named = attribute('id', id) + attribute('to', to)
  return Buffer.from(`<iq type='set'${named}><bind xmlns='${NS.bind}'>${wanted}</bind></iq>`)
}

/** RFC 6120 §7.6 */
function bound({ offer }: Of<'unbound'>, known: Known, jid: string, forward: RelayEffect): RelayStep {
  const address = parseAddress(jid)
  const isTheirs = address?.resource !== undefined && bareAddress(address) === known.user
  if (!isTheirs) return endRelay('SP-807', `it binds ${quote(jid)} to ${known.user}`)
  const full = formatAddress(address)
  return [{ phase: 'bound', known, offer, address: full }, { kind: 'bound', address: full }, forward]
}

/** A client's word about counts. XEP-0198 §3, §4 */
function counted(s: Of<'bound'>, frame: Frame): RelayStep {
  switch (frame.name) {
    case 'enable':
      return [s, { kind: 'to-core', bytes: carried(frame) }, { kind: 'counting' }]
    case 'r':
      return [s, { kind: 'to-core', bytes: carried(frame) }]
    case 'a':
      return [s, { kind: 'count-to-core', frame }]
    default:
      return outOfTurn(frame, s)
  }
}
