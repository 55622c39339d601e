// The way straight through a tag against the automaton: a stream fed whole takes the one, byte by byte the other.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { AFTER_AUTHENTICATION, type ScanLimits } from '../../../src/xml/limits.ts'
import { cut, endOf, eventsOf, HEADER, plain } from './feed.ts'

const STANZA =
  `<message from='a@b.example/c' to='d@e.example' type="chat" id='1' xml:lang='en'><body a='b'>c</body>` +
  `<x:y xmlns:x='urn:x' xmlns='urn:y' x:z='1'/></message>`

/** Characters that mean something somewhere in a tag, and some that never do. */
const CHARACTERS = [...` \t\n\r<>/='":&;!?-.[]1az\u0001`.split(''), 'é', '\u{1f680}', '\uffff']

/** How the stream ends; it says the same whole, byte by byte, and cut in the middle of the change. */
function judged(stream: string, at: number, limits: ScanLimits = AFTER_AUTHENTICATION): string {
  const bytes = Buffer.from(stream)
  const whole = eventsOf([bytes], limits)
  const words = whole.map(plain)
  assert.deepEqual(words, eventsOf(cut(bytes, 1), limits).map(plain), stream)
  assert.deepEqual(words, eventsOf([bytes.subarray(0, at), bytes.subarray(at)], limits).map(plain), stream)
  return endOf(whole)
}

describe('a stanza with one thing changed is judged straight as it is byte by byte', () => {
  const ends = new Map<string, number>()
  const judge = (changed: string, at: number): void => {
    const end = judged(`${HEADER}${changed}<iq/>`, HEADER.length + at)
    ends.set(end, (ends.get(end) ?? 0) + 1)
  }

  test('a character in the place of another', () => {
    for (let at = 0; at < STANZA.length; at++) {
      for (const character of CHARACTERS) judge(STANZA.slice(0, at) + character + STANZA.slice(at + 1), at)
    }
  })

  test('a character more', () => {
    for (let at = 0; at < STANZA.length; at++) {
      for (const character of CHARACTERS) judge(STANZA.slice(0, at) + character + STANZA.slice(at), at)
    }
  })

  test('any run of characters less', () => {
    for (let at = 0; at < STANZA.length; at++) {
      for (const count of [1, 2, 3, 5, 8, 13, 21]) judge(STANZA.slice(0, at) + STANZA.slice(at + count), at)
    }
  })

  test('and all kinds of ends were met', () => {
    for (const end of ['open', 'not-well-formed', 'restricted-xml', 'bad-namespace-prefix', 'bad-format']) {
      assert.ok((ends.get(end) ?? 0) > 10, `${end}: ${ends.get(end)}`)
    }
  })
})

describe('limits hold straight as they do byte by byte', () => {
  for (const [what, write] of [
    ['the name of an element', (name) => `<${name} to='a'><b/></${name}>`],
    ['the name of an element without attributes', (name) => `<${name}/>`],
    ['the name of an attribute', (name) => `<iq ${name}='1' to='a'/>`],
    ['a prefixed name', (name) => `<iq xmlns:n='urn:n' n:${name.slice(2)}='1'/>`],
  ] as const satisfies readonly (readonly [string, (name: string) => string])[]) {
    test(`on the length of ${what}`, () => {
      const limits = { ...AFTER_AUTHENTICATION, nameBytes: 40 }
      for (let length = 36; length < 45; length++) {
        const end = judged(HEADER + write('n'.repeat(length)), HEADER.length + 20, limits)
        assert.equal(end, length <= 40 ? 'open' : 'policy-violation', `${length}`)
      }
    })
  }

  test('on attributes and declarations', () => {
    const many = (count: number, name: (n: number) => string): string =>
      `<iq${Array.from({ length: count }, (_, n) => ` ${name(n)}='v${n}'`).join('')}/>`
    for (let count = 1; count < 20; count++) {
      for (const name of [(n: number) => `a${n}`, (n: number) => `xmlns:p${n}`]) {
        const limits = { ...AFTER_AUTHENTICATION, attributes: 14, namespaces: 12 }
        judged(HEADER + many(count, name), HEADER.length + 40, limits)
      }
    }
  })
})
