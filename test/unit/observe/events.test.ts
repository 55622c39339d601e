// Events: each moves its metric and writes its line, and no stranger leaves a trace in the labels.

import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { observe } from '../../../src/observe/observe.ts'
import type { Events } from '../../../src/observe/events.ts'

const NOON = Date.UTC(2026, 10, 22, 12)

function memory() {
  const written: string[] = []
  const to = new Writable({
    write(chunk, _encoding, done) {
      written.push(String(chunk))
      done()
    },
  })
  const observation = observe({ to, now: () => NOON, level: 'debug', linesPerSecond: 100_000 })
  const lines = (): Record<string, unknown>[] => {
    observation.log.flush()
    const texts = written.join('').split('\n').slice(0, -1)
    return texts.map((line) => JSON.parse(line) as Record<string, unknown>)
  }
  return { ...observation, lines }
}

const pair = { local: 'corp.example', remote: 'partner.example' }

const stream = {
  id: 's1',
  role: 'receiving' as const,
  leg: 'partner',
  pair,
  peerAddress: '::ffff:192.0.2.1',
  tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', group: undefined },
  bidi: false,
  method: 'certificate',
  certificate: { subject: 'CN=partner.example', spki: 'sha256/x', notAfter: '2027-01-01T00:00:00.000Z' },
  since: NOON - 61_000,
  counters: { stanzasIn: 5, stanzasOut: 0, bytesIn: 1000, bytesOut: 200 },
}

const end = {
  reason: 'SP-101',
  reference: 'aaaa-bbbb-cccc',
  detail: 'd',
  by: 'us',
  condition: 'policy-violation',
} as const

const stanza = {
  direction: 'inbound' as const,
  partner: 'partner.example',
  kind: 'message',
  type: 'chat',
  id: 'm1',
  from: 'romeo@partner.example',
  to: 'juliet@corp.example',
  peerAddress: '192.0.2.1',
}

