// Records (AUD), and what an administrator does to partners while streams are up (GWY): by commands for the gateway that serves
// the case.

import type { Attributes, Step, TestCase } from '../case.ts'
import { CHAT, errorOf, OPENING } from './making.ts'

const live = (ends: 'well' | 'badly', says: readonly string[], ...runs: readonly string[]): Step => ({
  ...{ runs, live: true, ends, says },
})

const peerDoes = (
  id: string,
  requirements: readonly string[],
  title: string,
  phase: TestCase['phase'],
  steps: readonly Step[],
  more: Partial<TestCase> = {},
): TestCase => ({ ...{ id, requirements, title, phase, steps, role: 'receiving' }, ...more })

/** What is known of a stream that is up. */
const OPENED: Attributes = {
  ...{ event: 'stream.opened', leg: 'partner', role: 'receiving', local: '{us}', remote: '{peer}' },
  ...{ time: true, ip: true, stream: true, method: 'certificate', tls: 'TLSv1.3', cipher: true },
  ...{ subject: 'CN={peer}', spki: true },
}

export const AUDIT: readonly TestCase[] = [
  peerDoes(
    'AUD-01/opened-and-closed',
    ['AUD-01'],
    'That a stream was opened and closed is logged with when, from where, who, how proven, and how it ended.',
    'authenticated',
    [
      { logs: OPENED },
      { close: 'stream' },
      { hear: { kind: 'end' } },
      { close: 'connection' },
      {
        logs: {
          ...{ event: 'stream.closed', leg: 'partner', role: 'receiving', remote: '{peer}', by: 'peer' },
          ...{ time: true, ip: true, reason: true, reference: true, seconds: true },
        },
      },
    ],
  ),
  peerDoes(
    'AUD-01/failed',
    ['AUD-01', 'AUD-12', 'GWY-09'],
    'That a name was not proven is logged with when, from where, who claimed it, and why; `why` tells it by its reference.',
    'offered',
    [
      { say: "<message from='{contact}' to='{user}'/>" },
      { hear: { kind: 'stream-error', condition: ['not-authorized', 'policy-violation'] } },
      { refers: { event: 'stream.failed', remote: '{peer}', time: true, ip: true, reason: true, by: 'us' } },
      live('well', ['{peer}', '{reference}'], 'why', '{reference}'),
    ],
  ),
  peerDoes(
    'AUD-02/no-words',
    ['AUD-02'],
    'What is logged of a message that is refused has nothing of what it says.',
    'authenticated',
    [
      { say: CHAT.replace('{user}', 'a b@{us}').replace('Good morning', 'Words that nobody keeps') },
      { comesBack: errorOf('message', 'jid-malformed') },
      {
        logs: { event: 'stanza.refused', from: '{contact}/desk', condition: 'jid-malformed' },
        without: ['Words that nobody keeps'],
      },
    ],
  ),
  {
    id: 'AUD-06/refused',
    requirements: ['AUD-06', 'AUD-11'],
    title:
      'What a user of ours may not send is logged with who that is and the rule that decided; `why` tells it by its reference.',
    role: 'initiating',
    phase: 'none',
    entry: { direction: 'inbound' },
    steps: [
      { coreSays: "<message type='chat' from='{user}/desk' to='{contact}' id='{id}'><body>Hello?</body></message>" },
      { coreHears: errorOf('message', 'not-allowed') },
      {
        refers: {
          ...{ event: 'stanza.refused', direction: 'outbound', from: '{user}/desk', to: '{contact}' },
          ...{ rule: 'partner-direction', reason: 'SP-106' },
        },
      },
      live('well', ['{user}/desk', '{contact}', 'partner-direction', 'SP-106'], 'why', '{reference}'),
    ],
  },
  peerDoes(
    'AUD-07/two-streams',
    ['AUD-07'],
    'Where one domain has two streams, both are told of, each with its own id.',
    'authenticated',
    [
      { logs: OPENED },
      { another: true },
      { say: "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>" },
      { hear: { kind: 'element', like: { name: 'success' } } },
      { restart: true },
      { say: OPENING },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features' } },
      { logs: OPENED, copies: 2 },
    ],
  ),
  peerDoes(
    'AUD-08/history',
    ['AUD-08', 'ADM-07'],
    'Who has changed what in an entry, and why, is kept, and can be taken back.',
    'authenticated',
    [
      live('well', [], 'partner', 'set', '{peer}', '--purpose', 'Aurora', '--reason', 'As agreed in May'),
      live('well', ['purpose', 'Aurora', 'As agreed in May', ' by '], 'partner', 'history', '{peer}'),
    ],
    { ip: 4 },
  ),
  peerDoes(
    'AUD-11/proven',
    ['AUD-11'],
    'How a partner was proven is logged: the version and suite of TLS, whose certificate it was, of whom, with which number and key, and who has said that it was not revoked.',
    'authenticated',
    [
      {
        logs: { ...OPENED, issuer: 'CN=Conformance CA', serial: '{serial}', revocation: 'good', revocationBy: 'list' },
      },
      { logs: { event: 'partner-key.new', domain: '{peer}', subject: 'CN={peer}', issuer: 'CN=Conformance CA' } },
    ],
  ),
  peerDoes(
    'AUD-11/responder',
    ['AUD-11'],
    'That a responder has said of a certificate that it is good is logged with the serial number of that.',
    'authenticated',
    [{ logs: { ...OPENED, serial: '{serial}', revocation: 'good', revocationBy: 'responder' } }],
    { certificate: 'asked', responds: 'good' },
  ),
  peerDoes(
    'AUD-12/not-theirs',
    ['AUD-12'],
    'Who speaks in the name of somebody else is logged with both names.',
    'authenticated',
    [
      { say: "<message from='bob@somebody-else.example' to='{user}'/>" },
      { hear: { kind: 'stream-error', condition: 'invalid-from' } },
      {
        logs: {
          ...{ event: 'stanza.closed', rule: 'sender-proven', from: 'bob@somebody-else.example' },
          ...{ detail: 'from=bob@somebody-else.example, proven={peer}', ip: true, reference: true },
        },
      },
    ],
  ),
  peerDoes(
    'GWY-11/blocked',
    ['GWY-11', 'GWY-07'],
    'A partner that is blocked loses the stream that is up, and gets no other; nothing was started anew.',
    'authenticated',
    [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      live('well', [], 'partner', 'block', '{peer}', '--yes', '--reason', 'Trial'),
      { hear: { kind: 'stream-error', condition: 'policy-violation' } },
      { another: true },
      { say: "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>" },
      {
        hearOneOf: [
          { kind: 'stream-error', condition: 'policy-violation' },
          { kind: 'element', like: { name: 'failure' } },
        ],
      },
    ],
  ),
  peerDoes(
    'GWY-07/direction',
    ['GWY-07'],
    'What an entry permits holds for the next stanza, on the stream that is up.',
    'authenticated',
    [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      live('well', [], 'partner', 'set', '{peer}', '--direction', 'outbound', '--yes'),
      { say: CHAT.replace("'{id}'", "'{id}-2'") },
      { comesBack: { name: 'message', attributes: { type: 'error', id: '{id}-2' } } },
      { silence: 100, at: 'core', of: { name: 'message', attributes: { id: '{id}-2' } } },
    ],
  ),
]
