// Whose fault it is when a scenario with a live partner does not come out as expected, what must come of which pair of service
// types, and how that stands in the forms of a report.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import xml, { type Element } from '@xmpp/xml'
import { isOfRoster } from '../../../src/conformance/partner/account.ts'
import { blamed, isTurnedAway, type Trouble, undelivered } from '../../../src/conformance/partner/blame.ts'
import { type Facts, factsOf, type StreamFacts } from '../../../src/conformance/partner/facts.ts'
import { EXPECTED, gridDiffers, PUBLISHED, typesOf } from '../../../src/conformance/partner/grid.ts'
import { metAll } from '../../../src/conformance/partner/pairing.ts'
import { performed } from '../../../src/conformance/partner/performing.ts'
import type { PairOutcome, Step } from '../../../src/conformance/partner/scenario.ts'
import { named } from '../../../src/conformance/partner/rooms-of.ts'
import { SCENARIOS } from '../../../src/conformance/partner/scenarios.ts'
import { sighted } from '../../../src/conformance/partner/sights.ts'
import { isOfRun } from '../../../src/conformance/partner/talk.ts'
import { htmlOf } from '../../../src/conformance/report/html.ts'
import { junitOf } from '../../../src/conformance/report/junit.ts'
import { reportOf } from '../../../src/conformance/report/report.ts'
import { CASES_BY_ID, INGREDIENTS, REQUIREMENTS_BY_ID } from './example-report.ts'

const NOTHING: Trouble = {
  ...{ wanted: '<iq/>', instead: undefined, fault: undefined },
  ...{ by: 'ours', toUs: false, carried: false, cameIn: false, arrived: false, turnedAway: undefined },
}
const OURS = '<iq type="error"><text>Not allowed. Reference: b24g-ytjy-n587</text></iq>'
const THEIRS = '<iq type="error"><item-not-found/></iq>'
const fault = (side: 'ours' | 'theirs' | 'network') => ({ side, sentence: `the fault is ${side}` })

const TROUBLES: readonly (readonly [string, Partial<Trouble>, string, RegExp])[] = [
  ['a wrong answer of the partner', { instead: THEIRS }, 'peer-violation', /answered .*item-not-found/],
  ['the same, whatever the live test found', { instead: THEIRS, fault: fault('ours') }, 'peer-violation', /answered/],
  ['an error of the gateway', { instead: OURS }, 'violation', /by itself/],
  ['the same, as its certificate is wrong', { instead: OURS, fault: fault('theirs') }, 'peer-violation', /is theirs/],
  ['the same, as ours is', { instead: OURS, fault: fault('ours') }, 'violation', /is ours/],
  ['the same, as nobody is reached', { instead: OURS, fault: fault('network') }, 'inconclusive', /is network/],
  ['nothing, and it was carried', { carried: true }, 'peer-violation', /has not answered/],
  ['nothing, and it was not carried', {}, 'violation', /not carried/],
  ['nothing, and something came', { carried: true, arrived: true }, 'violation', /did not reach the core/],
  ['nothing, of what our account there said', { by: 'theirs', toUs: true }, 'peer-violation', /nothing came to us/],
  ['the same, whatever has gone out', { by: 'theirs', carried: true }, 'peer-violation', /nothing came to us/],
  ['the same, and it was turned away', { by: 'theirs', turnedAway: 'SP-1' }, 'violation', /turned away: SP-1/],
  ['the same, and it came', { by: 'theirs', cameIn: true, arrived: true }, 'violation', /did not reach the core/],
  ['the same, and something else came', { by: 'theirs', cameIn: true }, 'violation', /something else/],
  ['nothing, and something was turned away', { carried: true, turnedAway: 'SP-1' }, 'violation', /turned away: SP-1/],
]

test('who is at fault follows from what came and what is known', () => {
  for (const [name, trouble, kind, detail] of TROUBLES) {
    const outcome = blamed({ ...NOTHING, ...trouble })
    assert.equal(outcome.kind, kind, name)
    assert.match('detail' in outcome ? outcome.detail : '', detail, name)
  }
})

test('what was turned away is found in the log, streams where it was for the partner to come', () => {
  const failed = '{"event":"stream.failed","role":"receiving","remote":"partner.example"}'
  assert.ok(isTurnedAway(failed, 'theirs'))
  assert.ok(!isTurnedAway(failed, 'ours'))
  assert.ok(!isTurnedAway(failed.replace('receiving', 'initiating'), 'theirs'))
  for (const by of ['ours', 'theirs'] as const) {
    assert.ok(isTurnedAway('{"event":"stanza.refused","direction":"inbound"}', by))
    assert.ok(!isTurnedAway('{"event":"stanza.refused","direction":"outbound"}', by))
  }
})

