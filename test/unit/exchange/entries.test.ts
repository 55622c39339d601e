// What comes of lists from others: example files as Skype for Business exports them, and what is wrong with faulty ones.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readEntries, type Imported } from '../../../src/exchange/entries.ts'
import type { KindName } from '../../../src/exchange/kinds.ts'

const FOLDER = join(import.meta.dirname, '../../cases/exchange')

function imported(bytes: Uint8Array | string, kind?: KindName): Imported {
  const read = readEntries(Buffer.from(bytes), kind)
  assert.ok(!('problem' in read), JSON.stringify(read))
  return read
}

const example = (name: string): Imported => imported(readFileSync(join(FOLDER, name)))

const entries = ({ entries: all }: Imported): unknown => all.map(({ place, domain, fields }) => [place, domain, fields])

const left = ({ remarks }: Imported): string[] =>
  remarks.flatMap(({ place, left: isLeft, message }) => (isLeft ? [`${place}: ${message}`] : []))

const otherwise = ({ remarks }: Imported): string[] =>
  remarks.flatMap(({ place, left: isLeft, message }) => (isLeft ? [] : [`${place}: ${message}`]))

test('allowed domains in UTF-16 of PowerShell: A-labels, comments as notes, and nothing wider than it was', () => {
  const read = example('allowed-domains.csv')
  assert.equal(read.kind, 'allowed-domains')
  const [first, second, third] = read.entries
  assert.deepEqual(first, {
    ...{ place: 'line 3', domain: 'fabrikam.example' },
    fields: { status: 'allowed', notes: 'Contact: Ken Myer, "KM"' },
  })
  assert.equal(second?.domain, 'xn--mnchen-3ya.example')
  // Who may only be written to by contacts is of that class, or waits.
  const { status, class: name } = third?.fields ?? {}
  assert.ok(status === 'pending' || name === 'public-unverified', JSON.stringify(third))
  assert.deepEqual(left(read), ['line 6: "*" is no domain that XMPP can have'])
  assert.match(otherwise(read).join('\n'), /^line 4: ProxyFqdn names a SIP server/m)
  assert.match(otherwise(read).join('\n'), /^line 4: MarkForMonitoring/m)
})

test('a level of verification that is not known opens nothing; others do as they say, in any case of letters', () => {
  const open = { status: 'allowed' }
  const unverified = { status: 'allowed', class: 'public-unverified' }
  for (const [level, fields] of [
    [undefined, open],
    [null, open],
    ['', open],
    ['AlwaysVerifiable', open],
    ['usesourceverification', open],
    ['AlwaysUnverifiable', unverified],
    ['alwaysunverifiable', unverified],
    [0, { status: 'pending' }],
    [1, { status: 'pending' }],
    ['2', { status: 'pending' }],
    [true, { status: 'pending' }],
    [{ Value: 'AlwaysVerifiable' }, { status: 'pending' }],
    ['Never', { status: 'pending' }],
  ] as const) {
    const item = { Domain: 'a.example', VerificationLevel: level, MarkForMonitoring: false }
    const read = imported(JSON.stringify([item]), 'allowed-domains')
    assert.deepEqual(read.entries[0]?.fields, fields, JSON.stringify(level))
    const told = fields.status === 'pending' ? /VerificationLevel .* is not known .*pending/ : /^$/
    assert.match(otherwise(read).join(), told)
  }
})

test('the types of XMPP partners become the classes of these names', () => {
  const settings = { TlsNegotiation: 'Required', SaslNegotiation: 'Required', SupportDialbackNegotiation: false }
  for (const [type, terms] of [
    ['Federated', { status: 'allowed' }],
    ['PublicVerified', { status: 'allowed', class: 'public-verified' }],
    ['PublicUnverified', { status: 'allowed', class: 'public-unverified' }],
    ['Other', { status: 'pending' }],
  ] as const) {
    const read = imported(JSON.stringify([{ Domain: 'a.example', PartnerType: type, ...settings }]), 'xmpp-partners')
    assert.deepEqual(read.entries[0]?.fields, { ...terms, authentication: 'certificate' })
  }
})

