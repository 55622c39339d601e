// The scenarios of interoperability, I-01 to I-39: what is played with a live partner that nobody has prepared, and of the
// others why they are not. Whoever is asked is the partner's server, which answers by itself; its answers come by its own
// stream to us, unless that goes both ways.

import type { Pattern } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import type { Scenario, Step } from './scenario.ts'

const { STANZA_ERRORS } = NAMESPACES

const USER = 'It takes a user of the partner: no account there is logged in at by this command.'
const BROKEN =
  'It takes a partner that is wrong on purpose: played with scripted peers (areas TLS and PKI of this report), not with a live one.'
const ROOM = 'It takes a room of the partner that lets our user in, and users of the partner in it.'

const iq = (payload: string, to = '{peer}'): string =>
  `<iq type='get' from='{user}' to='${to}' id='{id}'>${payload}</iq>`

const result = (...has: readonly Pattern[]): Pattern => ({
  ...{ name: 'iq', attributes: { type: 'result', id: '{id}', from: '{peer}', to: '{user}' } },
  ...(has.length > 0 && { has }),
})

/** An error with one of these conditions. */
const errors = (name: string, from: string, ...conditions: readonly string[]): readonly Pattern[] =>
  conditions.map((condition) => ({
    ...{ name, attributes: { type: 'error', id: '{id}', from, to: '{user}' } },
    has: [{ name: 'error', attributes: { type: true }, has: [{ name: condition, ns: STANZA_ERRORS }] }],
  }))

/** For what a server may do without. RFC 6120 §8.3.3.3, §8.4 */
const UNSUPPORTED = errors('iq', '{peer}', 'service-unavailable', 'feature-not-implemented')

/** XEP-0199 §4.2 */
const PING: Step = { says: iq("<ping xmlns='urn:xmpp:ping'/>"), answers: [result(), ...UNSUPPORTED] }

const INFO = 'http://jabber.org/protocol/disco#info'
const NOBODY = 'nobody-{id}@{peer}'

const not = (id: string, title: string, without: string): Scenario => ({ id, title, steps: [], without })

export const SCENARIOS: readonly Scenario[] = [
  { id: 'I-01', title: 'Found by SRV records', steps: [{ sees: 'service records' }, PING] },
  { id: 'I-02', title: 'Found at the place that its entry names', steps: [{ sees: 'its entry' }, PING] },
  { id: 'I-03', title: 'Found by A or AAAA, where there is no SRV', steps: [{ sees: 'its addresses' }, PING] },
  not(
    'I-04',
    'The second target of SRV, where the first fails',
    'It takes a second server of the partner, and its first one down.',
  ),
  {
    id: 'I-05',
    title: 'TLS and SASL EXTERNAL, both ways',
    steps: [PING, { sees: 'certificates' }],
  },
  not('I-06', 'A peer without TLS', BROKEN),
  not('I-07', 'A peer with a self-signed certificate', BROKEN),
  not('I-08', 'A peer with an expired certificate', BROKEN),
  not('I-09', 'A peer with a revoked certificate', BROKEN),
  not('I-10', 'A peer with a certificate for another name', BROKEN),
  not('I-11', 'A peer with a certificate of a CA that is not trusted', BROKEN),
  not('I-12', 'A peer whose certificate is not for clients', BROKEN),
  not('I-13', 'No responder of OCSP answers', 'It takes a responder of the partner that is down.'),
  not('I-14', 'A peer that leaves out its intermediate certificate', BROKEN),
  { id: 'I-15', title: 'Dialback within TLS, where the entry lets it do', steps: [PING, { sees: 'dialback' }] },
  { id: 'I-16', title: 'The pair of service types of XEP-0238', steps: [PING, { sees: 'grid' }] },
  not('I-17', 'Subscriptions, each way', USER),
  not('I-18', 'Presence in all its states', USER),
  not('I-19', 'Probes of presence', USER),
  not('I-20', 'Messages of all kinds and sizes', USER),
  not('I-21', 'Receipts and chat states', USER),
  {
    id: 'I-22',
    title: 'A user that is not there',
    without: 'The way in: it takes a user of the partner.',
    steps: [
      {
        says: iq("<query xmlns='jabber:iq:version'/>", NOBODY),
        // RFC 6121 §8.5.1
        answers: errors('iq', NOBODY, 'service-unavailable'),
      },
    ],
  },
  {
    id: 'I-23',
    title: 'Requests that a server answers: ping, disco, version, time, and what it does not know',
    without: 'The way in: it takes a user of the partner.',
    steps: [
      PING,
      {
        says: iq(`<query xmlns='${INFO}'/>`),
        answers: [result({ name: 'query', ns: INFO, has: [{ name: 'identity' }] })],
      },
      {
        says: iq("<query xmlns='jabber:iq:version'/>"),
        answers: [result({ name: 'query', ns: 'jabber:iq:version', has: [{ name: 'name' }] }), ...UNSUPPORTED],
      },
      {
        says: iq("<time xmlns='urn:xmpp:time'/>"),
        answers: [result({ name: 'time', ns: 'urn:xmpp:time', has: [{ name: 'utc' }] }), ...UNSUPPORTED],
      },
      { says: iq("<query xmlns='urn:example:unknown'/>"), answers: UNSUPPORTED },
    ],
  },
  not('I-24', 'Rooms: join, leave, history, subject, private words, nicks', ROOM),
  not('I-25', 'Roles in rooms', ROOM),
  not('I-26', 'Affiliations in rooms', ROOM),
  not('I-27', 'Invitations to rooms', ROOM),
  not('I-28', 'Kick, ban, destroy', ROOM),
  not('I-29', 'A room whose link is lost', ROOM),
  not('I-30', 'Labels that pass and that do not', USER),
  {
    id: 'I-31',
    title: 'A partner that policy denies, and admits again',
    without: 'The way in: it takes a user of the partner.',
    steps: [{ blocked: iq("<ping xmlns='urn:xmpp:ping'/>") }, PING],
  },
  not('I-32', 'Limits of rate', 'A live partner is not flooded: played with scripted peers (area LIM of this report).'),
  not('I-33', 'A link that is down for a minute, and for ten', 'It takes a link that can be cut.'),
  { id: 'I-34', title: 'The edge starts anew', steps: [{ restarts: 'gateway' }, PING] },
  { id: 'I-35', title: 'The core starts anew', steps: [{ restarts: 'core' }, PING] },
  not('I-36', 'A new certificate on either side', 'It takes a second certificate from the CA that the partner trusts.'),
  not('I-37', 'Proving the name anew every hour', 'It takes longer than an hour.'),
  not('I-38', 'Clocks that differ', 'It takes a host whose clock may be set wrongly.'),
  not('I-39', 'A day under load, every message accounted for', 'It takes a day.'),
]