test('who is at fault for what did not come to our account at the partner', () => {
  const kindOf = (trouble: Partial<Trouble>): string => undelivered({ ...NOTHING, ...trouble }).kind
  assert.equal(kindOf({ carried: true }), 'peer-violation')
  assert.equal(kindOf({}), 'violation')
  assert.equal(kindOf({ instead: THEIRS }), 'peer-violation')
  assert.equal(kindOf({ instead: OURS, carried: true }), 'violation')
  assert.equal(kindOf({ instead: OURS, fault: fault('theirs') }), 'peer-violation')
  assert.equal(kindOf({ fault: fault('network') }), 'inconclusive')
})

test('who is at fault for what our account at the partner asked, and was not answered', () => {
  const outcomeOf = (trouble: Partial<Trouble>) => undelivered({ ...NOTHING, by: 'theirs', toUs: true, ...trouble })
  const rows: readonly (readonly [Partial<Trouble>, string, RegExp])[] = [
    [{}, 'peer-violation', /nothing came to us/],
    [{ turnedAway: 'SP-1' }, 'violation', /turned away: SP-1/],
    [{ cameIn: true }, 'violation', /no answer was carried/],
    [{ cameIn: true, carried: true }, 'peer-violation', /an answer was carried/],
    [{ fault: fault('ours') }, 'violation', /is ours/],
    [{ toUs: false, cameIn: true, fault: fault('ours') }, 'peer-violation', /was asked by our account/],
    [{ toUs: false, instead: OURS }, 'violation', /by itself/],
  ]
  for (const [trouble, kind, detail] of rows) {
    const outcome = outcomeOf(trouble)
    assert.equal(outcome.kind, kind, JSON.stringify(trouble))
    assert.match('detail' in outcome ? outcome.detail : '', detail)
  }
})

test('of what comes to our account there, only what has to do with the run is kept', () => {
  const run = { us: 'corp.example', peer: 'partner.example', rooms: 'talk.partner.example', prefix: 'run-0' }
  const message = (from: string | undefined, id = 'a'): Element =>
    xml('message', { ...(from !== undefined && { from }), id, to: 'ours@partner.example/desk' })
  const kept = ['visitor@corp.example/desk', 'rooms.corp.example', 'partner.example', 'room@talk.partner.example/host']
  for (const from of kept) assert.ok(isOfRun(message(from), run), from)
  assert.ok(isOfRun(message('juliet@other.example', 'run-0-i-22-1'), run))
  const others = ['juliet@partner.example/phone', 'romeo@other.example', 'ours@partner.example/phone', undefined]
  for (const from of [...others, 'a@notcorp.example', 'room@rooms.partner.example', 'run-0.example'])
    assert.ok(!isOfRun(message(from), run), from ?? 'nobody')
})

test('the roster of our account there is not what a run hears', () => {
  const address = 'ours@partner.example/desk'
  const iq = (attributes: Readonly<Record<string, string>>): Element =>
    xml('iq', attributes, xml('query', { xmlns: 'jabber:iq:roster' }, xml('item', { jid: 'juliet@other.example' })))
  assert.ok(isOfRoster(iq({ type: 'result', id: 'roster' }), address))
  assert.ok(isOfRoster(iq({ type: 'set', id: 'push-1' }), address))
  assert.ok(isOfRoster(iq({ type: 'set', id: 'push-1', from: 'ours@partner.example' }), address))
  assert.ok(!isOfRoster(iq({ type: 'set', id: 'push-1', from: 'visitor@corp.example' }), address))
  assert.ok(!isOfRoster(iq({ type: 'result', id: 'run-0-i-17-1' }), address))
})

test('what a scenario leaves at a partner is taken away however it goes, and that is not judged', async () => {
  for (const { id, steps, withAccount = [], withRoom = [], after = '' } of SCENARIOS) {
    const words = JSON.stringify([steps, withAccount, withRoom])
    assert.equal(/type='subscribe'/.test(words), /subscription='remove'/.test(after), id)
    assert.equal(words.includes("to='{room}/host'"), /to='\{room\}' .*<destroy\/>/.test(after), id)
  }
  assert.equal(named('trial@talk.partner.example', 'run-0'), 'trial-run-0@talk.partner.example')
  assert.equal(named(undefined, 'run-0'), 'sallyport-run-0')
  const step: Step = { account: 'leaves' }
  const bad: PairOutcome = { kind: 'violation', detail: 'it is wrong' }
  const outcomes: readonly (readonly [() => Promise<PairOutcome>, PairOutcome])[] = [
    [async () => Promise.resolve({ kind: 'pass' }), { kind: 'pass' }],
    [async () => Promise.resolve(bad), bad],
    [async () => Promise.reject(new Error('no more')), { kind: 'inconclusive', detail: 'no more' }],
  ]
  for (const [perform, outcome] of outcomes) {
    let tidied = 0
    const tidyUp = async (): Promise<void> => {
      tidied += 1
      return Promise.reject(new Error('it is gone'))
    }
    assert.deepEqual(await performed([step], perform, tidyUp), outcome)
    assert.equal(tidied, 1)
  }
})