test('blocked domains: the comment is the reason, letters that were lost are pointed out, twins are told', () => {
  const read = example('blocked-domains.csv')
  assert.deepEqual(entries(read), [['line 4', 'spam.example', { status: 'blocked', reason: 'spam since March' }]])
  assert.match(left(read)[0] ?? '', /^line 6: "m\?ller.example" is no domain.*export it with -Encoding UTF8/)
  assert.equal(left(read)[1], 'line 8: the same as line 4')
})

test('XMPP partners: floors from three settings, further domains, where to connect', () => {
  const read = example('xmpp-partners.csv')
  assert.deepEqual(entries(read), [
    ['line 3', 'strict.example', { status: 'allowed', authentication: 'certificate', notes: 'Noc: +49 30 1' }],
    [
      ...['line 4', 'lax.example'],
      {
        ...{ status: 'allowed', authentication: 'dialback-over-tls' },
        connect: [{ host: 'xmpp.lax.example', port: 5269 }],
        limits: { connections: 5 },
      },
    ],
  ])
  assert.match(left(read)[0] ?? '', /^line 5: TlsNegotiation NotSupported: nothing crosses here without TLS/)
  assert.match(left(read)[1] ?? '', /^line 6: neither SASL nor dialback/)
  assert.match(otherwise(read).join('\n'), /^line 3: AdditionalDomains: Export-Csv writes the type of a list/m)
  assert.match(otherwise(read).join('\n'), /^line 4: TlsNegotiation Optional/m)
})

test('how many connections an XMPP partner may have is how many streams, as far as there can be so many', () => {
  const settings = { TlsNegotiation: 'Required', SaslNegotiation: 'Required', SupportDialbackNegotiation: false }
  for (const [limit, connections, told] of [
    [5, 5, ''],
    ['20', 20, ''],
    [null, undefined, ''],
    ['1', 2, /^item 1: ConnectionLimit 1: limits\.connections is 2, as one stream can follow/],
    [20_000, 10_000, /limits\.connections is 10000, which is the most/],
    [0, undefined, /ConnectionLimit 0 is no number of connections, and not carried over/],
    ['-3', undefined, /ConnectionLimit -3 is no number/],
    ['many', undefined, /ConnectionLimit many is no number/],
  ] as const) {
    const item = { Domain: 'a.example', PartnerType: 'Federated', ConnectionLimit: limit, ...settings }
    const read = imported(JSON.stringify([item]), 'xmpp-partners')
    assert.deepEqual(read.entries[0]?.fields['limits'], connections && { connections }, JSON.stringify(limit))
    assert.deepEqual(read.entries[0]?.partial, connections && ['limits'], 'other limits stay')
    if (told === '') assert.deepEqual(read.remarks, [])
    else assert.match(otherwise(read).join(), told)
  }
})

test('XMPP partners by Export-Clixml: words of enumerations, lists, references to earlier values, escapes', () => {
  const read = example('xmpp-partners.clixml')
  assert.deepEqual(entries(read), [
    [
      ...['item 1', 'fabrikam.example'],
      {
        ...{ status: 'allowed', authentication: 'certificate', notes: 'Contact:\nKen & Co' },
        alsoKnownAs: ['research.fabrikam.example', 'xn--bcher-kva.example'],
      },
    ],
    ['item 2', 'contoso.example', { status: 'allowed', authentication: 'certificate' }],
  ])
  assert.deepEqual(read.remarks, [])
})

