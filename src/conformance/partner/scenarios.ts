// The scenarios of interoperability, I-01 to I-39: what is played with a live partner that nobody has prepared, what more is
// where there is an account of ours at it, and of the others why they are not. What the partner's server answers comes by its
// own stream to us, unless that goes both ways.

import { bothWays, iq, passes } from './making.ts'
import type { Scenario, Step } from './scenario.ts'
import { PEOPLE } from './scenarios-people.ts'
import { ROOMS } from './scenarios-rooms.ts'
import { PING } from './scenarios-requests.ts'
import type { Wrong } from './wrong.ts'

/** With a domain of the partner that is wrong on purpose. */
const broken = (id: string, title: string, wrong: Wrong): Scenario => ({
  ...{ id, title, withWrong: wrong, steps: [{ wrong }] },
})

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
  {
    id: 'I-04',
    title: 'The second target of SRV, where the first fails',
    steps: [{ sees: 'another place' }, PING],
  },
  {
    id: 'I-05',
    title: 'TLS and SASL EXTERNAL, both ways',
    steps: [PING, { sees: 'certificates' }],
  },
  broken('I-06', 'A peer without TLS', 'no-tls'),
  broken('I-07', 'A peer with a self-signed certificate', 'self-signed'),
  broken('I-08', 'A peer with an expired certificate', 'expired'),
  broken('I-09', 'A peer with a revoked certificate', 'revoked'),
  broken('I-10', 'A peer with a certificate for another name', 'other-name'),
  broken('I-11', 'A peer with a certificate of a CA that is not trusted', 'unknown-ca'),
  broken('I-12', 'A peer whose certificate is not for clients', 'servers-only'),
  broken('I-13', 'No responder of OCSP answers', 'no-responder'),
  broken('I-14', 'A peer that leaves out its intermediate certificate', 'no-intermediate'),
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
  {
    id: 'I-32',
    title: 'Limits of rate: what is too much is refused to whoever said it',
    steps: [],
    withAccount: [{ floods: 40, by: 'theirs', perSecond: 1 }],
    without: 'The other way round: a partner is not flooded by us.',
  },
  not(
    'I-33',
    'A link that is down for a minute, and for ten',
    'Needs outside equipment: a network between us and the partner that can be cut without cutting ours.',
  ),
  { id: 'I-34', title: 'The edge starts anew', steps: [{ restarts: 'gateway' }, PING], withAccount: TALK },
  { id: 'I-35', title: 'The core starts anew', steps: [{ restarts: 'core' }, PING], withAccount: TALK },
  not(
    'I-36',
    'A new certificate on either side',
    'Needs a second certificate from the CA that the partner trusts, and the partner to change its own.',
  ),
  {
    id: 'I-37',
    title: 'Proving the name anew, while messages go on',
    steps: [],
    withAccount: [{ renewed: 10 }],
    without: 'The hour: names are proven anew after ten seconds instead.',
  },
  not(
    'I-38',
    'Clocks that differ',
    'Needs a host of its own whose clock may be set wrongly: a process has no clock of its own.',
  ),
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
