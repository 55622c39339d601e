// The scenarios of interoperability, I-01 to I-39: what is played with a live partner that nobody has prepared, what more is
// where there is an account of ours at it, and of the others why they are not. What the partner's server answers comes by its
// own stream to us, unless that goes both ways.

import { bothWays, iq, passes } from './making.ts'
import type { Scenario, Step } from './scenario.ts'
import { PEOPLE } from './scenarios-people.ts'
import { ROOMS } from './scenarios-rooms.ts'
import { PING } from './scenarios-requests.ts'

const BROKEN =
  'Needs a partner that is wrong on purpose: played with scripted peers (areas TLS and PKI of this report), not with a live one.'

const not = (id: string, title: string, without: string): Scenario => ({ id, title, steps: [], without })

/** Words that go there and come from there again. */
const TALK: readonly Step[] = bothWays((by, from, to) =>
  passes(by, `<message type='chat' from='${from}' to='${to}' id='{id}'><body>And on</body></message>`, {
    ...{ name: 'message', attributes: { from, id: '{id}', type: 'chat' }, has: [{ name: 'body', text: 'And on' }] },
  }),
)

/** Opaque to everybody but those who have the policy. XEP-0258 §2 */
const LABEL =
  "<securitylabel xmlns='urn:xmpp:sec-label:0'><displaymarking fgcolor='black' bgcolor='green'>UNCLASSIFIED</displaymarking><label><esssecuritylabel xmlns='urn:xmpp:sec-label:ess:0'>MQYCAQIGASk=</esssecuritylabel></label></securitylabel>"

export const SCENARIOS: readonly Scenario[] = [
  { id: 'I-01', title: 'Found by SRV records', steps: [{ sees: 'service records' }, PING] },
  { id: 'I-02', title: 'Found at the place that its entry names', steps: [{ sees: 'its entry' }, PING] },
  { id: 'I-03', title: 'Found by A or AAAA, where there is no SRV', steps: [{ sees: 'its addresses' }, PING] },
  not(
    'I-04',
    'The second target of SRV, where the first fails',
    'Needs a second server of the partner, and its first one down: played with scripted peers (area DNS).',
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
  not(
    'I-13',
    'No responder of OCSP answers',
    'Needs a responder of the partner that is down: played with scripted peers (area PKI).',
  ),
  not('I-14', 'A peer that leaves out its intermediate certificate', BROKEN),
  { id: 'I-15', title: 'Dialback within TLS, where the entry lets it do', steps: [PING, { sees: 'dialback' }] },
  { id: 'I-16', title: 'The pair of service types of XEP-0238', steps: [PING, { sees: 'grid' }] },
  ...PEOPLE,
  ...ROOMS,
  {
    id: 'I-30',
    title: 'Labels that pass and that do not',
    steps: [],
    withAccount: bothWays((by, from, to) =>
      passes(by, `<message type='chat' from='${from}' to='${to}' id='{id}'><body>Marked</body>${LABEL}</message>`, {
        ...{ name: 'message', attributes: { from, id: '{id}' } },
        has: [
          {
            ...{ name: 'securitylabel', ns: 'urn:xmpp:sec-label:0' },
            has: [{ name: 'displaymarking', text: 'UNCLASSIFIED' }, { name: 'label' }],
          },
        ],
      }),
    ),
    without: 'Labels that do not pass: which they are is for the policy of each side to say.',
  },
  {
    id: 'I-31',
    title: 'A partner that policy denies, and admits again',
    steps: [{ blocked: iq("<ping xmlns='urn:xmpp:ping'/>") }, PING],
    withAccount: [
      {
        blocked: iq("<ping xmlns='urn:xmpp:ping'/>"),
        meanwhile: [
          { by: 'theirs', tells: "<message type='chat' to='{ours}' id='{id}'><body>Let me in</body></message>" },
          { to: 'ours', stays: { name: 'message' }, forMs: 3000 },
        ],
      },
    ],
  },
  not('I-32', 'Limits of rate', 'A live partner is not flooded: played with scripted peers (area LIM of this report).'),
  not(
    'I-33',
    'A link that is down for a minute, and for ten',
    'Needs outside equipment: a network to the partner that can be cut.',
  ),
  { id: 'I-34', title: 'The edge starts anew', steps: [{ restarts: 'gateway' }, PING], withAccount: TALK },
  { id: 'I-35', title: 'The core starts anew', steps: [{ restarts: 'core' }, PING], withAccount: TALK },
  not(
    'I-36',
    'A new certificate on either side',
    'Needs a second certificate from the CA that the partner trusts, and the partner to change its own.',
  ),
  not(
    'I-37',
    'Proving the name anew every hour',
    'Needs more than an hour: played with scripted peers, and a shorter one.',
  ),
  not('I-38', 'Clocks that differ', 'Needs a host whose clock may be set wrongly.'),
  {
    id: 'I-39',
    title: 'A day under load, every message accounted for',
    steps: [],
    withAccount: [
      { by: 'ours', counts: 100 },
      { by: 'theirs', counts: 100 },
    ],
    without: 'The day, and the load: a hundred messages each way are counted, none lost, twice or out of order.',
  },
]