test('lists in every form that PowerShell gives them are read, and what is no domain in one is told', () => {
  const settings = { TlsNegotiation: 'Required', SaslNegotiation: 'Required', SupportDialbackNegotiation: false }
  const two = ['b.example', 'c.example']
  for (const [list, names, odd] of [
    [two, two, ''],
    [{ value: two, Count: 2 }, two, ''],
    [{ value: [], Count: 0 }, undefined, ''],
    ['b.example c.example', two, ''],
    [null, undefined, ''],
    [
      ['b.example', 7, { a: 1 }],
      ['b.example'],
      'AdditionalDomains: 7 is no domain, AdditionalDomains: {"a":1} is no domain',
    ],
    [{ names: two }, undefined, `AdditionalDomains: ${JSON.stringify({ names: two })} is no domain`],
  ] as const) {
    const item = { Domain: 'a.example', PartnerType: 'Federated', AdditionalDomains: list, ...settings }
    const read = imported(JSON.stringify([item]), 'xmpp-partners')
    assert.deepEqual(read.entries[0]?.fields['alsoKnownAs'], names, JSON.stringify(list))
    assert.equal(otherwise(read).join(', ').replaceAll('item 1: ', ''), odd)
  }
  const wrapped = `<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="0"><MS>
    <S N="Domain">a.example</S><S N="PartnerType">Federated</S><S N="TlsNegotiation">Required</S>
    <S N="SaslNegotiation">Required</S><B N="SupportDialbackNegotiation">false</B>
    <Obj N="AdditionalDomains" RefId="1"><ToString>@{value=System.Object[]; Count=2}</ToString><MS>
      <Obj N="value" RefId="2"><LST><S>b.example</S><S>c.example</S></LST></Obj><I32 N="Count">2</I32></MS></Obj>
    </MS></Obj></Objs>`
  const read = imported(wrapped.replaceAll(/\n\s*/g, ''), 'xmpp-partners')
  assert.deepEqual(read.entries[0]?.fields['alsoKnownAs'], two)
  assert.deepEqual(read.remarks, [])
  const excluded = { value: ['msn.example', 'live.example'], Count: 2 }
  const provider = { Name: 'Skype', IconUrl: 'x', NameDecorationExcludedDomainList: excluded }
  assert.match(left(imported(JSON.stringify([provider])))[0] ?? '', /decorated names \(msn\.example, live\.example\)/)
  const newer = {
    Domain: 'd.example',
    Comment: '',
    NewList: { value: ['x'], Count: 1 },
    NewFlag: true,
    NewEmpty: [],
    Off: false,
  }
  assert.deepEqual(otherwise(imported(JSON.stringify([newer]), 'blocked-domains')), [
    'item 1: NewList is not known, and not carried over',
    'item 1: NewFlag is not known, and not carried over',
  ])
})

test('numbers in place of words are a mistake, never a guess', () => {
  const { entries: none, faults } = example('xmpp-partners-numbers.json')
  assert.deepEqual(none, [])
  assert.match(faults[0]?.message ?? '', /cannot be read.*take Export-Csv or Export-Clixml/)
})

