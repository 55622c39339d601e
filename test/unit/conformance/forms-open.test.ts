// What a report says of what is open, of what was tested, and what it claims.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CASES } from '../../../src/conformance/cases/all.ts'
import { NO_IP6 } from '../../../src/conformance/host-lacks.ts'
import { diagram } from '../../../src/conformance/report/diagram.ts'
import { billOf } from '../../../src/conformance/report/sbom.ts'
import { filesOf } from '../../../src/conformance/report/attachments.ts'
import { junitOf } from '../../../src/conformance/report/junit.ts'
import { PKE_AREAS } from '../../../src/conformance/report/html/pke.ts'
import { htmlOf } from '../../../src/conformance/report/html.ts'
import { interfacesOf } from '../../../src/conformance/report/interfaces.ts'
import { reportOf } from '../../../src/conformance/report/report.ts'
import { REQUIREMENTS } from '../../../src/conformance/requirement.ts'
import { CASES_BY_ID, INGREDIENTS, REPORT, REQUIREMENTS_BY_ID, ran, reported } from './example-report.ts'
import { Transcript } from '../../../src/conformance/stage/transcript.ts'

const pageOf = (report: typeof REPORT): string => htmlOf(report, CASES_BY_ID, REQUIREMENTS_BY_ID)
const headerOf = (page: string): string => /<header>[^]*<\/header>/.exec(page)?.[0] ?? ''

test('what is open is a discrepancy that weighs as much as it is seen to', () => {
  const of = (id: string) => REPORT.discrepancies.find(({ requirement }) => requirement === id)
  const violated = of('LBL-01')
  assert.equal(violated?.severity, 'Critical')
  assert.equal(violated.kind, 'violation')
  assert.match(violated.seen, /^LBL-01\/label\/in over IPv6: <a b="c">/)
  assert.equal(violated.expected, CASES_BY_ID.get('LBL-01/label/in')?.title)
  // Not there, though binding; not shown by a case of this run.
  assert.partialDeepStrictEqual(of('LIM-06') ?? {}, { kind: 'absent', plan: 'Pools of gateways.' })
  assert.partialDeepStrictEqual(of('ADM-05') ?? {}, { kind: 'absent', severity: 'Major' })
  assert.partialDeepStrictEqual(of('JID-01') ?? {}, {
    kind: 'unseen',
    severity: 'Minor',
    plan: 'A case that shows it.',
  })
  assert.equal(of('STR-01'), undefined)
  const unclear = reported([ran('STR-01/other-root-namespace', { kind: 'inconclusive', detail: 'no TLS' })])
  assert.partialDeepStrictEqual(unclear.discrepancies.find(({ requirement }) => requirement === 'STR-01') ?? {}, {
    ...{ kind: 'inconclusive', severity: 'Major' },
  })
  assert.equal(new Set(REPORT.discrepancies.map(({ id }) => id)).size, REPORT.discrepancies.length)
})

test('a discrepancy report says what was done, step by step, or how it is to be tested, and which part it is about', () => {
  const of = (id: string): string =>
    new RegExp(`<article class="tdr"><h3>TDR-dod-${id}</h3>[^]*?</article>`).exec(pageOf(REPORT))?.[0] ?? ''
  assert.match(
    of('LBL-01'),
    /Component<\/dt><dd>labels[^]*Scenario<\/dt><dd><a href="#case-LBL-01-label-in">[^]*<li>Before: /,
  )
  assert.match(of('LIM-06'), /Component<\/dt><dd>limits[^]*To be tested by<\/dt><dd>kill node during traffic/)
})

