import assert from 'node:assert/strict'
import { domainToASCII } from 'node:url'
import { test } from 'node:test'
import { satisfiesBidiRule, satisfiesStringprepBidi } from '../../../src/xmpp/bidi.ts'
import { isIdentifier } from '../../../src/xmpp/precis.ts'

test('the Bidi Rule of RFC 5893', async (t) => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['no right-to-left character', 'a1-b', true],
    ['empty', '', true],
    ['right to left throughout', '\u05D0\u05D1', true],
    ['1: starts with a digit', '1\u05D0', false],
    ['1: starts with a mark', '\u05B0\u05D0', false],
    ['1: starts with an Arabic digit', '\u0661\u0628', false],
    ['1: Arabic digits alone', '\u0661', false],
    ['2: a Latin letter inside', '\u05D0a\u05D1', false],
    ['2: a Devanagari vowel sign inside', '\u05D0\u093E\u05D1', false],
    ['2: punctuation inside', '\u05D0-\u05D1', true],
    ['2: a modifier letter without direction inside', '\u05D0\u02EC\u05D1', true],
    ['3: ends with a digit', '\u05D01', true],
    ['3: ends with an Arabic digit', '\u0628\u0661', true],
    ['3: ends with marks', '\u05D0\u05B0\u05B0', true],
    ['3: ends with punctuation', '\u05D0-', false],
    ['3: ends with punctuation and a mark', '\u05D0-\u05B0', false],
    ['4: both kinds of digits', '\u06281\u0661', false],
    ['4: extended Arabic digits are European', '\u0628\u06F1\u0661', false],
    ['5: a left-to-right string with a right-to-left letter', 'a\u05D0', false],
    ['5: a left-to-right string with an Arabic digit', 'a\u0661', false],
    ['N\u2019Ko, letters and digits', '\u07CA\u07C1', true],
    ['Adlam', '\u{1E922}\u{1E951}', true],
    ['Sindhi signs', '\u0628\u06FD', true],
  ]
  for (const [name, text, expected] of table) await t.test(name, () => assert.equal(satisfiesBidiRule(text), expected))
})

test('the rule of RFC 3454', async (t) => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['no right-to-left character', 'ab', true],
    ['Arabic digits alone', '\u0661', true],
    ['right to left throughout', '\u05D0 \u05D1', true],
    ['with a Latin letter', '\u05D0a\u05D1', false],
    ['does not start with a letter', '1\u05D0', false],
    ['does not end with a letter', '\u05D01', false],
  ]
  for (const [name, text, expected] of table) {
    await t.test(name, () => assert.equal(satisfiesStringprepBidi(text), expected))
  }
})

// Node's own UTS 46 knows bidi classes, if only those of an older Unicode: in long-settled blocks we must agree.
test('the classes of characters are those that UTS 46 uses', () => {
  const settled = [
    [0x00df, 0x024f],
    [0x0250, 0x0344],
    [0x0346, 0x0373],
    [0x0391, 0x0587],
    [0x05d0, 0x06fc],
    [0x0700, 0x07f5],
    [0x0900, 0x0c3b],
    [0x1e00, 0x1fff],
  ] as const
  const around: readonly ((char: string) => string)[] = [
    (c) => `\u05D0${c}\u05D0`,
    (c) => `\u05D0${c}`,
    (c) => `${c}\u05D0`,
    (c) => `a${c}`,
  ]
  let compared = 0
  for (const [first, last] of settled) {
    for (let code = first; code <= last; code++) {
      const char = String.fromCodePoint(code)
      if (!isIdentifier(char) || char.toLowerCase() !== char) continue
      if (domainToASCII(`a${char}`) === '' && domainToASCII(`\u05D0${char}\u05D0`) === '') continue // in no domain
      for (const wrap of around) {
        const text = wrap(char)
        assert.equal(
          satisfiesBidiRule(text),
          domainToASCII(text) !== '',
          `U+${code.toString(16)} in ${JSON.stringify(text)}`,
        )
        compared++
      }
    }
  }
  assert.ok(compared > 4000, `compared only ${compared}`)
})
