// The short way to read YAML against the parser for all of it: texts made of what files of partners are made of, right and
// broken. What the short way reads, the parser reads alike and without a word; what it leaves alone is no matter here.
// `FUZZ_ROUNDS` and `FUZZ_SEED` make it longer or replay it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { describePartner } from '../../src/config/describe.ts'
import { linesOfSimple, readSimple } from '../../src/config/simple-yaml.ts'
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
const word = fc.constantFrom(
  'a',
  'b:c',
  'd:',
  'd: e',
  'd:[',
  '1m',
  '0xff',
  'Aurora two',
  '2027-06-30',
  "it's",
  '"x # y"',
  "'z: 1'",
  'b@c.example',
  'true',
  '12',
)
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

/** What stands behind a name or a dash: text on that line, or a block. */
type Tree = string | { readonly pairs: readonly (readonly [string, Tree])[] } | { readonly items: readonly Tree[] }
const flat = fc.array(fc.tuple(fc.oneof({ weight: 4, arbitrary: fc.constantFrom('host', 'port', 'tls') }, key), item), {
  maxLength: 3,
})
const braces = flat.map((pairs) => `{ ${pairs.map(([k, v]) => `${k}: ${v}`).join(', ')} }`)
const leaf = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      '127.0.0.1',
      '5269',
      '0',
      'true',
      'a',
      "it's",
      '"x: 1"',
      '2027-06-30',
      '[a, 1]',
      'tag:x',
      '30s',
      '127.0.0.1:5269',
    ),
  },
  { weight: 1, arbitrary: value },
  { weight: 1, arbitrary: braces },
  { weight: 1, arbitrary: fc.array(braces, { maxLength: 3 }).map((all) => `[ ${all.join(', ')} ]`) },
)
const plainKey = fc.constantFrom('domain', 'group-1', 'a.b', 'x_', 'null', '__proto__', 'connect')
const pairs = (of: fc.Arbitrary<Tree>) =>
  fc.uniqueArray(fc.tuple(fc.oneof({ weight: 9, arbitrary: plainKey }, key), of), {
    minLength: 1,
    maxLength: 4,
    selector: ([is]) => is,
  })
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'max' },
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: fc.record({ pairs: pairs(tie('tree')) }) },
    { weight: 1, arbitrary: fc.record({ items: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }) },
  ),
}))
interface Manner {
  /** Columns by which blocks and lists stand to the right, and blanks behind a dash. */
  readonly block: number
  readonly list: number
  readonly gap: number
}
const manner = fc.record({
  block: fc.constantFrom(2, 2, 1, 4),
  list: fc.constantFrom(2, 0, 1),
  gap: fc.constantFrom(1, 1, 3),
})

function written(node: Tree, column: number, how: Manner): readonly string[] {
  const pad = ' '.repeat(column)
  if (typeof node === 'string') return [pad + node]
  if ('pairs' in node)
    return node.pairs.flatMap(([name, inner]) => {
      if (typeof inner === 'string') return [`${pad}${name}: ${inner}`]
      return [`${pad}${name}:`, ...written(inner, column + ('items' in inner ? how.list : how.block), how)]
    })
  const dash = `-${' '.repeat(how.gap)}`
  return node.items.flatMap((inner) => {
    const [first = '', ...rest] = written(inner, column + dash.length, how)
    return [pad + dash + first.slice(column + dash.length), ...rest]
  })
}

/** What makes a document another one, or none. */
const slip = fc.tuple(
  fc.nat(20),
  fc.oneof(
    {
      weight: 2,
      arbitrary: fc.constantFrom('', '   ', '# x', '   # x', '-', '- a', 'a:', '  a: b', '---', '    more'),
    },
    { weight: 1, arbitrary: fc.constantFrom(-2, -1, 1, 2) },
    { weight: 1, arbitrary: comment },
  ),
)
const blocks = fc
  .tuple(fc.record({ pairs: pairs(tree) }), manner, fc.array(slip, { maxLength: 2 }), fc.constantFrom('\n', ''))
  .map(([node, how, slips, end]) => {
    const all = [...written(node, 0, how)]
    for (const [number, what] of slips) {
      const at = number % all.length
      if (typeof what === 'number') all[at] = what < 0 ? all[at]!.slice(-what) : ' '.repeat(what) + all[at]!
      else if (what.startsWith(' #')) all[at] += what
      else all.splice(at, 0, what)
    }
    return all.join('\n') + end
  })