/** What happens, the event it is in the log, its level, and the metric it moves. */
const EVENTS: readonly [name: string, act: (events: Events) => void, event: string, level: string, sample: RegExp][] = [
  [
    'a stream opens',
    (e) => e.streamOpened(stream),
    'stream.opened',
    'info',
    /sallyport_streams\{leg="partner",role="receiving"\} 1$/m,
  ],
  [
    'a stream closes',
    (e) => e.streamClosed(stream, end),
    'stream.closed',
    'warn',
    /streams_closed_total\{leg="partner",by="us",reason="SP-101"\} 1$/m,
  ],
  [
    'a stream ends in good order',
    (e) => e.streamClosed(stream, { ...end, reason: 'SP-471' }),
    'stream.closed',
    'info',
    /reason="SP-471"\} 1$/m,
  ],
  [
    'a stream fails',
    (e) => e.streamFailed({ ...end, role: 'receiving', leg: undefined, pair: undefined, remoteAddress: '192.0.2.1' }),
    'stream.failed',
    'warn',
    /stream_failures_total\{leg="unknown",role="receiving",reason="SP-101"\} 1$/m,
  ],
  [
    'a connection is turned away',
    (e) => e.connectionRefused({ remoteAddress: '192.0.2.1', listener: 'federation' }, 'SP-651'),
    'connection.refused',
    'warn',
    /connections_refused_total\{listener="federation",reason="SP-651"\} 1$/m,
  ],
  [
    'accept fails',
    (e) => e.acceptFailed('[::]:5269', new Error('EMFILE')),
    'accept.failed',
    'error',
    /accept_errors_total 1$/m,
  ],
  [
    'a link connects',
    (e) => e.linkConnecting({ leg: 'partner', pair }),
    'link.connecting',
    'debug',
    /link_attempts_total\{leg="partner"\} 1$/m,
  ],
  [
    'a link fails',
    (e) => e.linkFailed({ ...end, leg: 'partner', pair }),
    'link.failed',
    'warn',
    /link_failures_total\{leg="partner",reason="SP-101"\} 1$/m,
  ],
  [
    'a stanza bounces',
    (e) => e.queueBounced({ ...end, leg: 'partner', pair, reason: 'SP-621' }),
    'stanza.bounced',
    'warn',
    /stanzas_bounced_total\{leg="partner",reason="SP-621"\} 1$/m,
  ],
  [
    'a question is answered by us',
    (e) =>
      e.questionUnanswered({
        ...end,
        reason: 'SP-521',
        leg: 'partner',
        pair,
        from: 'a',
        to: 'b',
        type: 'get',
        id: 'q',
        answered: true,
      }),
    'question.unanswered',
    'warn',
    /questions_unanswered_total\{leg="partner",reason="SP-521"\} 1$/m,
  ],
  [
    'presence is taken back',
    (e) => e.presenceTakenBack({ leg: 'partner', domain: pair.remote, reason: 'SP-522', contacts: 3, occupants: 2 }),
    'presence.taken-back',
    'warn',
    /presences_taken_back_total\{leg="partner",reason="SP-522"\} 5$/m,
  ],
  [
    'presence is asked for again',
    (e) => e.presenceAskedAgain('partner', pair.remote, 3),
    'presence.asked-again',
    'info',
    /presences_asked_again_total\{leg="partner"\} 3$/m,
  ],
  [
    'a table overflows',
    (e) => {
      const full = {
        questions: 7,
        questionsUntracked: 1,
        presences: 0,
        presencesDue: 0,
        presencesUntracked: 0,
        occupants: 3,
        peersLost: 0,
      }
      e.ledgers(full)
      e.ledgers({ ...full, questionsUntracked: 2 })
    },
    'ledger.full',
    'warn',
    /ledger_untracked\{reason="SP-624"\} 2$/m,
  ],
  [
    'an answer is lost',
    (e) => e.answerLost({ ...end, leg: 'core', pair }),
    'answer.lost',
    'warn',
    /answers_lost_total\{leg="core",reason="SP-101"\} 1$/m,
  ],
  [
    'a stanza is refused',
    (e) => e.stanzaRefused(stanza, end),
    'stanza.refused',
    'warn',
    /stanzas_total\{direction="inbound",verdict="refuse",partner="other"\} 1$/m,
  ],
  [
    'a stanza is dropped',
    (e) => e.stanzaDropped(stanza, end),
    'stanza.dropped',
    'warn',
    /stanzas_total\{direction="inbound",verdict="drop",partner="other"\} 1$/m,
  ],
  [
    'a stanza closes its stream',
    (e) => e.stanzaClosed(stanza, end),
    'stanza.closed',
    'warn',
    /refusals_total\{direction="inbound",reason="SP-101"\} 1$/m,
  ],
  [
    'the gateway starts',
    (e) => e.started({ version: '1', node: '26', evaluation: false, domains: ['corp.example'], listeners: [] }),
    'gateway.started',
    'info',
    /start_timestamp_seconds \d+$/m,
  ],
  [
    'the configuration is applied',
    (e) => e.configApplied(['limits'], []),
    'config.applied',
    'info',
    /config_readings_total\{outcome="applied"\} 1$/m,
  ],
  [
    'a certificate is reloaded',
    (e) => e.certificateReloaded('corp.example', stream.certificate),
    'certificate.reloaded',
    'info',
    /certificate_readings_total\{outcome="taken"\} 1$/m,
  ],
  [
    'a certificate of ours comes to its end',
    (e) => {
      const ending = { whose: 'own', name: 'corp.example', subject: 'CN=x', notAfter: 1_798_761_600_000 } as const
      e.certificatesLeft([ending])
      e.certificateEnding({ ...ending, reason: 'SP-381', step: 7 })
    },
    'certificate.ending',
    'warn',
    /certificate_expiry_timestamp_seconds\{domain="corp.example"\} 1798761600$/m,
  ],
  [
    'that of a stranger has come to its end',
    (e) => {
      const ending = { whose: 'partner', name: 'stranger.example', subject: 'CN=x', notAfter: 1000 } as const
      e.certificatesLeft([ending, { ...ending, name: 'older.example', notAfter: 2000 }])
      e.certificateEnding({ ...ending, reason: 'SP-382', step: 'expired' })
    },
    'certificate.ending',
    'error',
    /certificate_expires_in_seconds\{whose="partner",name="other"\} -\d+$/m,
  ],
  [
    'another internal CA is about to sign',
    (e) => e.caRotates({ whose: 'internal-ca', phase: 'begun', file: 'ca.pem', signsFrom: 0 }),
    'internal-ca.rotates',
    'warn',
    /^# EOF$/m,
  ],
  [
    'another internal CA cannot be made',
    (e) => e.caRotates({ whose: 'internal-ca', phase: 'failed', file: 'ca.pem', detail: 'EROFS' }),
    'internal-ca.rotates',
    'error',
    /^# EOF$/m,
  ],
  [
    'a certificate is no good',
    (e) => e.certificateFaulty('corp.example', []),
    'certificate.faulty',
    'error',
    /certificate_readings_total\{outcome="faulty"\} 1$/m,
  ],
  [
    'an administrator acts',
    (e) => e.operation({ operation: 'partner.block', outcome: 'ok', changes: true }),
    'operation',
    'info',
    /operations_total\{operation="partner.block",outcome="ok"\} 1$/m,
  ],
  [
    'an administrator watches a partner, contents and all',
    (e) => e.traceBegun({ subject: 'partner.example', bodies: true, forMs: 300_000, by: 'root', running: 2 }),
    'trace.begun',
    'warn',
    /traces 2$/m,
  ],
  [
    'an administrator watches a partner, and contents are masked',
    (e) => e.traceBegun({ subject: 'partner.example', bodies: false, forMs: 300_000, by: 'root', running: 1 }),
    'trace.begun',
    'info',
    /traces 1$/m,
  ],
  [
    'an administrator has watched',
    (e) => e.traceOver({ subject: 'partner.example', lines: 70, leftOut: 3, ended: 'time', running: 0 }),
    'trace.over',
    'info',
    /trace_lines_left_out_total 3$/m,
  ],
  [
    'a claim of dialback is valid',
    (e) =>
      e.dialbackJudged({ pair, id: 's1', remoteAddress: '192.0.2.1' }, { valid: true, proven: { method: 'dialback' } }),
    'dialback.valid',
    'info',
    /dialback_claims_total\{outcome="dialback"\} 1$/m,
  ],
  [
    'a claim of dialback is refused',
    (e) => e.dialbackJudged({ pair, id: 's1', remoteAddress: '192.0.2.1' }, { valid: false, ...end, reason: 'SP-472' }),
    'dialback.refused',
    'warn',
    /dialback_claims_total\{outcome="SP-472"\} 1$/m,
  ],
  [
    'somebody shows a key that is not ours',
    (e) => e.dialbackAnswered(pair, 's1', false),
    'dialback.answered',
    'warn',
    /dialback_answers_total\{outcome="invalid"\} 1$/m,
  ],
  [
    'a stream was only for the verification of a key',
    (e) =>
      e.streamFailed({ ...end, role: 'receiving', leg: 'partner', pair, remoteAddress: '192.0.2.1', reason: 'SP-481' }),
    'stream.failed',
    'info',
    /stream_failures_total\{leg="partner",role="receiving",reason="SP-481"\} 1$/m,
  ],
  ['something throws', (e) => e.bug(new Error('oops'), 'aaaa-bbbb-cccc'), 'bug', 'error', /bugs_total 1$/m],
]

