// The other readers of strangers' bytes that are reachable before anybody is authenticated: the header of a balancer, and the
// words of SASL, dialback, features, errors and acknowledgements. Each against a second opinion, or what must hold of it.

import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { isUtf8 } from 'node:buffer'
import { isIPv4, isIPv6 } from 'node:net'
import { test } from 'node:test'
import { domainToASCII } from 'node:url'
import { readProxyHeader } from '../../src/net/proxy-header.ts'
import { readAck } from '../../src/stream/acks.ts'
import { readDialback, resultQuestion, verifyQuestion } from '../../src/stream/dialback.ts'
import { readFeatures } from '../../src/stream/features.ts'
import { judgeAuth, readFailure } from '../../src/stream/sasl.ts'
import { readStreamError } from '../../src/stream/stream-error.ts'
import type { Frame } from '../../src/xml/frame.ts'
import { AFTER_AUTHENTICATION } from '../../src/xml/limits.ts'
import { Scanner } from '../../src/xml/scanner.ts'
import { attribute, escapeText, streamHeader } from '../../src/xml/write.ts'
import { isSaslCondition, isStreamCondition } from '../../src/xmpp/conditions.ts'
import { parseDomain } from '../../src/xmpp/domain.ts'
import { NS } from '../../src/xmpp/namespaces.ts'
import { BINARY, BINARY_6, binaryHeader, LOCAL, TEXT, TEXT_6 } from '../support/proxy.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const RUNS = { numRuns: 3000, seed: SEED }

/** Counts what was reached, and fails for what was hardly. */
function counter(...kinds: readonly string[]): {
  readonly note: (kind: string) => void
  readonly check: (least: number) => void
} {
  const counts = new Map(kinds.map((kind) => [kind, 0]))
  return {
    note: (kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1),
    check(least) {
      for (const [kind, count] of counts) assert.ok(count >= least, `${kind} was reached only ${count} times`)
    },
  }
}

type Reading = { readonly bytes: number; readonly client: string | undefined } | 'more' | 'faulty'

/** A second reader of headers of the PROXY protocol, for whole buffers. */
function secondReader(bytes: Buffer): Reading {
  const text = bytes.toString('latin1')
  const signature = '\r\n\r\n\0\r\nQUIT\n'
  if (signature.startsWith(text.slice(0, 12))) {
    if (bytes.length > 12 && bytes[12] !== 0x20 && bytes[12] !== 0x21) return 'faulty'
    if (bytes.length < 16) return 'more'
    const [command, family, length] = [bytes[12]!, bytes[13]!, bytes[14]! * 256 + bytes[15]!]
    if (length > 4080) return 'faulty'
    const local = command === 0x20
    const least: Record<number, number> = { 0x00: 0, 0x11: 12, 0x21: 36, 0x31: 216 }
    if (!local && !(length >= least[family]!)) return 'faulty'
    if (bytes.length < 16 + length) return 'more'
    if (local || (family !== 0x11 && family !== 0x21)) return { bytes: 16 + length, client: undefined }
    const address = [...bytes.subarray(16, family === 0x11 ? 20 : 32)]
    const groups = address.flatMap((byte, at) => (at % 2 === 0 ? [(byte * 256 + address[at + 1]!).toString(16)] : []))
    return { bytes: 16 + length, client: family === 0x11 ? address.join('.') : plainForm(groups.join(':')) }
  }
  if (!'PROXY '.startsWith(text.slice(0, 6))) return 'faulty'
  const end = text.indexOf('\r\n')
  if (end < 0 ? bytes.length >= 107 : end > 105) return 'faulty'
  if (end < 0) return 'more'
  const words = text.slice(0, end).split(' ')
  if (words[1] === 'UNKNOWN') return { bytes: end + 2, client: undefined }
  const isAddress = words[1] === 'TCP4' ? isIPv4 : words[1] === 'TCP6' ? isIPv6 : () => false
  const isPort = (word = ''): boolean => /^(?:0|[1-9]\d*)$/.test(word) && Number(word) < 65_536
  const [, , from = '', to = ''] = words
  const isGood = words.length === 6 && isAddress(from) && isAddress(to) && isPort(words[4]) && isPort(words[5])
  return isGood && !from.includes('%') ? { bytes: end + 2, client: plainForm(from) } : 'faulty'
}

/** RFC 5952, and an IPv4 address in IPv6 as what it is. */
function plainForm(address: string): string {
  if (isIPv4(address)) return address
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written)
  if (mapped === null) return written
  return mapped
    .slice(1)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join('.')
}