/** How many blocks and braces are in each other. */
const depthOf = (node: unknown): number =>
  typeof node === 'object' && node !== null ? 1 + Math.max(0, ...Object.values(node).map((inner) => depthOf(inner))) : 0

/** The places of all parts, and of what is not there. */
function* pathsIn(node: unknown, path: readonly (string | number)[] = []): Iterable<readonly (string | number)[]> {
  yield path
  yield [...path, 'nothing', 0]
  if (typeof node !== 'object' || node === null) return
  for (const [step, inner] of Object.entries(node))
    yield* pathsIn(inner, [...path, Array.isArray(node) ? Number(step) : step])
}

function assertAlike(text: string, short: unknown): void {
  const { yaml, findings } = readAll(text, 'a.yaml')
  assert.deepEqual(findings, [])
  assert.deepEqual(short, yaml?.value)
  const lineOf = linesOfSimple(text)
  for (const path of pathsIn(short))
    for (const at of ['key', 'value'] as const)
      assert.equal(lineOf(path), yaml?.lineOf(path, at), `${path.join('.')} (${at}) of ${JSON.stringify(text)}`)
}

test('so it does of blocks in blocks', () => {
  let [taken, deep] = [0, 0]
  fc.assert(
    fc.property(blocks, (text) => {
      const short = readSimple(text)
      if (short === undefined) return
      taken += 1
      if (depthOf(short) > 2) deep += 1
      assertAlike(text, short)
    }),
    { numRuns: ROUNDS, seed: SEED },
  )
  assert.ok(taken > ROUNDS / 20, `only ${taken} of ${ROUNDS} texts went the short way`)
  assert.ok(deep > ROUNDS / 50, `only ${deep} of ${ROUNDS} texts went the short way with blocks in blocks`)
})

test('what the short way reads, the parser reads alike', () => {
  let taken = 0
  fc.assert(
    fc.property(texts, (text) => {
      const short = readSimple(text)
      if (short === undefined) return
      taken += 1
      assertAlike(text, short)
    }),
    { numRuns: ROUNDS, seed: SEED },
  )
  assert.ok(taken > ROUNDS / 20, `only ${taken} of ${ROUNDS} texts went the short way`)
})

test('files of partners and policies go the short way, however their routes are written', () => {
  const routes = [
    'connect:\n  - host: 127.0.0.1\n    port: 5269\n  - host: xmpp.partner.example\n    tls: direct\n',
    'connect:\n- { host: 127.0.0.1, port: 5269 }\n- { host: xmpp.partner.example, tls: direct }\n',
    'connect: [ { host: 127.0.0.1, port: 5269 }, { host: xmpp.partner.example, tls: direct } ]\n',
  ]
  const connect = [
    { host: '127.0.0.1', port: 5269 },
    { host: 'xmpp.partner.example', tls: 'direct' },
  ]
  for (const route of routes)
    assert.deepEqual(readSimple(`domain: a.example\n${route}`), { domain: 'a.example', connect })
  const policy =
    'policies:\n  default:\n    rules:\n      - name: one\n        who:\n          - sales\n    otherwise: none\n'
  assert.deepEqual(readSimple(policy), {
    policies: { default: { rules: [{ name: 'one', who: ['sales'] }], otherwise: 'none' } },
  })
})

test('a file as the commands write it goes the short way, and its lines are known all the same', () => {
  const text = describePartner({ domain: 'partner.example', status: 'allowed' })
  assert.deepEqual(readSimple(text), { domain: 'partner.example', status: 'allowed' })
  const { yaml } = readYaml(text, 'a.yaml')
  assert.equal(yaml?.lineOf(['status']), text.split('\n').indexOf('status: allowed') + 1)
})
