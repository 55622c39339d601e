// Whom the first words of a log-in name, in every mechanism that passes; and what is refused before anybody is asked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heardFailure, readAuth, rewriteEnabled, rewriteSuccess } from '../../../../src/stream/client/log-in.ts'
import { failure } from '../../../../src/stream/client/sasl.ts'
import { base64, element, SASL, SASL2, SM } from './words.ts'

const OFFERED = {
  domain: 'corp.example',
  mechanisms: ['PLAIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256', 'X-OAUTH2', 'HT-SHA-256-NONE'],
  inline: new Set(['urn:xmpp:bind:0', 'urn:xmpp:fast:0']),
}

const auth = (mechanism: string, message: string | undefined): string =>
  `<auth ${SASL} mechanism='${mechanism}'>${message === undefined ? '' : message === '=' ? '=' : base64(message)}</auth>`

const NAMED: readonly (readonly [mechanism: string, message: string, user: string])[] = [
  ['PLAIN', '\0alice\0secret', 'alice@corp.example'],
  ['PLAIN', '\0ALICE\0secret', 'alice@corp.example'],
  ['PLAIN', 'alice@corp.example\0alice\0secret', 'alice@corp.example'],
  ['PLAIN', '\0alice@corp.example\0secret', 'alice@corp.example'],
  ['X-OAUTH2', '\0alice\0token', 'alice@corp.example'],
  ['SCRAM-SHA-1', 'n,,n=alice,r=abc', 'alice@corp.example'],
  ['SCRAM-SHA-256', 'y,,n=alice,r=abc', 'alice@corp.example'],
  ['SCRAM-SHA-1', 'n,a=alice@corp.example,n=alice,r=abc', 'alice@corp.example'],
  ['SCRAM-SHA-1', 'n,,n=jürgen,r=abc', 'jürgen@corp.example'],
  ['HT-SHA-256-NONE', 'alice\0\u0001\u0002', 'alice@corp.example'],
]

for (const [mechanism, message, user] of NAMED) {
  test(`${mechanism} ${JSON.stringify(message)} names ${user}`, () => {
    const frame = element(auth(mechanism, message))
    const reading = readAuth(frame, OFFERED)
    assert.ok(reading.kind === 'asked', JSON.stringify(reading))
    assert.equal(reading.user, user)
    assert.deepEqual(reading.bytes, frame.bytes)
  })
}