for (const [name, act, event, level, sample] of EVENTS) {
  test(`when ${name}, the log says ${event} and its metric moves`, () => {
    const { events, metrics, lines } = memory()
    act(events)
    assert.deepEqual(
      lines().map((line) => [line['event'], line['level']]),
      [[event, level]],
    )
    assert.match(metrics.openMetrics(), sample)
  })
}

test('a failure says who, why and under which reference', () => {
  const { events, lines } = memory()
  events.streamFailed({ ...end, role: 'receiving', leg: 'partner', pair, remoteAddress: '::ffff:192.0.2.1' })
  const [line] = lines()
  assert.equal(line?.['ip'], '192.0.2.1')
  assert.equal(line?.['reason'], 'SP-101')
  assert.equal(line?.['reasonName'], 'partner-unknown')
  assert.equal(line?.['reference'], 'aaaa-bbbb-cccc')
  assert.equal(line?.['remote'], 'partner.example')
})

test('what passes is counted by partner and leaves no line', () => {
  const { events, metrics, lines } = memory()
  events.partnersLoaded([{ domain: 'partner.example', status: 'allowed' }])
  for (let i = 0; i < 3; i++) events.stanzaPassed('inbound', 'partner.example')
  for (let i = 0; i < 500; i++) events.stanzaPassed('outbound', `stranger-${i}.example`)
  assert.equal(lines().length, 0)
  const text = metrics.openMetrics()
  assert.match(text, /stanzas_total\{direction="inbound",verdict="pass",partner="partner\.example"\} 3$/m)
  assert.match(text, /stanzas_total\{direction="outbound",verdict="pass",partner="other"\} 500$/m)
  assert.doesNotMatch(text, /stranger/)
  assert.deepEqual(events.totals(), { passed: 503, refused: 0, closed: 0 })
})