test('what a peer did wrong is told apart from what we did', () => {
  const own = ran('STR-01/other-root-namespace', { kind: 'peer-violation', detail: 'sent a comment' })
  const report = reported([{ ...own, peer: 'partner.example' }])
  const open = report.discrepancies.find(({ requirement }) => requirement === 'STR-01')
  assert.partialDeepStrictEqual(open ?? {}, { kind: 'peer', severity: 'Minor' })
  assert.match(open?.seen ?? '', /with partner\.example over IPv4: sent a comment/)
  assert.match(open?.plan ?? '', /told to the partner/)
  // GWY-02 has every case of its area.
  assert.match(
    headerOf(pageOf(report)),
    /Not seen, for the peer was at fault \(2\)<\/strong>: Streams&nbsp;1; Gateway-specific&nbsp;1/,
  )
  assert.match(
    junitOf(report, CASES_BY_ID, REQUIREMENTS_BY_ID),
    /failures="0" errors="0" skipped="1".*<skipped message="sent a comment"\/>/s,
  )
})

test('the first page alone says what was tested, on what, and what is open', () => {
  const first = headerOf(pageOf(REPORT))
  const { system } = REPORT
  for (const wanted of [
    system.code,
    system.configuration,
    system.bill ?? '?',
    '0123456789ab',
    REPORT.expires,
    REPORT.id,
  ])
    assert.ok(first.includes(wanted), wanted)
  assert.match(first, /with changes that are in no commit/)
  assert.match(first, /no validated provider/)
  assert.match(first, /Seen to be wrong \(2\)<\/strong>: <strong><a href="#LBL-01">/)
  assert.match(first, /Shown by no case yet \(\d+\)/)
  // What is binding and not there is named, with what it asks for; of the rest it is told what it is about, in words.
  assert.match(
    first,
    /Not there, though binding, with a plan \(\d+\)<\/strong>: [^]*<a href="#DNS-11">DNS-11<\/a><\/strong> Use resolver/,
  )
  assert.match(first, /TCP binding, DNS, ports&nbsp;\d/)
  assert.doesNotMatch(first, /\b(?:STR|DNS|PKI)&nbsp;\d/)
  assert.equal(REPORT.expires, '2029-11-26')
})

test('the letter claims what a run has shown, and lists everything else', () => {
  const letter = /<section id="letter">[^]*?<\/section>/.exec(pageOf(REPORT))?.[0] ?? ''
  const [, met = ''] = /<h3>Met \(3\)<\/h3>\s*<p>(.*?)<\/p>/.exec(letter) ?? []
  assert.equal(met, 'SCP-01, SCP-05; STR-01')
  for (const { requirement, result } of REPORT.verdicts)
    if (result !== 'Met') assert.ok(letter.includes(`<li>${requirement} (${result})`), requirement)
})

test('the annexes tell what was agreed on, what peers have shown, and where IPv4 and IPv6 differ', () => {
  const agreed = { gateway: 'server', version: 'TLSv1.3', suite: 'TLS_AES_256_GCM_SHA384', group: 'X25519' } as const
  const page = pageOf(
    reported([
      { ...ran('PKI-04/good-proves', { kind: 'pass' }), tls: [agreed] },
      { ...ran('PKI-04/good-proves', { kind: 'violation', detail: 'late' }), ip: 6 },
    ]),
  )
  const annex = (id: string): string => new RegExp(`<section id="${id}">[^]*?</section>`).exec(page)?.[0] ?? ''
  assert.match(annex('annex-tls'), /TLSv1\.3[^]*TLS_AES_256_GCM_SHA384[^]*X25519[^]*server[^]*PKI-04\/good-proves/)
  assert.match(annex('annex-pki'), /PKI-04\/good-proves[^]*as a DNS-ID[^]*violation/)
  assert.match(annex('annex-ip'), /PKI[^]*1 of 1[^]*0 of 1[^]*PKI-04\/good-proves/)
  assert.match(annex('annex-limits'), /stanzaBytes[^]*512KiB/)
  assert.match(annex('evidence'), /evidence\/a\.txt[^]*abcd/)
})