const REFUSED: readonly (readonly [about: string, xml: string, reason: string, condition: string])[] = [
  ['a mechanism that was not offered', auth('ANONYMOUS', 'x'), 'SP-809', 'invalid-mechanism'],
  ['EXTERNAL of the core', auth('EXTERNAL', '='), 'SP-809', 'invalid-mechanism'],
  ['no mechanism', `<auth ${SASL}>AA==</auth>`, 'SP-809', 'invalid-mechanism'],
  ['what is no Base64', `<auth ${SASL} mechanism='PLAIN'>%%%</auth>`, 'SP-810', 'incorrect-encoding'],
  ['PLAIN without a name', auth('PLAIN', '\0\0secret'), 'SP-810', 'malformed-request'],
  ['PLAIN of one part', auth('PLAIN', 'alice'), 'SP-810', 'malformed-request'],
  ['PLAIN of four parts', auth('PLAIN', '\0alice\0a\0b'), 'SP-810', 'malformed-request'],
  ['nothing at all', auth('PLAIN', '='), 'SP-810', 'malformed-request'],
  ['somebody for somebody else', auth('PLAIN', 'boss@corp.example\0alice\0secret'), 'SP-810', 'not-authorized'],
  ['the same in SCRAM', auth('SCRAM-SHA-1', 'n,a=boss@corp.example,n=alice,r=abc'), 'SP-810', 'not-authorized'],
  ['a user of another domain', auth('PLAIN', '\0alice@other.example\0secret'), 'SP-810', 'not-authorized'],
  ['a name that is none', auth('PLAIN', '\0al ice\0secret'), 'SP-810', 'not-authorized'],
  [
    'SCRAM that binds to a channel',
    auth('SCRAM-SHA-1', 'p=tls-exporter,,n=alice,r=abc'),
    'SP-810',
    'malformed-request',
  ],
  ['a nonce that is no ASCII', auth('SCRAM-SHA-1', 'n,,n=alice,r=\u00e9'), 'SP-810', 'malformed-request'],
  ['a nonce with a blank', auth('SCRAM-SHA-1', 'n,,n=alice,r=a b'), 'SP-810', 'malformed-request'],
  ['two names for who reads otherwise', auth('SCRAM-SHA-1', 'n,,n=xn=3Dboss,r=abc'), 'SP-810', 'malformed-request'],
  ['what must be understood', auth('SCRAM-SHA-1', 'n,,m=x,n=alice,r=abc'), 'SP-810', 'malformed-request'],
  [
    'Base64 that is written in another way',
    `<auth ${SASL} mechanism='PLAIN'>AGFsaWNlAHh=</auth>`,
    'SP-810',
    'incorrect-encoding',
  ],
  ['SASL with an element', `<auth ${SASL} mechanism='PLAIN'>AGE<x/>AGI=</auth>`, 'SP-810', 'malformed-request'],
  ['SCRAM with an escape that is none', auth('SCRAM-SHA-1', 'n,,n=al=2Fice,r=abc'), 'SP-810', 'malformed-request'],
  [
    'a name that is no UTF-8',
    `<auth ${SASL} mechanism='PLAIN'>${Buffer.from([0, 0xff, 0, 1]).toString('base64')}</auth>`,
    'SP-810',
    'malformed-request',
  ],
  [
    'resumption within SASL2',
    `<authenticate ${SASL2} mechanism='PLAIN'><initial-response>${base64('\0alice\0x')}</initial-response><resume ${SM} h='0' previd='1'/></authenticate>`,
    'SP-810',
    'malformed-request',
  ],
  ['SASL2 without a first message', `<authenticate ${SASL2} mechanism='PLAIN'/>`, 'SP-810', 'malformed-request'],
]

for (const [about, xml, reason, condition] of REFUSED) {
  test(`a log-in is refused before anybody is asked: ${about}`, () => {
    const reading = readAuth(element(xml), OFFERED)
    assert.ok(reading.kind === 'faulty', JSON.stringify(reading))
    assert.deepEqual([reading.reason, reading.condition], [reason, condition])
  })
}

test('a client that waits to be asked is asked', () => {
  const reading = readAuth(element(`<auth ${SASL} mechanism='PLAIN'/>`), OFFERED)
  assert.deepEqual(reading, { kind: 'silent', form: 'sasl', mechanism: 'PLAIN' })
})

test('a first message within SASL2 names its user too', () => {
  const xml = `<authenticate ${SASL2} mechanism='PLAIN'><initial-response>${base64('\0alice\0x')}</initial-response></authenticate>`
  const reading = readAuth(element(xml), OFFERED)
  assert.ok(reading.kind === 'asked')
  assert.deepEqual([reading.form, reading.user], ['sasl2', 'alice@corp.example'])
})

const authenticate = (children: string): string => `<authenticate ${SASL2} mechanism='PLAIN'>${children}</authenticate>`
const OF_ALICE = `<initial-response>${base64('\0alice\0x')}</initial-response>`
const OF_BOSS = base64('\0boss\0guess')
const BIND2 = "xmlns='urn:xmpp:bind:0'"