test('strangers never become labels, whatever happens to them', () => {
  const { events, metrics } = memory()
  for (let i = 0; i < 300; i++) {
    const remote = `stranger-${i}.example`
    events.streamFailed({
      ...end,
      role: 'receiving',
      leg: 'partner',
      pair: { local: remote, remote },
      remoteAddress: `10.0.0.${i}`,
    })
    events.linkFailed({ ...end, leg: 'partner', pair: { local: remote, remote } })
    events.stanzaRefused({ ...stanza, partner: remote, from: `x@${remote}` }, end)
    events.queueBounced({ ...end, leg: 'partner', pair: { local: remote, remote } })
  }
  assert.doesNotMatch(metrics.openMetrics(), /stranger|10\.0\.0/)
  assert.ok(metrics.openMetrics().length < 20_000)
})

test('a partner that leaves the list takes its series along, and starts anew when it returns', () => {
  const { events, metrics } = memory()
  const partner = { domain: 'partner.example', status: 'allowed' }
  events.partnersLoaded([partner])
  events.stanzaPassed('inbound', partner.domain)
  events.partnersChanged([], { added: [], changed: [], removed: [partner.domain] })
  assert.doesNotMatch(metrics.openMetrics(), /partner\.example/)
  events.stanzaPassed('inbound', partner.domain)
  events.partnersChanged([partner], { added: [partner.domain], changed: [], removed: [] })
  events.stanzaPassed('inbound', partner.domain)
  const text = metrics.openMetrics()
  assert.match(text, /partner="partner\.example"\} 1$/m)
  assert.match(text, /partner="other"\} 1$/m)
})

test('faulty files are told one by one, and so is that they are mended', () => {
  const { events, metrics, lines } = memory()
  const finding = { severity: 'error', file: 'gateway.yaml', line: 3, path: 'x', message: 'unknown key' } as const
  events.configFaulty([finding, { ...finding, severity: 'warning' }])
  assert.match(metrics.openMetrics(), /^sallyport_config_faulty 1$/m)
  events.configFaulty([])
  assert.match(metrics.openMetrics(), /^sallyport_config_faulty 0$/m)
  assert.deepEqual(
    lines().map((line) => line['event']),
    ['config.faulty', 'finding', 'finding', 'config.mended'],
  )
})

