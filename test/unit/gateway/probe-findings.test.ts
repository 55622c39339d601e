// What a probe saw, and what it comes to: tables of stages and findings. The broken partners of `test/cases/probe/` show
// that the stages are seen as they are.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { firstFault, judge, placeOf } from '../../../src/gateway/probe/findings.ts'
import { letterOf } from '../../../src/gateway/probe/letter.ts'
import type { ProbeAttempt, ProbeDns, ProbeInbound, ProbePing, ProbeSeen } from '../../../src/gateway/probe/report.ts'
import { reasonIds, type ReasonId } from '../../../src/xmpp/reasons.ts'
import { CERTIFICATE } from '../../support/fake-control.ts'

const AT = '2026-03-01T12:00:00.000Z'
const REFERENCE = '7f3k-9q2m-x04d'

const DNS: ProbeDns = {
  routes: false,
  questions: [
    { name: '_xmpp-server._tcp.partner.example', type: 'SRV', ms: 3, records: ['10 5 5269 xmpp.'], failure: undefined },
  ],
  targets: [{ host: 'xmpp.partner.example', port: 5269, tls: 'starttls' }],
  fallback: false,
  failure: undefined,
  answersElsewhere: undefined,
}

const ATTEMPT: ProbeAttempt = {
  host: 'xmpp.partner.example',
  port: 5269,
  tls: 'starttls',
  address: '192.0.2.7',
  from: '203.0.113.5',
  at: AT,
  connectMs: 12,
  offers: [{ when: 'plain', features: ['{urn:ietf:params:xml:ns:xmpp-tls}starttls'], mechanisms: [] }],
  secured: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: 'X25519' },
  certificate: undefined,
  authentication: 'accepted',
  dialback: undefined,
  method: 'certificate',
  readyMs: 80,
  failure: undefined,
  followed: false,
}

const INBOUND: ProbeInbound = {
  address: '192.0.2.7',
  at: AT,
  standing: false,
  state: 'ready',
  secured: ATTEMPT.secured,
  certificate: CERTIFICATE,
  anchor: 'CN=Root',
  method: 'certificate',
  failure: undefined,
}

const PING: ProbePing = { at: AT, outcome: 'answered', way: 'theirs', ms: 30, error: false, ended: undefined }

const GOOD: ProbeSeen = {
  domain: 'partner.example',
  at: AT,
  ours: {
    domain: 'corp.example',
    certificate: CERTIFICATE,
    fault: undefined,
    listeners: ['203.0.113.5:5269'],
    entry: 'allowed',
    refused: undefined,
  },
  dns: DNS,
  hosts: [],
  attempts: [ATTEMPT],
  untried: [],
  ping: PING,
  inbound: [INBOUND],
}

const end = (reason: ReasonId, detail = '') =>
  ({ reason, detail, by: 'us', condition: undefined, reference: REFERENCE }) as const
const failing = (reason: ReasonId, more: Partial<ProbeAttempt> = {}): ProbeAttempt => ({
  ...ATTEMPT,
  authentication: undefined,
  method: undefined,
  readyMs: undefined,
  failure: end(reason, 'exactly this'),
  ...more,
})
const refused = (reason: ReasonId): ProbeInbound => ({
  ...INBOUND,
  state: 'failed',
  method: undefined,
  failure: end(reason),
})
const UNANSWERED: ProbePing = { ...PING, outcome: 'unanswered', way: undefined, ms: 15_000 }
const UNSENT: ProbePing = { ...PING, outcome: 'unsent', way: undefined, ms: undefined }
const nowhere = (reason: ReasonId, answersElsewhere?: boolean): Partial<ProbeSeen> => ({
  dns: { ...DNS, targets: [], failure: { reason, detail: 'so' }, answersElsewhere },
  attempts: [],
  ping: UNSENT,
  inbound: [],
})
const only = (...attempts: readonly ProbeAttempt[]): Partial<ProbeSeen> => ({ attempts, ping: UNSENT, inbound: [] })
const ourFault = { ...GOOD.ours, fault: { reason: 'SP-302', detail: 'it ended yesterday' } } as const

type Expected = readonly (readonly [
  severity: 'fault' | 'note',
  reason: ReasonId,
  side: 'ours' | 'theirs' | 'network',
])[]