test('certificates are told by the areas of a PK-enabled certification too, each with its cases or why it has none', () => {
  for (const { name, cases, note } of PKE_AREAS) {
    if (cases.length === 0) assert.ok((note ?? '').length > 40, name)
    for (const begin of cases)
      assert.ok(
        CASES.some(({ id }) => id.startsWith(begin)),
        `${name}: ${begin}`,
      )
  }
  const page = pageOf(
    reported([
      ran('PKI-03/partner-ca-proves', { kind: 'pass' }),
      ran('PKI-03/partner-ca-of-another', { kind: 'violation', detail: 'it was trusted' }),
    ]),
  )
  assert.match(
    page,
    /Storing trust points<\/th><td data-head="Cases">1 of 2 as expected; not: <a href="#case-PKI-03-partner-ca-of-another">/,
  )
  assert.match(page, /Retrieving from an archive<\/th><td data-head="Cases">none<\/td><td[^>]*>Does not apply/)
  assert.match(page, /Protocols<\/th><td data-head="Cases">none played here</)
  // Every case of the row that asks for these areas is in one of them.
  for (const { id } of CASES.filter((one) => one.id.startsWith('PKI-20/')))
    assert.ok(
      PKE_AREAS.some(({ cases }) => cases.some((begin) => id.startsWith(begin))),
      id,
    )
})

test('interfaces are those of the settings, each place once', () => {
  const rows = interfacesOf(INGREDIENTS.settings)
  const federation = rows.filter(({ name }) => name === 'Federation')
  assert.deepEqual(
    federation.map(({ direction, address, protection }) => [direction, address, protection]),
    [
      ['in', '[::1]:1', 'TLS by STARTTLS, demanded'],
      ['out', '127.0.0.1:4', 'TLS by STARTTLS, demanded'],
      ['out', '127.0.0.1:4', 'TLS from the first byte'],
    ],
  )
  assert.ok(rows.some(({ name, address }) => name === 'Core' && address === '127.0.0.1:3'))
  assert.ok(
    rows.some(({ name, address }) => name === 'Revocation' && address === 'none: lists are brought to certs/crls'),
  )
})

test('log servers and time servers of the settings are interfaces, and live partners are in the picture', () => {
  const settings = {
    'federation-config/gateway.yaml': JSON.stringify({
      log: { servers: [{ address: 'log1.corp.internal:6514', trust: 'certs/log-ca.pem' }] },
      clock: { servers: ['ntp1.corp.internal'] },
    }),
  }
  const rows = interfacesOf(settings).map(({ name, address }) => `${name} ${address}`)
  assert.ok(
    rows.includes('Log server log1.corp.internal:6514') && rows.includes('Time ntp1.corp.internal'),
    rows.join(),
  )
  assert.doesNotMatch(diagram(), /Live partners/)
  const three = diagram(['a.example', 'a-domain-that-is-rather-long.example', 'c.example'])
  assert.match(three, /Live partners[^]*>a\.example, a-domain-that-is-… and 1 more</)
})

test('the bill has what runs and what it needs, not what only tests need, and is the same each time', () => {
  const lock = {
    packages: {
      '': { name: 'sallyport', version: '1.2.3', license: 'Apache-2.0', dependencies: { a: '1' } },
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-AQID', license: 'MIT', dependencies: { '@s/b': '2' } },
      'node_modules/@s/b': { version: '1.0.0' },
      'node_modules/a/node_modules/@s/b': { version: '2.0.0', optional: true },
      'node_modules/c': { version: '3.0.0', dev: true },
    },
  }
  const bill = billOf(lock, { node: '26.0.0', openssl: '3.5.0', modules: '1' })
  assert.equal(bill.specVersion, '1.6')
  assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.deepEqual(
    bill.components.map(({ name, version, scope }) => [name, version, scope]),
    [
      ['a', '1.0.0', 'required'],
      ['@s/b', '1.0.0', 'required'],
      ['@s/b', '2.0.0', 'optional'],
      ['node', '26.0.0', 'required'],
      ['openssl', '3.5.0', 'required'],
    ],
  )
  assert.partialDeepStrictEqual(bill.components[0] ?? {}, {
    hashes: [{ alg: 'SHA-512', content: '010203' }],
    licenses: [{ expression: 'MIT' }],
    purl: 'pkg:npm/a@1.0.0',
  })
  assert.equal(bill.components[1]?.purl, 'pkg:npm/%40s/b@1.0.0')
  const needs = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]))
  assert.deepEqual(needs.get('sallyport@1.2.3'), ['a@1.0.0', 'node:node@26.0.0'])
  assert.deepEqual(needs.get('a@1.0.0'), ['a/@s/b@2.0.0'], 'the nearest')
  assert.deepEqual(needs.get('node:node@26.0.0'), ['node:openssl@3.5.0'])
  const refs = bill.components.map((component) => component['bom-ref'])
  assert.equal(new Set(refs).size, refs.length)
  assert.deepEqual(billOf(lock, { node: '26.0.0', openssl: '3.5.0', modules: '1' }), bill)
  assert.throws(() => billOf({}, { node: '26.0.0' }), /lists no packages/)
})