test('providers, policies and settings become no entries, and each says where that is said here', () => {
  for (const [file, kind, words] of [
    ['hosting-providers.csv', 'hosting-providers', [/some of your own users are there/, /which was off,.*no domains/]],
    ['public-providers.json', 'public-providers', [/Skype stands for the SIP server.*decorated names \(msn\.example/]],
    ['external-access.json', 'external-access', [/^item 1: everybody may not/, /Tag:Sales may talk.*policy\.yaml/]],
    ['edge-configuration.json', 'edge-configuration', [/EnablePartnerDiscovery True.*federation\.mode/]],
  ] as const) {
    const read = example(file)
    assert.equal(read.kind, kind)
    assert.deepEqual([read.entries, read.faults], [[], []])
    assert.equal(left(read).length, words.length)
    for (const [index, pattern] of words.entries()) assert.match(left(read)[index] ?? '', pattern)
  }
  assert.deepEqual(otherwise(example('edge-configuration.json')), [
    'item 1: NewerSetting is not known, and not carried over',
  ])
})

test('our own table: lists in cells, empty cells take out, apostrophes before formulas go', () => {
  const [aurora, old] = example('partners.csv').entries
  assert.equal(aurora?.domain, 'aurora.example')
  assert.deepEqual(aurora?.fields, {
    ...{ status: 'allowed', owner: '=it@corp.example', expires: '2027-06-30', authentication: null },
    alsoKnownAs: ['conference.aurora.example', '*.labs.aurora.example'],
    connect: [{ host: 'xmpp.aurora.example', port: 5270, tls: 'direct' }],
  })
  assert.equal(old?.fields['owner'], null)
})

test('a list that cannot be read says on which line, and how to mend it', () => {
  const head = 'domain,status\n'
  for (const [bytes, words] of [
    [`${head}a.example,allowed\n"b.example,allowed\nc.example,x\n`, /^3: a quote is opened and never closed/],
    [`#TYPE X\n${head}"a.example"x,allowed\n`, /^3: something stands behind a closing quote/],
    [`${head}a"b,allowed\n`, /^2: a quote stands in the middle/],
    [`${head}\n"a.example",allowed\nb,c,d\n`, /^4: 3 values for 2 columns; put quotes around values with commas/],
    ['domain;status\na;b;c\n', /^2: 3 values for 2 columns.*semicolons/],
    ['domain,domain\n', /^1: the column domain is there twice/],
    ['domain,,status\n', /^1: a column has no name/],
    ['', /^1: empty/],
    [head, /^-: nothing is in it/],
    ['Domain\na.example\n', /^-: what it lists cannot be told by its columns \(Domain\); say it with --kind/],
    ['{"a": [1,\n2,,]}', /^.*: no JSON \(/],
    ['[1]', /^-: item 1 is no object/],
    ['<Objs xmlns="urn:x"/>', /^-: XML, but not of Export-Clixml/],
    ['<!DOCTYPE x [<!ENTITY e "x">]><Objs/>', /^-: no XML that can be taken/],
    ['<Objs><a></Objs>', /^-: no XML that can be taken/],
    [
      Buffer.from('domain,status\nm\xfcller.example,allowed\n', 'latin1'),
      /^2: neither UTF-8 nor UTF-16; export it with/,
    ],
    [Buffer.from([0xff, 0xfe, 0x41]), /^-: begins as utf-16le and does not go on so/],
  ] as const) {
    const read = readEntries(Buffer.from(bytes))
    assert.ok('problem' in read, String(bytes))
    assert.match(`${read.line ?? '-'}: ${read.problem}`, words)
  }
})

test('the same text reads the same in every encoding, with a mark and without', () => {
  const text = 'domain,status\r\nmüller.example,allowed\r\n'
  const wide = Buffer.from(text, 'utf16le')
  const big = Buffer.from(wide).swap16()
  const mark = Buffer.from('\ufeff')
  const wanted = imported(text)
  assert.equal(wanted.entries[0]?.domain, 'xn--mller-kva.example')
  const forms = [Buffer.concat([mark, Buffer.from(text)]), wide, big]
  forms.push(Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(`\ufeff${text}`, 'utf16le').swap16())
  for (const form of forms) assert.deepEqual(imported(form), wanted)
})

test('mistakes in our own table are named with their place; contradictions too', () => {
  for (const [text, words] of [
    [
      'domain,status,ownr\na.example,allowed,x\n',
      /^line 2: no key "ownr" is in files of partners; did you mean "owner"\?/,
    ],
    ['domain,status\n10.0.0.1,allowed\n', /^line 2: domain: write a domain name/],
    ['[{"domain": "a.example", "status": "allowed"}, {"status": "allowed"}]', /^item 2: domain: missing; write/],
    [
      'domain,status\na.example,allowed\nb.example,allowed\nA.example,blocked\n',
      /^line 4: a\.example is otherwise on line 2 \(status: "allowed" there, "blocked" here\); keep one/,
    ],
  ] as const) {
    const { faults } = imported(text)
    assert.equal(faults.length, 1)
    assert.match(`${faults[0]?.place}: ${faults[0]?.message}`, words)
  }
})

test('what a list is of: by its type, or by the properties that only it has; --kind decides', () => {
  for (const [head, kind] of [
    ['Domain,MarkForMonitoring', 'allowed-domains'],
    ['Domain,Comment', 'blocked-domains'],
    ['Domain,TlsNegotiation', 'xmpp-partners'],
    ['Identity,HostsOCSUsers', 'hosting-providers'],
    ['Identity,NameDecorationDomain', 'public-providers'],
    ['Identity,EnableOutsideAccess', 'external-access'],
    ['Identity,AllowOutsideUsers', 'edge-configuration'],
    ['domain,status', 'partners'],
  ] as const)
    assert.equal(imported(`${head}\na.example,x\n`).kind, kind)
  assert.equal(imported('Domain,Comment\na.example,x\n', 'allowed-domains').entries[0]?.fields['status'], 'allowed')
  const typed =
    '#TYPE Deserialized.Microsoft.Rtc.Management.WritableConfig.Settings.Edge.BlockedDomain\n"Domain"\n"a.example"\n'
  assert.equal(imported(typed).kind, 'blocked-domains')
})
