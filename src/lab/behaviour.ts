// How the users of a lab server behave: pure functions from the stanza that arrived to the stanzas that answer it. They
// are polite people with good clients: they confirm receipt, accept contacts and say what their software is.

import xml, { type Element } from '@xmpp/xml'
import { NS } from '../xmpp/namespaces.ts'

/** Everything these servers can be asked about. */
const ANSWERS: Readonly<Record<string, () => Element>> = {
  [NS.ping]: () => xml('nothing'),
  'http://jabber.org/protocol/disco#info': () =>
    xml(
      'query',
      { xmlns: 'http://jabber.org/protocol/disco#info' },
      xml('identity', { category: 'server', type: 'im', name: 'Sallyport lab' }),
      xml('feature', { var: NS.ping }),
    ),
  'vcard-temp': () => xml('vCard', { xmlns: 'vcard-temp' }, xml('FN', {}, 'Somebody in the lab')),
}

/**
 * What a server answers to one stanza.
 *
 * @param stanza as it arrived, addresses included
 * @param users the local parts that exist here
 * @returns answers in order; none for what is only to be read
 */
export function answers(stanza: Element, users: ReadonlySet<string>): readonly Element[] {
  const { to, from, type } = stanza.attrs
  if (to === undefined || from === undefined || type === 'error' || type === 'result') return []
  const [local] = to.includes('@') ? to.split('@') : [undefined]
  if (local !== undefined && !users.has(local)) {
    const silent = stanza.is('presence') && type === 'unavailable'
    return silent ? [] : [refusal(stanza, 'service-unavailable')]
  }
  if (stanza.is('iq')) return [answerToIq(stanza)]
  if (stanza.is('presence')) return answersToPresence(stanza)
  return receipt(stanza)
}

function answerToIq(stanza: Element): Element {
  const { to, from, id } = stanza.attrs
  const payload = stanza.getChildElements()[0]
  const answer = payload && ANSWERS[payload.getNS() ?? '']
  if (!answer) return refusal(stanza, 'service-unavailable')
  const body = answer()
  return xml('iq', { type: 'result', id, from: to, to: from }, ...(body.is('nothing') ? [] : [body]))
}

function answersToPresence(stanza: Element): readonly Element[] {
  const { to, from, type } = stanza.attrs
  if (type === 'subscribe') {
    return [
      xml('presence', { type: 'subscribed', from: to, to: from }),
      xml('presence', { from: `${to}/lab`, to: from }, xml('status', {}, 'In the lab')),
    ]
  }
  return type === 'probe' ? [xml('presence', { from: `${to}/lab`, to: from })] : []
}

/** XEP-0184 §5.3 */
function receipt(stanza: Element): readonly Element[] {
  const { to, from, id } = stanza.attrs
  if (id === undefined || !stanza.getChild('request', 'urn:xmpp:receipts')) return []
  return [xml('message', { from: to, to: from }, xml('received', { xmlns: 'urn:xmpp:receipts', id }))]
}

function refusal(stanza: Element, condition: string): Element {
  const { to, from, id } = stanza.attrs
  const error = xml('error', { type: 'cancel' }, xml(condition, { xmlns: NS.stanzaConditions }))
  return xml(stanza.name, { type: 'error', from: to, to: from, ...(id === undefined ? {} : { id }) }, error)
}
