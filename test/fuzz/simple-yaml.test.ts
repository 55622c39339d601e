// The short way to read YAML against the parser for all of it: texts made of what files of partners are made of, right and
// broken. What the short way reads, the parser reads alike and without a word; what it leaves alone is no matter here.
// `FUZZ_ROUNDS` and `FUZZ_SEED` make it longer or replay it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { describePartner } from '../../src/config/describe.ts'
import { readSimple } from '../../src/config/simple-yaml.ts'
import { readAll, readYaml } from '../../src/config/yaml.ts'

const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 6000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)

/** What values are made of, and what means something to YAML somewhere. */
const PIECES = [
  ...[
    'a',
    'Aurora',
    'true',
    'Null',
    'no',
    '~',
    '2027-06-30',
    '2027-13-99',
    '5269',
    '0x1f',
    '1e3',
    '.inf',
    'ä',
    'ſ',
    '…',
    '😀',
  ],
  ...[
    ' ',
    '  ',
    '.',
    '-',
    '- ',
    ': ',
    ':',
    '#',
    ' #',
    ', ',
    ',',
    "'",
    '"',
    '[',
    ']',
    '{',
    '}',
    '&',
    '*',
    '!',
    '%',
    '@',
    '`',
    '|',
    '>',
    '?',
    '? ',
  ],
  ...[
    '\\',
    '/',
    '+',
    '(',
    ')',
    "''",
    '<<',
    '=',
    '\t',
    '\r',
    '\u00a0',
    '\u2003',
    '\u2028',
    '\u3000',
    '\ufeff',
    '\u0001',
  ],
]
const some = (most: number) => fc.array(fc.constantFrom(...PIECES), { maxLength: most }).map((parts) => parts.join(''))
const word = fc.constantFrom('a', 'Aurora two', '2027-06-30', "it's", '"x # y"', "'z: 1'", 'b@c.example', 'true', '12')
/** What stands around the items of a list: blanks, and what looks like one and is none. */
const space = fc.constantFrom('', '', ' ', '\u2003', '\u3000', '\u1680')
const item = fc.oneof(
  { weight: 4, arbitrary: word },
  { weight: 1, arbitrary: fc.tuple(space, word, space).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: space },
)
const value = fc.oneof(
  { weight: 4, arbitrary: word },
  { weight: 2, arbitrary: fc.array(item, { maxLength: 3 }).map((all) => `[${all.join(', ')}]`) },
  { weight: 2, arbitrary: some(5) },
  { weight: 1, arbitrary: fc.constant('') },
)
const comment = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: some(3).map((text) => ` #${text}`) },
)
const key = fc.constantFrom('domain', 'status', 'owner', 'tags', 'notes', '__proto__', 'a1', 'null', '"q"')
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, value, comment).map(([k, v, c]) => `${k}: ${v}${c}`) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('', '  ', '    '), value, comment).map(([i, v, c]) => `${i}- ${v}${c}`),
  },
  { weight: 1, arbitrary: some(4).map((text) => `#${text}`) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '  # x', '---', '...', 'domain:', '  more', '%YAML 1.2') },
  { weight: 1, arbitrary: some(5) },
)
const texts = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', ''))
  .map(([all, end]) => all.join('\n') + end)

test('what the short way reads, the parser reads alike', () => {
  let taken = 0
  fc.assert(
    fc.property(texts, (text) => {
      const short = readSimple(text)
      if (short === undefined) return
      taken += 1
      const { yaml, findings } = readAll(text, 'a.yaml')
      assert.deepEqual(findings, [])
      assert.deepEqual(short, yaml?.value)
    }),
    { numRuns: ROUNDS, seed: SEED },
  )
  assert.ok(taken > ROUNDS / 20, `only ${taken} of ${ROUNDS} texts went the short way`)
})

test('a file as the commands write it goes the short way, and its lines are known all the same', () => {
  const text = describePartner({ domain: 'partner.example', status: 'allowed' })
  assert.deepEqual(readSimple(text), { domain: 'partner.example', status: 'allowed' })
  const { yaml } = readYaml(text, 'a.yaml')
  assert.equal(yaml?.lineOf(['status']), text.split('\n').indexOf('status: allowed') + 1)
})
