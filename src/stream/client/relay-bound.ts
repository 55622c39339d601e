// A session after its log-in, as rows of its table: until its address is bound, or an older session is resumed; and, once
// it is, what is said that is no stanza.

import { parseElement } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { bareAddress, formatAddress, parseAddress } from '../../xmpp/address.ts'
import { NS } from '../../xmpp/namespaces.ts'
import { quote } from '../quote.ts'
import { rewriteFeatures } from './features.ts'
import { rewriteEnabled } from './log-in.ts'
import type { Known, Of, RelayEffect, RelayStep, Row } from './relay-types.ts'
import { carried, endRelay, isBind, isFeatures, nameOf, NOT_REMEMBERED, outOfTurn, strange } from './relay-words.ts'

export const reopeningRow: Row<'reopening'> = {
  'core-header': (s) => [s],
  core({ known }, { frame }) {
    if (!isFeatures(frame)) return strange(frame, { phase: 'reopening' })
    const offer = rewriteFeatures(frame)
    return [
      { phase: 'unbound', known, offer, asked: undefined },
      { kind: 'open', domain: known.domain },
      { kind: 'offer', offer },
    ]
  },
}

export const unboundRow: Row<'unbound'> = {
  client(s, { frame }) {
    const { known, offer } = s
    if (isBind(frame) && s.asked === undefined) {
      return [
        { phase: 'unbound', known, offer, asked: frame.id ?? '' },
        { kind: 'to-core', bytes: carried(frame) },
      ]
    }
    if (frame.namespace === NS.sm && frame.name === 'resume' && s.asked === undefined) {
      return [
        { phase: 'resuming', known, offer, address: undefined },
        { kind: 'resume', frame },
      ]
    }
    return outOfTurn(frame, s)
  },
  core(s, { frame }) {
    const { known, asked } = s
    if (isFeatures(frame)) {
      const offer = rewriteFeatures(frame)
      return [
        { ...s, offer },
        { kind: 'offer', offer },
      ]
    }
    const forward: RelayEffect = { kind: 'to-client', bytes: carried(frame) }
    if (frame.name !== 'iq' || frame.id !== asked || asked === undefined) return [s, forward]
    if (frame.type !== 'result') return [{ ...s, asked: undefined }, forward]
    const jid = parseElement(frame).getChild('bind', NS.bind)?.getChildText('jid')
    return bound(s, known, jid ?? '', forward)
  },
}

export const resumingRow: Row<'resuming'> = {
  remembered(s, { bytes, address }) {
    const { known, offer } = s
    if (bytes !== undefined && address !== undefined)
      return [
        { ...s, address },
        { kind: 'to-core', bytes },
      ]
    return [
      { phase: 'unbound', known, offer, asked: undefined },
      { kind: 'to-client', bytes: NOT_REMEMBERED },
    ]
  },
  core(s, { frame }) {
    const { known, offer, address } = s
    if (frame.namespace !== NS.sm || address === undefined) return strange(frame, s)
    if (frame.name === 'failed') {
      return [
        { phase: 'unbound', known, offer, asked: undefined },
        { kind: 'count-to-client', frame },
      ]
    }
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
    if (frame.namespace === NS.sm) return counted(s, frame)
    // What was offered may be said.
    if (s.offer?.namespaces.has(frame.namespace) && frame.namespace !== NS.sasl && frame.namespace !== NS.sasl2)
      return [s, { kind: 'to-core', bytes: carried(frame) }]
    return endRelay('SP-813', nameOf(frame))
  },
  core(s, { frame }) {
    if (isFeatures(frame)) {
      const offer = rewriteFeatures(frame)
      return [
        { ...s, offer },
        { kind: 'offer', offer },
      ]
    }
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