test('a key that there was no room for is counted, and told where it is held or unusual', () => {
  const { events, metrics, lines } = memory()
  const key = { domain: 'partner.example', spki: 'sha256/x', change: 'other-ca', reference: 'abcd' } as const
  const met = { ...key, certificate: { subject: 'CN=a', issuer: 'CN=b', notAfter: '2027-01-01T00:00:00.000Z' } }
  events.keyUnkept({ ...met, change: 'renewed' }, 'd', { held: false, unusual: false })
  events.keyUnkept(met, 'd', { held: false, unusual: true })
  events.keyUnkept({ ...met, change: 'first' }, 'd', { held: true, unusual: false })
  assert.match(metrics.openMetrics(), /^sallyport_partner_key_changes_total\{change="unkept"\} 3$/m)
  assert.deepEqual(
    lines().map((line) => [
      line['level'],
      line['event'],
      line['reason'],
      line['reference'],
      line['change'],
      line['held'],
      line['issuer'],
    ]),
    [
      ['warn', 'partner-key.unkept', 'SP-390', 'abcd', 'other-ca', false, 'CN=b'],
      ['warn', 'partner-key.unkept', 'SP-390', 'abcd', 'first', true, 'CN=b'],
    ],
  )
})

test('the gauge of streams comes back to where it was', () => {
  const { events, metrics } = memory()
  events.streamOpened(stream)
  events.streamClosed(stream, end)
  assert.match(metrics.openMetrics(), /^sallyport_streams\{leg="partner",role="receiving"\} 0$/m)
})

