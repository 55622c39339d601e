import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isIdentifier, opaqueString, usernameCaseMapped } from '../../../src/xmpp/precis.ts'

type Row = readonly [name: string, text: string, enforced: string | undefined]

async function check(t: { test: typeof test }, profile: (text: string) => string | undefined, rows: readonly Row[]) {
  for (const [name, text, enforced] of rows) await t.test(name, () => assert.equal(profile(text), enforced))
}

test('UsernameCaseMapped', async (t) => {
  await check(t, usernameCaseMapped, [
    // RFC 8265 §3.5
    ['ASCII', 'juliet@example.com', 'juliet@example.com'],
    ['ASCII without @', 'fussball', 'fussball'],
    ['sharp s', 'fu\u00DFball', 'fu\u00DFball'],
    ['pi', '\u03C0', '\u03C0'],
    ['capital sigma', '\u03A3', '\u03C3'],
    ['small sigma', '\u03C3', '\u03C3'],
    ['final sigma', '\u03C2', '\u03C2'],
    ['a space', 'foo bar', undefined],
    ['empty', '', undefined],
    ['a Roman numeral', 'henry\u2163', undefined],
    ['infinity', '\u221E', undefined],
    // RFC 8265 §3.3.2
    ['full width', '\uFF4A\uFF35', 'ju'],
    ['half width', '\uFF76\uFF9E', '\u30AC'],
    ['an ideographic space', 'a\u3000b', undefined],
    ['decomposed', 'e\u0301', '\u00E9'],
    ['a dotted capital I', '\u0130', 'i\u0307'],
    ['an angstrom sign is a letter after mapping', '\u212B', '\u00E5'],
    ['a ligature', '\uFB01', undefined],
    ['old Hangul', '\u1100', undefined],
    ['modern Hangul, decomposed', '\u1100\u1161', '\uAC00'],
    ['a soft hyphen', 'a\u00ADb', undefined],
    ['a variation selector', 'a\uFE0F', undefined],
    ['a private character', '\uE000', undefined],
    ['an unassigned character', '\u0378', undefined],
    ['a lone surrogate', '\uD800', undefined],
    ['a tatweel', '\u0640', undefined],
    ['an ideographic zero', '\u3007', '\u3007'],
    ['a tsheg', '\u0F40\u0F0B', '\u0F40\u0F0B'],
    ['Hebrew', '\u05D0\u05D1', '\u05D0\u05D1'],
    ['Hebrew and Latin', '\u05D0b', undefined],
    ['Arabic with a vowel sign at its end', '\u0628\u064E', '\u0628\u064E'],
  ])
})

test('OpaqueString', async (t) => {
  await check(t, opaqueString, [
    // RFC 8265 §4.3
    ['ASCII with spaces', 'correct horse battery staple', 'correct horse battery staple'],
    ['case is kept', 'Correct Horse Battery Staple', 'Correct Horse Battery Staple'],
    ['symbols and letters', '\u03C0\u00DF\u00E5', '\u03C0\u00DF\u00E5'],
    ['a diamond', 'Jack of \u2666s', 'Jack of \u2666s'],
    ['an Ogham space', 'foo\u1680bar', 'foo bar'],
    ['empty', '', undefined],
    ['a control character', 'my cat is a \u0009by', undefined],
    // RFC 8265 §4.2
    ['leading and trailing spaces', ' a ', ' a '],
    ['width is kept', '\uFF21', '\uFF21'],
    ['composed', 'e\u0301', '\u00E9'],
    ['compatibility characters', '\u2163\uFB01', '\u2163\uFB01'],
    ['both directions', 'a\u05D0', 'a\u05D0'],
    ['a soft hyphen', 'a\u00ADb', undefined],
    ['old Hangul', '\u1100', undefined],
    ['a private character', '\uE000', undefined],
    ['a lone surrogate', '\uD800', undefined],
  ])
})

test('characters that need a context have it', async (t) => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['A.1 after a virama', '\u0915\u094D\u200C\u0937', true],
    ['A.1 between joining letters', '\u0628\u200C\u0628', true],
    ['A.1 with marks in between', '\u0628\u064E\u200C\u064E\u0628', true],
    ['A.1 after a letter that joins only backwards', '\u0627\u200C\u0628', false],
    ['A.1 before a letter that joins only backwards', '\u0628\u200C\u0627', true],
    ['A.1 before a letter that does not join', '\u0628\u200C\u0621', false],
    ['A.1 at the end', '\u0628\u200C', false],
    ['A.1 between Latin letters', 'a\u200Cb', false],
    ['A.1 one good, one bad', '\u0628\u200C\u0628\u200C', false],
    ['A.2 after a virama', '\u0915\u094D\u200D\u0937', true],
    ['A.2 elsewhere', '\u0628\u200D\u0628', false],
    ['A.2 at the start', '\u200Da', false],
    ['A.3 between l', 'l\u00B7l', true],
    ['A.3 elsewhere', 'l\u00B7a', false],
    ['A.3 at the end', 'l\u00B7', false],
    ['A.4 before Greek', '\u0375\u03B1', true],
    ['A.4 elsewhere', '\u0375a', false],
    ['A.5 after Hebrew', '\u05D0\u05F3', true],
    ['A.5 elsewhere', 'a\u05F3', false],
    ['A.6 after Hebrew', '\u05D0\u05F4\u05D1', true],
    ['A.6 at the start', '\u05F4\u05D0', false],
    ['A.7 with Katakana', '\u30FB\u30A2', true],
    ['A.7 with Han', 'a\u30FB\u4E00', true],
    ['A.7 elsewhere', 'a\u30FBb', false],
    ['A.8 one kind of digits', '\u0661\u0662', true],
    ['A.9 the other kind', '\u06F1\u06F2', true],
    ['A.8 mixed', '\u0661\u06F2', false],
    ['A.9 mixed, apart', '\u06F1a\u0661', false],
  ]
  for (const [name, text, expected] of table) await t.test(name, () => assert.equal(isIdentifier(text), expected))
})