test('two readers agree on the header of a balancer', () => {
  const { note, check } = counter('more', 'faulty', 'header', 'a client')
  const port = fc.oneof(fc.nat(70_000).map(String), fc.constantFrom('0', '01', '65535', '65536', '', '-1', ' 1'))
  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom('::ffff:192.0.2.1', '::', 'fe80::1%eth0', '1.2.3', 'x'),
  )
  const family = fc.constantFrom('TCP4', 'TCP4', 'TCP6', 'TCP6', 'UNKNOWN', 'UDP4', '')
  const line = fc
    .tuple(family, address, address, port, port, fc.constantFrom('\r\n', '\r\n', '\r\n<', '\n', '', ' \r\n', '\r'))
    .map(([word, from, to, a, b, end]) => Buffer.from(`PROXY ${word} ${from} ${to} ${a} ${b}${end}`, 'latin1'))
  const binary = fc
    .record({
      command: fc.constantFrom(0x21, 0x21, 0x20, 0x22, 0x11, 0x00),
      family: fc.constantFrom(0x11, 0x11, 0x21, 0x21, 0x31, 0x00, 0x12, 0xff),
      block: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    })
    .map(binaryHeader)
  const good = fc.constantFrom(Buffer.from(TEXT), Buffer.from(TEXT_6), BINARY, BINARY_6, LOCAL)
  const header = fc.oneof(
    line,
    binary,
    good,
    fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
  )
  const spoilt = fc
    .tuple(header, fc.nat(130), fc.nat(255), fc.nat(3), fc.uint8Array({ maxLength: 8 }))
    .map(([bytes, at, value, how, more]) => {
      const changed = Buffer.from(bytes)
      if (how === 0 && at < changed.length) changed[at] = value
      if (how === 1) return changed.subarray(0, at)
      return how === 2 ? Buffer.concat([changed, more]) : changed
    })
  fc.assert(
    fc.property(spoilt, (bytes) => {
      const ours = readProxyHeader(bytes)
      const { kind } = ours
      note(kind)
      if (kind === 'header' && ours.client !== undefined) note('a client')
      assert.deepEqual(
        kind === 'header' ? { bytes: ours.bytes, client: ours.client } : kind,
        bytes.length === 0 ? 'more' : secondReader(bytes),
      )
    }),
    { ...RUNS, numRuns: 10_000 },
  )
  check(300)
})

/** An element as it comes off the wire. */
function frameOf(xml: string): Frame {
  const scanner = new Scanner(AFTER_AUTHENTICATION)
  scanner.push(Buffer.from(streamHeader({ dialback: true }) + xml))
  scanner.next()
  const event = scanner.next()
  assert.equal(event?.kind, 'frame', xml)
  return event.frame
}

const DOMAIN = 'xn--bcher-kva.example'
const SPELLINGS = [
  DOMAIN,
  'bücher.example',
  'BÜCHER.Example',
  'xn--BCHER-kva.example',
  'bücher.example.',
  'bu\u0308cher.example',
]
const OTHERS = [
  'example',
  'bucher.example',
  'x.bücher.example',
  'bücher.example/x',
  'a@bücher.example',
  '',
  '[::1]',
  '\0',
  ' bücher.example',
  'bücher。example',
  'bücher.example..',
]

test('an authorization identity is taken only when it is the domain that was proven, in good Base64 of good UTF-8', () => {
  const { note, check } = counter('undefined', 'incorrect-encoding', 'invalid-authzid', 'invalid-mechanism')
  const authzid = fc.oneof(fc.constantFrom(...SPELLINGS, ...OTHERS), fc.string({ unit: 'binary' }), fc.domain())
  const encoded = fc.oneof(
    { weight: 6, arbitrary: authzid.map((text) => Buffer.from(text).toString('base64')) },
    { weight: 2, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64')) },
    { weight: 1, arbitrary: fc.constantFrom('', '=', '==', '====', 'Ym=', ' ', 'Ym\n9v', 'Ym9v=', 'Ym-_', 'é') },
  )
  const spoilt = fc
    .tuple(encoded, fc.nat(40), fc.constantFrom('', '', '', '=', ' ', '\n', '-', 'A', 'é'))
    .map(([text, at, more]) => text.slice(0, at) + more + text.slice(at))
  const mechanism = fc.constantFrom(...Array<string>(8).fill('EXTERNAL'), 'external', 'PLAIN', '')
  fc.assert(
    fc.property(spoilt, mechanism, (text, name) => {
      const frame = frameOf(`<auth xmlns='${NS.sasl}'${attribute('mechanism', name)}>${escapeText(text)}</auth>`)
      const verdict = judgeAuth(frame, DOMAIN)
      note(`${verdict}`)
      assert.equal(verdict, expected(text, name))
    }),
    RUNS,
  )
  check(60)

  function expected(text: string, name: string): ReturnType<typeof judgeAuth> {
    if (name !== 'EXTERNAL') return 'invalid-mechanism'
    if (text === '' || text === '=') return undefined
    const bytes = Buffer.from(text, 'base64')
    const isBase64 =
      text.length % 4 === 0 &&
      /^[A-Za-z0-9+/]*={0,2}$/.test(text) &&
      (text.match(/=/g) ?? []).length === (3 - (bytes.length % 3)) % 3
    if (!isBase64 || !isUtf8(bytes)) return 'incorrect-encoding'
    const said = bytes.toString()
    const isPlain = !/[\0-\x20/@:?#\\[\]%|<>^\x7f]/.test(said)
    return isPlain && domainToASCII(said.replace(/\.$/, '')) === DOMAIN ? undefined : 'invalid-authzid'
  }
})

const NAMES = fc.constantFrom(
  'partner.example',
  'corp.example',
  'BÜCHER.example',
  'xn--bcher-kva.example.',
  '[::1]',
  '',
  'a@b',
  'a b',
  '\u202e',
  '1.2.3',
  'x'.repeat(64),
)
const domains = fc.oneof({ weight: 4, arbitrary: NAMES }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) })
const someText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', ' ', 'k'.repeat(512), 'k'.repeat(513), '\u202e\u0007"\n', 'abc\u0301'),
)

