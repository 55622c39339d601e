// The scenarios of what servers and clients answer by themselves: I-22 and I-23.

import { NAMESPACES } from '../namespaces.ts'
import { answered, asks, DONE, errors, iq, result, resultFrom } from './making.ts'
import type { Scenario, Step } from './scenario.ts'

const { DISCO_INFO: INFO } = NAMESPACES

/** For what a server may do without. RFC 6120 §8.3.3.3, §8.4 */
const unsupported = (from: string) => errors('iq', from, 'service-unavailable', 'feature-not-implemented')
const UNSUPPORTED = unsupported('{peer}')

/** XEP-0199 §4.2 */
export const PING: Step = { says: iq("<ping xmlns='urn:xmpp:ping'/>"), answers: [result(), ...UNSUPPORTED] }

const VERSION = "<query xmlns='jabber:iq:version'/>"
const UNKNOWN = "<query xmlns='urn:example:unknown'/>"
const THERE = 'nobody-{id}@{peer}'
const HERE = 'nobody-{id}@{us}'

export const REQUESTS: readonly Scenario[] = [
  {
    id: 'I-22',
    title: 'A user, and a resource, that is not there',
    steps: [
      // RFC 6121 §8.5.1
      { says: iq(VERSION, THERE), answers: errors('iq', THERE, 'service-unavailable') },
    ],
    withAccount: [
      // RFC 6121 §8.5.3.2.3
      {
        says: iq(VERSION, '{theirBare}/nowhere'),
        answers: errors('iq', '{theirBare}/nowhere', 'service-unavailable'),
      },
      asks(VERSION, HERE, ...errors('iq', HERE, 'service-unavailable')),
      {
        by: 'theirs',
        says: `<message type='chat' to='${HERE}' id='{id}'><body>Anybody?</body></message>`,
        answers: errors('message', HERE, 'service-unavailable'),
      },
    ],
  },
  {
    id: 'I-23',
    title: 'Requests: ping, disco, version, time, vCard, and what nobody knows',
    steps: [
      PING,
      {
        says: iq(`<query xmlns='${INFO}'/>`),
        answers: [result({ name: 'query', ns: INFO, has: [{ name: 'identity' }] })],
      },
      {
        says: iq(VERSION),
        answers: [result({ name: 'query', ns: 'jabber:iq:version', has: [{ name: 'name' }] }), ...UNSUPPORTED],
      },
      {
        says: iq("<time xmlns='urn:xmpp:time'/>"),
        answers: [result({ name: 'time', ns: 'urn:xmpp:time', has: [{ name: 'utc' }] }), ...UNSUPPORTED],
      },
      { says: iq(UNKNOWN), answers: UNSUPPORTED },
    ],
    withAccount: [
      { says: iq("<ping xmlns='urn:xmpp:ping'/>", '{theirs}'), answers: [resultFrom('{theirs}')] },
      { says: iq(UNKNOWN, '{theirs}'), answers: unsupported('{theirs}') },
      {
        says: iq("<vCard xmlns='vcard-temp'/>", '{theirBare}'),
        answers: [
          resultFrom('{theirBare}', { name: 'vCard', ns: 'vcard-temp' }),
          ...errors('iq', '{theirBare}', 'item-not-found', 'service-unavailable', 'feature-not-implemented'),
        ],
      },
      asks("<ping xmlns='urn:xmpp:ping'/>", '{us}', DONE),
      asks(
        `<query xmlns='${INFO}'/>`,
        '{us}',
        answered('{us}', { name: 'query', ns: INFO, has: [{ name: 'identity' }] }),
      ),
      asks("<vCard xmlns='vcard-temp'/>", '{user}', answered('{user}', { name: 'vCard', ns: 'vcard-temp' })),
      asks(UNKNOWN, '{us}', ...unsupported('{us}')),
    ],
  },
]