test('where one partner cannot be met, those that are met later are left as well before that is told', async () => {
  const left: string[] = []
  const meeting = (name: string): Disposable & { readonly name: string } => ({
    name,
    [Symbol.dispose]: () => void left.push(name),
  })
  const late = Promise.withResolvers<ReturnType<typeof meeting>>()
  const all = metAll([Promise.resolve(meeting('first')), Promise.reject(new Error('it is not admitted')), late.promise])
  let isTold = false
  const told = all.catch((error: unknown) => {
    isTold = true
    return error
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.ok(!isTold, 'one is still on its way')
  late.resolve(meeting('late'))
  assert.match(String(await told), /it is not admitted/)
  assert.deepEqual(left, ['first', 'late'])
  const [one, other] = await metAll([Promise.resolve(meeting('a')), Promise.resolve(meeting('b'))])
  assert.deepEqual([one?.name, other?.name, left.length], ['a', 'b', 2])
})

const stream = (
  opened: StreamFacts['opened'],
  proof = 'certificate',
  more: Partial<StreamFacts> = {},
): StreamFacts => ({
  ...{ opened, proof, bidi: false, ip: 4, start: 'starttls', acknowledged: false, stanzasIn: 1, stanzasOut: 1 },
  ...more,
})
const BOTH = [stream('by us'), stream('by the partner')]
const DIALBACK = [stream('by us', 'dialback'), stream('by the partner', 'dialback')]
const OFFER = '{urn:xmpp:features:dialback}dialback'

const facts = (more: Partial<Facts> = {}): Facts => ({
  ...{ found: 'service records', offers: [], mechanisms: ['EXTERNAL'], offersTls: true, proven: true },
  ...{ streams: BOTH, floor: 'certificate' },
  ...more,
})
const WAIVED = { floor: 'dialback-over-tls', proven: false, offers: [OFFER] } as const

const SIGHTS: readonly (readonly [Parameters<typeof sighted>[0], Facts, string])[] = [
  ['service records', facts(), 'pass'],
  ['its entry', facts(), 'not-run'],
  ['another place', facts(), 'not-run'],
  ['another place', facts({ vain: 'down.example, port 5269' }), 'pass'],
  ['another place', facts({ vain: 'down.example, port 5269', streams: [] }), 'violation'],
  ['certificates', facts(), 'pass'],
  ['certificates', facts({ streams: [stream('by us', 'certificate', { bidi: true })] }), 'pass'],
  ['certificates', facts({ streams: [BOTH[0]!] }), 'violation'],
  ['certificates', facts({ streams: [], fault: fault('theirs') }), 'peer-violation'],
  ['certificates', facts({ streams: DIALBACK, ...WAIVED }), 'not-run'],
  ['certificates', facts({ streams: [...BOTH, stream('by us', 'certificate', { start: 'none' })] }), 'violation'],
  ['dialback', facts({ streams: DIALBACK, ...WAIVED }), 'pass'],
  ['dialback', facts({ streams: DIALBACK }), 'violation'],
  ['dialback', facts(), 'not-run'],
  ['grid', facts(), 'pass'],
  ['grid', facts({ streams: DIALBACK, ...WAIVED }), 'pass'],
  ['grid', facts({ streams: DIALBACK, proven: false, offers: [OFFER] }), 'violation'],
  ['grid', facts({ streams: [] }), 'violation'],
  ['grid', facts({ streams: [], proven: false }), 'pass'],
]

test('what was negotiated is held against what a scenario is about', () => {
  for (const [index, [sight, seen, kind]] of SIGHTS.entries())
    assert.equal(sighted(sight, seen, 'nato').kind, kind, `${index}: ${sight}`)
  // No entry waives the certificate under dod.
  assert.match(
    gridDiffers('dod', facts({ streams: DIALBACK, ...WAIVED })) ?? '',
    /initiating, as Type 6 .*E instead of U/,
  )
})

test('an edge that trusts certificates alone is a Type 6 of XEP-0238, and what a partner shows says which it may be', () => {
  for (const expected of Object.values(EXPECTED).map((of) => of['certificate'])) {
    assert.deepEqual(expected?.initiating.flat(), PUBLISHED[5])
    // The published row of Type 3 has dialback where it may as well take EXTERNAL; a Type 6 offers nothing else.
    assert.deepEqual(
      expected?.receiving.flat(),
      PUBLISHED.map((row) => row[5]),
    )
  }
  assert.deepEqual(typesOf(facts()), [6])
  assert.deepEqual(typesOf(facts({ offers: [OFFER] })), [3, 5])
  assert.deepEqual(typesOf(facts({ proven: false })), [2, 4])
  assert.deepEqual(typesOf(facts({ offersTls: false, proven: false })), [1])
})

test('facts come from the live test and the streams', () => {
  const seen = factsOf({
    tested: {
      ours: {},
      dns: { routes: false, fallback: true },
      attempts: [
        { host: 'down.example', port: 5269, tls: 'starttls', address: '192.0.2.1', offers: [] },
        {
          ...{ host: 'xmpp.example', port: 5270, tls: 'direct', address: '2001:db8::1', readyMs: 5 },
          offers: [{ when: 'secured', features: [OFFER], mechanisms: ['EXTERNAL'] }],
        },
      ],
      findings: [
        { severity: 'note', side: 'ours', sentence: 'a note' },
        { severity: 'fault', ...fault('network') },
      ],
    },
    streams: [
      {
        ...{ id: '1', leg: 'partner', role: 'receiving', remote: 'a.example', peerAddress: '2001:db8::1', bidi: true },
        ...{ method: 'certificate', acks: {}, stanzasIn: 3, stanzasOut: 4 },
        tls: { start: 'direct', version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' },
      },
    ],
    floor: 'certificate',
  })
  assert.partialDeepStrictEqual(seen, {
    ...{
      found: 'its addresses',
      place: 'xmpp.example, 2001:db8::1, port 5270',
      vain: 'down.example, port 5269',
      offersTls: true,
      proven: false,
    },
    fault: fault('network'),
    streams: [{ opened: 'by the partner', ip: 6, bidi: true, acknowledged: true, suite: 'TLS_AES_256_GCM_SHA384' }],
  })
})

test('every scenario of the list is there once, and is played or says why not', () => {
  assert.deepEqual(
    SCENARIOS.map(({ id }) => id),
    Array.from({ length: 39 }, (_, index) => `I-${String(index + 1).padStart(2, '0')}`),
  )
  for (const { id, steps, withAccount = [], withRoom = [], without = '' } of SCENARIOS)
    assert.ok([...steps, ...withAccount, ...withRoom].length > 0 || /^(?:Needs|A live partner)/.test(without), id)
})

test('what was played with a partner stands in the page and for build servers, each with whose fault it is', () => {
  const report = reportOf({
    ...INGREDIENTS,
    pairwise: {
      ...{ us: 'corp.example', expected: EXPECTED.nato },
      pairs: [
        {
          ...{ peer: 'a.example', facts: facts() },
          runs: [
            { scenario: 'I-05', outcome: { kind: 'pass' }, ms: 1 },
            { scenario: 'I-16', outcome: { kind: 'violation', detail: 'of <ours>' }, ms: 1 },
            { scenario: 'I-22', outcome: { kind: 'peer-violation', detail: 'of theirs' }, ms: 1 },
            { scenario: 'I-23', outcome: { kind: 'inconclusive', detail: 'of nobody' }, ms: 1 },
            { scenario: 'I-39', outcome: { kind: 'not-run', detail: 'of a day' }, ms: 0 },
            { scenario: 'I-34', outcome: { kind: 'pass' }, ms: 1, short: 'No <account>.' },
          ],
        },
      ],
    },
  })
  const page = htmlOf(report, CASES_BY_ID, REQUIREMENTS_BY_ID)
  for (const cell of [
    'We</span>: of &lt;ours&gt;',
    'As expected</span>, in part<br><small>No &lt;account&gt;.',
    'The partner</span>: of theirs',
    'Not known</span>: of nobody',
  ])
    assert.ok(page.includes(cell), cell)
  assert.match(page, /paired<\/a> with a\.example/)
  const junit = junitOf(report, CASES_BY_ID, REQUIREMENTS_BY_ID)
  assert.match(junit, /<testsuite name="Live partner a\.example" tests="6" failures="1" errors="1" skipped="2"/)
  assert.match(junit, /<testsuites [^>]*tests="8" failures="2" errors="1" skipped="2"/)
  const without = htmlOf(reportOf(INGREDIENTS), CASES_BY_ID, REQUIREMENTS_BY_ID)
  assert.match(without, /no product of others had a part in this run/)
})