test('what is under way is counted anew each time: in all, by partner, and for the stream with most', () => {
  const { events, metrics } = memory()
  events.partnersLoaded([{ domain: 'partner.example', status: 'allowed' }])
  const one = { leg: 'partner', held: true, unread: 5, unsent: 0, unacknowledged: 7 }
  const flow = {
    underWay: 900,
    partners: [
      { partner: 'partner.example', bytes: 600 },
      { partner: 'unlisted.example', bytes: 100 },
      { partner: 'strange.example', bytes: 200 },
    ],
    streams: [one, { ...one, unread: 3, held: false }, { ...one, leg: 'core', unsent: 9 }],
    connections: [{ listener: 'federation', open: 4 }],
    sending: { senders: 7, recipients: 8, requests: 7, waiting: { streams: 1 }, smoothed: 9 },
    places: { addresses: 11, networks: 10 },
    rooms: { rooms: 3, occupants: 4 },
    claims: 2,
    minted: 3,
    issuers: 6,
    remembered: { count: 4, bytes: 50_000 },
  }
  for (let round = 0; round < 2; round++) {
    events.flowNow(flow)
    const text = metrics.openMetrics()
    for (const line of [
      'under_way_bytes 900',
      'partner_under_way_bytes{partner="partner.example"} 600',
      'partner_under_way_bytes{partner="other"} 300',
      'stream_bytes{leg="partner",state="unread"} 8',
      'stream_bytes_most{leg="partner",state="unread"} 5',
      'stream_bytes{leg="core",state="unsent"} 9',
      'stream_bytes_most{leg="partner",state="unacknowledged"} 7',
      'sources_held{leg="partner"} 1',
      'connections{listener="federation"} 4',
      'metered_senders 7',
      'metered_recipients 8',
      'arrival_places{kind="address"} 11',
      'arrival_places{kind="network"} 10',
      'streams_smoothed 1',
      'stanzas_smoothed 9',
      'dialback_claims_under_way 2',
      'minted_certificates 3',
      'fetched_issuers 6',
      'remembered_certificates 4',
      'remembered_certificates_bytes 50000',
    ]) {
      assert.ok(text.includes(`\nsallyport_${line}\n`), line)
    }
    assert.doesNotMatch(text, /unlisted|strange/)
  }
  events.flowNow({ ...flow, partners: [], streams: [] })
  assert.doesNotMatch(metrics.openMetrics(), /^sallyport_(partner_under_way|stream_bytes|sources_held).*\{/m)
})

test('what links hold is counted anew each time, strangers under one label', () => {
  const { events, metrics } = memory()
  events.partnersLoaded([{ domain: 'partner.example', status: 'allowed' }])
  const link = {
    leg: 'partner',
    state: 'idle',
    heldBack: true,
    partner: 'partner.example',
    stanzas: 2,
    bytes: 200,
  } as const
  const strange = { ...link, heldBack: false, partner: undefined, stanzas: 1, bytes: 10 }
  events.linksNow([link, link, strange, { ...strange, partner: 'unlisted.example' }])
  const text = metrics.openMetrics()
  assert.match(text, /^sallyport_links\{leg="partner",state="idle"\} 4$/m)
  assert.match(text, /^sallyport_links_held_back\{leg="partner"\} 2$/m)
  assert.match(text, /^sallyport_queue_stanzas\{leg="partner",partner="partner\.example"\} 4$/m)
  assert.match(text, /^sallyport_queue_bytes\{leg="partner",partner="other"\} 20$/m)
  assert.doesNotMatch(text, /unlisted/)
  events.dnsAnswers(7)
  assert.match(metrics.openMetrics(), /^sallyport_dns_answers 7$/m)
  events.linksNow([])
  assert.doesNotMatch(metrics.openMetrics(), /^sallyport_queue_stanzas\{/m)
})

test('rules have their figures by name, the first of them; all others together are one', () => {
  const { events, metrics } = memory()
  const rule = (name: string, asked: number) => ({
    ...{ name, asked, matched: 3, refused: 2, reported: 1 },
    costNs: 1500,
    lastAt: '2026-06-15T12:00:00.000Z',
  })
  const all = [rule('walls', 9), ...Array.from({ length: 209 }, (_, n) => rule(`default/r${n}`, 10))]
  for (let round = 0; round < 2; round++) {
    events.rulesNow(all)
    const text = metrics.openMetrics()
    for (const line of [
      'rule_uses_total{rule="walls",outcome="asked"} 9',
      'rule_uses_total{rule="walls",outcome="reported"} 1',
      'rule_uses_total{rule="default/r198",outcome="matched"} 3',
      'rule_uses_total{rule="other",outcome="asked"} 100',
      'rule_uses_total{rule="other",outcome="refused"} 20',
      'rule_cost_seconds{rule="walls"} 0.0000015',
      'rule_last_match_seconds{rule="walls"} 1781524800',
    ])
      assert.ok(text.includes(`\nsallyport_${line}\n`), line)
    assert.doesNotMatch(text, /default\/r199|cost_seconds\{rule="other"/)
  }
  events.rulesNow(all.slice(0, 1))
  assert.doesNotMatch(metrics.openMetrics(), /default\/r/, 'rules that are gone leave nothing')
})

test('what opened a stream is told with its number, and with what was found of its revocation', () => {
  const told = (certificate: Partial<Parameters<Events['streamOpened']>[0]['certificate']>): unknown => {
    const { events, lines } = memory()
    events.streamOpened({ ...stream, certificate: { ...stream.certificate, ...certificate } })
    const { serial, issuer, revocation, revocationBy, revocationReason } = lines()[0] ?? {}
    return [serial, issuer, revocation, revocationBy, revocationReason]
  }
  const known = { serial: '01AB', issuer: 'CN=A CA' }
  assert.deepEqual(told({ ...known, revocation: { status: 'good', by: 'list' } }), [
    ...['01AB', 'CN=A CA', 'good', 'list', undefined],
  ])
  assert.deepEqual(told({ ...known, revocation: { status: 'unknown', reason: 'SP-344' } }), [
    ...['01AB', 'CN=A CA', 'unknown', undefined, 'SP-344'],
  ])
  assert.deepEqual(told(known), ['01AB', 'CN=A CA', 'not-asked', undefined, undefined])
})