test('a word of dialback is a question with a key, an answer, or malformed, between canonical domains', () => {
  const { note, check } = counter('question', 'answer', 'malformed')
  const words = fc.record({
    name: fc.constantFrom('result', 'verify'),
    from: domains,
    to: domains,
    id: fc.option(someText, { nil: undefined }),
    type: fc.constantFrom(undefined, undefined, 'valid', 'invalid', 'error', 'Valid', ''),
    key: someText,
    inside: fc.constantFrom(
      '',
      `<error type='auth'><not-authorized xmlns='${NS.stanzaConditions}'/></error>`,
      '<error/>',
      '<x>y</x>',
    ),
  })
  fc.assert(
    fc.property(words, ({ name, from, to, id, type, key, inside }) => {
      const attributes = attribute('from', from) + attribute('to', to) + attribute('id', id) + attribute('type', type)
      const frame = frameOf(`<db:${name}${attributes}>${escapeText(key)}${inside}</db:${name}>`)
      const word = readDialback(frame)
      note(word.kind)
      if (word.kind === 'malformed') {
        assert.ok(!/[\p{C}\p{Zl}\p{Zp}]/u.test(word.detail), word.detail)
        assert.ok(word.detail.length < 2500)
        return
      }
      assert.deepEqual(word.pair, { remote: parseDomain(frame.from!), local: parseDomain(frame.to!) })
      for (const domain of Object.values(word.pair)) assert.equal(parseDomain(domain), domain)
      if (name === 'verify') assert.notEqual(word.id, '')
      if (word.kind === 'question') {
        assert.ok(type === undefined && word.key.length > 0 && word.key.length <= 512 && word.key === word.key.trim())
        const again = { local: word.pair.remote, remote: word.pair.local }
        const said =
          name === 'verify'
            ? verifyQuestion({ pair: again, id: word.id, key: word.key })
            : resultQuestion(again, word.key)
        assert.deepEqual(readDialback(frameOf(said)), word)
      } else assert.equal(word.answer.verdict, type)
    }),
    RUNS,
  )
  check(80)
})

test('features, failures, errors and acknowledgements of strangers are read without a throw, on one line, with a limit', () => {
  const { note, check } = counter(
    'a known failure',
    'an unknown failure',
    'a known error',
    'an unknown error',
    'elsewhere',
    'a count',
    'no count',
  )
  const child = fc
    .record({
      name: fc.constantFrom(
        'text',
        'not-authorized',
        'aborted',
        'host-unknown',
        'see-other-host',
        'x',
        'mechanisms',
        'starttls',
        'mechanism',
        'required',
        '__proto__',
      ),
      namespace: fc.constantFrom(NS.sasl, NS.streamConditions, NS.streamConditions, NS.tls, '', 'urn:x'),
      text: someText,
    })
    .map(({ name, namespace, text }) => `<${name} xmlns='${namespace}'>${escapeText(text)}</${name}>`)
  const inside = fc.array(child, { maxLength: 5 }).map((all) => all.join(''))
  const count = fc.oneof(
    fc.nat().map(String),
    fc.constantFrom('4294967295', '4294967296', '-1', '', '01', '0x1', '1e3', ' 1', '9'.repeat(400)),
    fc.string(),
  )
  const isOneLine = (text: string): boolean => !/[\p{C}\p{Zl}\p{Zp}]/u.test(text) && text.length < 8_000
  fc.assert(
    fc.property(inside, count, (xml, h) => {
      readFeatures(frameOf(`<stream:features>${xml}</stream:features>`))
      const failure = readFailure(frameOf(`<failure xmlns='${NS.sasl}'>${xml}</failure>`))
      assert.ok(isOneLine(failure.detail), failure.detail)
      assert.ok(failure.condition === undefined || isSaslCondition(failure.condition))
      note(failure.condition === undefined ? 'an unknown failure' : 'a known failure')
      const error = readStreamError(frameOf(`<stream:error>${xml}</stream:error>`))
      assert.ok(isStreamCondition(error.condition) && isOneLine(error.detail), error.detail)
      note(error.condition === 'undefined-condition' ? 'an unknown error' : 'a known error')
      if (error.elsewhere !== undefined) note('elsewhere')
      const handled = readAck(frameOf(`<a xmlns='${NS.sm}'${attribute('h', h)}/>`))
      note(handled === undefined ? 'no count' : 'a count')
      // XEP-0198 §4: an unsigned 32-bit number.
      if (handled !== undefined)
        assert.ok(Number.isInteger(handled) && handled >= 0 && handled < 2 ** 32 && Number(h) === handled)
    }),
    RUNS,
  )
  check(100)
})