const TABLE: readonly (readonly [what: string, seen: Partial<ProbeSeen>, expected: Expected])[] = [
  ['everything is right', {}, []],
  [
    'we have no certificate',
    {
      ours: { ...GOOD.ours, certificate: undefined, fault: { reason: 'SP-360', detail: 'corp.example' } },
      dns: undefined,
      ...only(),
      ping: undefined,
    },
    [['fault', 'SP-360', 'ours']],
  ],
  [
    'our certificate has expired, and they refuse it: ours',
    { ours: ourFault, ...only(failing('SP-441')) },
    [
      ['fault', 'SP-302', 'ours'],
      ['fault', 'SP-441', 'ours'],
    ],
  ],
  ['they refuse a good certificate: theirs', only(failing('SP-441')), [['fault', 'SP-441', 'theirs']]],
  ['no such domain', nowhere('SP-201'), [['fault', 'SP-201', 'theirs']]],
  ['DNS is silent about them alone: theirs', nowhere('SP-203', true), [['fault', 'SP-203', 'theirs']]],
  ['DNS is silent about us too: ours', nowhere('SP-203', false), [['fault', 'SP-203', 'ours']]],
  ['DNS fails for them alone: theirs', nowhere('SP-204', true), [['fault', 'SP-204', 'theirs']]],
  [
    'one of two services without an answer does not matter',
    {
      dns: {
        ...DNS,
        questions: [
          ...DNS.questions,
          {
            name: '_xmpps-server._tcp.partner.example',
            type: 'SRV',
            ms: 9,
            records: [],
            failure: { reason: 'SP-204', detail: 'ESERVFAIL', absent: false },
          },
        ],
      },
    },
    [['note', 'SP-204', 'network']],
  ],
  [
    'one address of two refuses',
    { attempts: [failing('SP-211', { address: '192.0.2.8' }), ATTEMPT] },
    [['fault', 'SP-211', 'theirs']],
  ],
  [
    'no IPv6 here, and IPv4 works',
    { attempts: [failing('SP-213', { address: '2001:db8::7' }), ATTEMPT] },
    [['note', 'SP-213', 'network']],
  ],
  ['no route at all', only(failing('SP-213')), [['fault', 'SP-213', 'network']]],
  [
    'what is wrong comes in the order of the way',
    {
      hosts: [
        { host: 'b.partner.example', questions: [], addresses: [], failure: { reason: 'SP-201', detail: 'NXDOMAIN' } },
      ],
      ...only(failing('SP-212'), failing('SP-302')),
    },
    [
      ['fault', 'SP-201', 'theirs'],
      ['fault', 'SP-212', 'network'],
      ['fault', 'SP-302', 'theirs'],
    ],
  ],
  ['the time was over', { untried: ['xmpp.partner.example:5269 (192.0.2.9)'] }, [['fault', 'SP-225', 'ours']]],
  [
    'there were too many addresses',
    { untried: ['one more'], attempts: Array.from({ length: 8 }, () => ATTEMPT) },
    [['note', 'SP-225', 'ours']],
  ],
  [
    'no gateway runs',
    { ping: { ...PING, outcome: 'untested', way: undefined }, inbound: [] },
    [['note', 'SP-226', 'ours']],
  ],
  [
    'no gateway runs that could vouch for our key',
    {
      ours: { ...GOOD.ours, listeners: [] },
      ...only(failing('SP-478', { dialback: 'refused' }), failing('SP-430', { dialback: 'asked' })),
    },
    [
      ['note', 'SP-226', 'ours'],
      ['note', 'SP-226', 'ours'],
    ],
  ],
  [
    'they do not believe our key although we can be asked',
    only(failing('SP-478', { dialback: 'refused' })),
    [['fault', 'SP-478', 'theirs']],
  ],
  ['nobody came', { ping: UNANSWERED, inbound: [] }, [['fault', 'SP-223', 'network']]],
  ['they came and said nothing', { ping: UNANSWERED }, [['fault', 'SP-224', 'theirs']]],
  [
    'they came with a bad certificate',
    { ping: UNANSWERED, inbound: [refused('SP-305')] },
    [['fault', 'SP-305', 'theirs']],
  ],
  [
    'a stranger was refused, as it should be',
    { ours: { ...GOOD.ours, entry: undefined, refused: 'SP-101' }, ping: UNANSWERED, inbound: [refused('SP-101')] },
    [['note', 'SP-101', 'ours']],
  ],
  [
    'a stranger came with a bad certificate',
    { ours: { ...GOOD.ours, entry: undefined, refused: 'SP-101' }, ping: UNANSWERED, inbound: [refused('SP-304')] },
    [['fault', 'SP-304', 'theirs']],
  ],
  [
    'one of their ways to us failed, and another one brought the answer',
    { inbound: [refused('SP-355'), INBOUND] },
    [['note', 'SP-355', 'theirs']],
  ],
  [
    'our stream ended before the answer',
    { ping: { ...UNANSWERED, ended: { reason: 'SP-453', detail: 'policy-violation' } }, inbound: [] },
    [['fault', 'SP-453', 'theirs']],
  ],
]

