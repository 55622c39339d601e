// What a file of this house looks like; see `house.ts` for the numbers and their exceptions.

import { join } from 'node:path'
import { test } from 'node:test'
import { LONG_FILES, LONGEST_FILE } from './house.ts'
import { assertNone, sources, type Source } from './sources.ts'

const src = sources('src')
const tests = sources('test')
const THIS = join('test', 'style', 'files.test.ts')
const bench = sources('bench')
const all = [...src, ...tests, ...bench].filter(({ path }) => path !== THIS)

/** Lines that match, as `path:line: text`. */
function lines(files: readonly Source[], pattern: RegExp): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  )
}

test('a file opens with what it is', () => {
  // A test file may let the names of its tests speak.
  const silent = all.filter(({ path, text }) => !path.endsWith('.test.ts') && !text.startsWith('// '))
  assertNone(
    silent.map(({ path }) => path),
    'The first lines say what the file is and its rules, in a comment:',
  )
})

test('a file is short enough to be read in one go', () => {
  const length = ({ text }: Source): number => text.split('\n').length - 1
  const limit = ({ path }: Source): number => (path.startsWith('test/') ? LONGEST_FILE.test : LONGEST_FILE.src)
  const long = all.filter((file) => length(file) > limit(file))
  assertNone(
    long.filter(({ path }) => !(path in LONG_FILES)).map((file) => `${file.path}: ${length(file)} lines`),
    `At most ${LONGEST_FILE.src} lines in src/ and bench/, ${LONGEST_FILE.test} in test/; one concept each:`,
  )
})

test('exports have names', () => {
  assertNone(lines(all, /^export default\b/), 'No default exports:')
})

test('nothing is handed on under another roof', () => {
  assertNone(
    lines(src, /^export (?:type )?(?:\*|\{[^}]*\}) .*from /),
    'No barrels and no re-exports; import where it is made:',
  )
})

test('imports name the file', () => {
  const vague = all.flatMap(({ path, imports }) =>
    imports
      .filter(({ from }) => from.startsWith('.') && !/\.(?:ts|json)$/.test(from))
      .map(({ from, line }) => `${path}:${line}: ${from}`),
  )
  assertNone(vague, 'Relative imports end in .ts:')
})

test('no check is switched off without a word', () => {
  assertNone(lines(all, /@ts-(?:ignore|nocheck|expect-error)/), 'The compiler is never silenced:')
  assertNone(
    lines(all, /(?:eslint|oxlint)-(?:disable|enable)/).filter(
      (line) => !/oxlint-disable-next-line \S+ -- \S/.test(line),
    ),
    'The linter is silenced for one line and one rule, with the reason: oxlint-disable-next-line rule -- reason',
  )
})

test('comments have no tags but TODO, COMPAT and SECURITY', () => {
  const others = /(?:\/\/|^\s*\*)\s*(?:FIXME|HACK|XXX|NOTE|NB|BUG|WARNING|OPTIMIZE|REVIEW|DEPRECATED)\b:?/
  assertNone(lines(all, others), 'Tags that nobody searches for:')
})

test('every COMPAT in src/ has a test that says so', () => {
  const unproven = src
    .filter(({ text }) => /\/\/ COMPAT:/.test(text))
    .filter(({ path }) => {
      const name = path.split('/').at(-1) ?? ''
      const unit = path.replace(/^src\//, 'test/unit/').replace(/\.ts$/, '.test.ts')
      return !tests.some(({ path: at, text }) => /\bCOMPAT\b/.test(text) && (at === unit || text.includes(name)))
    })
  assertNone(
    unproven.map(({ path }) => path),
    'A COMPAT needs a test with a COMPAT comment, in its own unit test or one that names the file:',
  )
})