test('the evidence of a run is what was said, what the gateway logged, and what the peer has shown', () => {
  const transcript = new Transcript(() => 0)
  transcript.add('peer', '<message><body>Hello</body></message>')
  const [testCase] = CASES
  const files = filesOf({
    played: [
      {
        ...{
          outcome: { kind: 'pass' },
          transcript,
          began: 0,
          ms: 1,
          log: ['{"event":"x"}'],
          certificate: 'PEM of it\n',
        },
        performance: { testCase: testCase!, ip: 4, unicode: 'c0-v4.peer.example', peer: 'c0.peer.example' },
      },
    ],
    ...{ settings: { b: '2', a: '1' }, bill: undefined },
  })
  const [name, text] = [...files].find(([file]) => file.startsWith('evidence/')) ?? ['', '']
  assert.equal(name, `evidence/${testCase!.id.replaceAll('/', '-')}-ipv4.txt`)
  assert.match(
    text,
    /What is played:\n  before: [^]*  1\. [^]*What was said:\n.*5 characters[^]*logged of c0\.peer\.example:\n\{"event":"x"\}[^]*PEM of it\n$/,
  )
  assert.equal(files.get('configuration.json'), '{\n  "a": "1",\n  "b": "2"\n}\n')
  assert.equal(REQUIREMENTS.length, REPORT.verdicts.length)
})

test('a report on a gateway that runs elsewhere claims nothing of the release that tests it', () => {
  const reached = { at: ['192.0.2.10:5269'], release: '9.9.9', partner: 'partner.example' }
  const unplayed = new Map([['STR-10/one-way', 'what its core answers is up to that']])
  const report = reportOf({ ...INGREDIENTS, unplayed, limits: [], system: { ...INGREDIENTS.system, reached } })
  const page = pageOf(report)
  assert.match(page, /<h1>A gateway that runs at 192\.0\.2\.10:5269/)
  assert.match(page, /We state that the gateway at 192\.0\.2\.10:5269 \(release: 9\.9\.9\)/)
  assert.match(page, /listed here as met, each of which a run, or this report itself, has shown, and no others/)
  assert.match(page, /Not assessed \(\d+\)<\/h3>\s*<p>Of these nothing is claimed: .*STR-10/)
  assert.doesNotMatch(page, /core of the laboratory/i)
  assert.match(page, /<dt>Host of the tester<\/dt>[^]*<dt>Clock of that host<\/dt>/)
  assert.equal(report.verdicts.find(({ requirement }) => requirement === 'SCP-05')?.result, 'Not assessed')
  assert.deepEqual(
    report.discrepancies.filter(({ requirement }) => requirement === 'STR-10'),
    [],
  )
})

test('a report made on a host without IPv6 says on its first page that rows were not assessed for it', () => {
  const report = reportOf({ ...INGREDIENTS, unplayed: new Map([['IP6-06/networks', NO_IP6]]) })
  const page = pageOf(report)
  assert.equal(report.totals['Not assessed'], 1)
  assert.match(headerOf(page), /<strong>1<\/strong> was not assessed: this host has no IPv6/)
  assert.match(page, /<th scope="col">Not assessed<\/th>/)
  assert.doesNotMatch(headerOf(pageOf(REPORT)), /not assessed/)
})