describe('findings', () => {
  for (const [what, seen, expected] of TABLE) {
    test(what, () => {
      const findings = judge({ ...GOOD, ...seen })
      assert.deepEqual(
        findings.map(({ severity, reason, side }) => [severity, reason, side]),
        expected,
      )
      assert.equal(firstFault(findings)?.reason, expected.find(([severity]) => severity === 'fault')?.[1])
    })
  }
  test('say more than the catalogue where a probe knows more', () => {
    const table: readonly (readonly [ProbeAttempt, RegExp])[] = [
      [failing('SP-401', { offers: [], secured: undefined }), /no XMPP server/],
      [failing('SP-401'), /not well-formed XML/],
      [failing('SP-430', { offers: [], secured: undefined }), /says nothing/],
      [failing('SP-430', { secured: undefined }), /before the TLS handshake/],
      [failing('SP-430'), /after the TLS handshake/],
      [failing('SP-430', { dialback: 'asked' }), /took our key/],
    ]
    for (const [attempt, pattern] of table)
      assert.match(judge({ ...GOOD, ...only(attempt) })[0]?.sentence ?? '', pattern)
  })
})

test('a place is named once', () => {
  const at = (host: string, address: string): string => placeOf({ host, address, port: 5269, tls: 'starttls' })
  assert.equal(at('xmpp.partner.example', '192.0.2.7'), 'xmpp.partner.example:5269 at 192.0.2.7')
  assert.equal(at('192.0.2.7', '192.0.2.7'), '192.0.2.7:5269')
  assert.equal(at('2001:db8::7', '2001:db8::7'), '[2001:db8::7]:5269')
  assert.equal(at('[2001:db8::7]', '2001:db8::7'), '[2001:db8::7]:5269')
})

describe('the letter', () => {
  const letter = (seen: Partial<ProbeSeen>): string | undefined => {
    const all = { ...GOOD, ...seen }
    return letterOf(all, judge(all))
  }
  test('is whole: what, when, from where, to where, and our certificate', () => {
    const certificate = {
      certificates: [{ ...CERTIFICATE, subject: 'CN=partner.example', notAfter: '2026-02-01T00:00:00Z' }],
      matching: 'DNS:partner.example',
      proven: false,
      anchor: undefined,
      failure: { reason: 'SP-302', detail: 'exactly this' },
    } as const
    assert.equal(
      letter(only(failing('SP-302', { certificate }))),
      `Subject: XMPP federation between corp.example and partner.example

Hello,

we run the XMPP service of corp.example and have tested the connection with your service partner.example on 2026-03-01 at 12:00:00 UTC. One thing does not work yet:

xmpp.partner.example:5269 at 192.0.2.7: A certificate of the chain has expired. (exactly this)
Please renew the certificate, and see that the server has loaded the new one.

What we did (all times in UTC):
- asked DNS for SRV _xmpp-server._tcp.partner.example: 10 5 5269 xmpp.
- 12:00:00 to xmpp.partner.example:5269 at 192.0.2.7: connected from 203.0.113.5, TLSv1.3 TLS_AES_256_GCM_SHA384, then: exactly this, reference ${REFERENCE}

The certificate your server showed: CN=partner.example
- issued by CN=A real CA
- names: DNS:corp.example
- valid from 2026-01-01 until 2026-02-01, EC P-256
- sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

Our certificate: CN=corp.example
- issued by CN=A real CA
- names: DNS:corp.example
- valid from 2026-01-01 until 2026-12-31, EC P-256
- sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=

If something on our side has to change, please tell us.

Thank you, and kind regards
`,
    )
  })
  test('is not written where there is nothing to ask of them', () => {
    assert.equal(letter({}), undefined)
    assert.equal(letter(nowhere('SP-203', false)), undefined)
    assert.equal(
      letter({ ours: { ...GOOD.ours, refused: 'SP-101' }, ping: UNANSWERED, inbound: [refused('SP-101')] }),
      undefined,
    )
  })
  test('names everything that is wrong, and asks for each', () => {
    const text = letter(only(failing('SP-211'), failing('SP-302'))) ?? ''
    assert.match(
      text,
      /Some things do not work yet:\n\n1\. .*\nPlease check that your XMPP server runs.*\n\n2\. .*\nPlease renew/,
    )
  })
  test('says nothing of our commands, settings and lists, whatever the reason', () => {
    for (const reason of reasonIds()) {
      const [finding] = judge({ ...GOOD, ...only(failing(reason)) })
      assert.doesNotMatch(finding?.request ?? '', /sallyport|`|partner list|DOMAIN|OURS/, reason)
    }
  })
})