const SMUGGLED: readonly (readonly [about: string, children: string])[] = [
  ['two first messages', `${OF_ALICE}<initial-response>${OF_BOSS}</initial-response>`],
  ['one of another namespace before it', `<initial-response xmlns='urn:x'>${OF_BOSS}</initial-response>${OF_ALICE}`],
  [
    'one of another namespace behind it',
    `${OF_ALICE}<x:initial-response xmlns:x='urn:x'>${OF_BOSS}</x:initial-response>`,
  ],
  ['an element in it', `<initial-response>${base64('\0alice\0xx')}<x>${OF_BOSS}</x></initial-response>`],
  ['text beside it', `${OF_ALICE}${OF_BOSS}`],
  ['what was not offered', `${OF_ALICE}<enable xmlns='urn:xmpp:carbons:2'/>`],
  ['a challenge', `${OF_ALICE}<challenge/>`],
  ['two of what was offered', `${OF_ALICE}<bind ${BIND2}/><bind ${BIND2}><tag>x</tag></bind>`],
  ['two agents', `${OF_ALICE}<user-agent/><user-agent/>`],
  ['an agent of more', `${OF_ALICE}<user-agent><initial-response>${OF_BOSS}</initial-response></user-agent>`],
]

for (const [about, children] of SMUGGLED) {
  test(`a log-in by SASL2 is none: ${about}`, () => {
    const reading = readAuth(element(authenticate(children)), OFFERED)
    assert.ok(reading.kind === 'faulty', JSON.stringify(reading))
    assert.deepEqual([reading.reason, reading.condition], ['SP-810', 'malformed-request'])
  })
}

test('what was offered goes with a log-in, written anew wherever it declares what it uses', () => {
  const xml = `<s:authenticate xmlns:s='urn:xmpp:sasl:2' xmlns:b='urn:xmpp:bind:0' xmlns='urn:x' mechanism='PLAIN' more='x'>
    <s:initial-response more='x'>${base64('\0alice\0x')}</s:initial-response>
    <s:user-agent id='d4' more='x'><s:software>A &amp; B</s:software></s:user-agent>
    <b:bind><b:tag>T</b:tag><enable xmlns='urn:xmpp:sm:3' resume='true'/></b:bind></s:authenticate>`
  const reading = readAuth(element(xml), OFFERED)
  assert.ok(reading.kind === 'asked', JSON.stringify(reading))
  assert.equal(
    reading.bytes.toString(),
    `<authenticate ${SASL2} mechanism='PLAIN'>${OF_ALICE}<user-agent ${SASL2} id='d4'><software>A &amp; B</software></user-agent>` +
      `<bind ${BIND2}><tag>T</tag><enable ${SM} resume='true'/></bind></authenticate>`,
  )
})

test('what the core says of an account is not shown', () => {
  for (const said of [
    'not-authorized',
    'malformed-request',
    'aborted',
    'account-disabled',
    'credentials-expired',
    'invalid-authzid',
    'unheard-of',
  ]) {
    const { condition, detail } = heardFailure(element(`<failure ${SASL}><${said}/><text>who knows</text></failure>`))
    assert.equal(condition, 'not-authorized')
    assert.equal(detail, `"${said}"`)
  }
  assert.equal(
    heardFailure(element(`<failure ${SASL}><temporary-auth-failure/></failure>`)).condition,
    'temporary-auth-failure',
  )
  assert.equal(failure('sasl', 'not-authorized').toString(), `<failure ${SASL}><not-authorized/></failure>`)
  assert.equal(failure('sasl2', 'not-authorized').toString(), `<failure ${SASL2}><not-authorized ${SASL}/></failure>`)
})

test('where the core would rather be met is not told outside', () => {
  const { enabled, bytes } = rewriteEnabled(
    element(`<enabled ${SM} id='x1' resume='true' location='10.1.2.3:5222' max='600'/>`),
  )
  assert.deepEqual(enabled, { id: 'x1', keptMs: 600_000 })
  assert.doesNotMatch(bytes.toString(), /10\.1|location/)
  assert.match(bytes.toString(), /max='600'/)
  const success = `<success ${SASL2}><authorization-identifier>a@corp.example/r</authorization-identifier><bound xmlns='urn:xmpp:bind:0'><enabled ${SM} id='x2' resume='1' location='10.1.2.3'/></bound></success>`
  const told = rewriteSuccess(element(success))
  assert.deepEqual(told.success, {
    identifier: 'a@corp.example/r',
    bound: true,
    enabled: { id: 'x2', keptMs: undefined },
  })
  assert.doesNotMatch(told.bytes.toString(), /10\.1/)
})
