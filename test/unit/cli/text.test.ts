import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assert as hold, property, string } from 'fast-check'
import { Output, tone } from '../../../src/cli/output.ts'
import { bytes, columns, duration, safeJson, visible, wrap } from '../../../src/cli/text.ts'

const HOSTILE: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['a colour', 'a\u001b[31mb', 'a\\u{1b}[31mb'],
  ['a C1 sequence', 'a\u009b31mb', 'a\\u{9b}31mb'],
  ['a line end', 'a\r\nb\u2028c', 'a\\u{d}\\u{a}b\\u{2028}c'],
  ['text that runs backwards', 'a\u202eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
  ['half a character', 'a\ud800b', 'a\\u{d800}b'],
  ['what cannot be seen', 'pay\u200bpal\u00ad\ufeff', 'pay\\u{200b}pal\\u{ad}\\u{feff}'],
  ['hidden letters', 'a\u{e0041}', 'a\\u{e0041}'],
]

for (const [what, text, shown] of HOSTILE) {
  test(`${what} in data is shown, not obeyed`, () => {
    assert.equal(visible(text), shown)
    assert.equal(JSON.parse(safeJson({ text })).text, text)
    // oxlint-disable-next-line no-control-regex -- this is what must not come
    assert.doesNotMatch(safeJson({ text }), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u200b]/)
  })
}

test('ordinary writing stays as it is', () => {
  for (const text of ['Grüße, müßig', '日本語', 'عربي', 'नमस्ते', '👩‍👩‍👧', "o'brien\\2f@x"])
    assert.equal(visible(text), text)
})

test('whatever comes, one line stays one line and JSON says the same', () => {
  hold(
    property(string({ unit: 'binary' }), (text) => {
      // oxlint-disable-next-line no-control-regex -- this is what must not come
      assert.doesNotMatch(visible(text), /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/)
      assert.equal(JSON.parse(safeJson(text)), text)
    }),
  )
})

test('columns are counted as terminals count them', () => {
  const table: readonly (readonly [string, number])[] = [
    ['abc', 3],
    ['日本', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['ｆｕｌｌ', 8],
    ['한국', 4],
    ['', 0],
  ]
  for (const [text, width] of table) assert.equal(columns(text), width, text)
})

test('sizes, times and paragraphs read well', () => {
  assert.deepEqual([0, 1023, 1536, 5_242_880].map(bytes), ['0 B', '1023 B', '1.5 KiB', '5.0 MiB'])
  assert.deepEqual([-5, 5000, 180_000, 7_200_000, 345_600_000].map(duration), ['0s', '5s', '3m', '2h', '4d'])
  assert.deepEqual(wrap('one two three averyveryverylongword x', 9), ['one two', 'three', 'averyveryverylongword', 'x'])
})

function output(colours: boolean, json = false): { readonly output: Output; readonly said: () => string } {
  let text = ''
  const sink = { write: (more: string) => (text += more) }
  return {
    output: new Output({ stdout: sink, stderr: sink, json, colours: { stdout: colours, stderr: colours } }),
    said: () => text,
  }
}

test('tables align whatever the script, and data cannot break them', () => {
  const { output: to, said } = output(false)
  to.table(
    ['who', 'n'],
    [
      ['日本', 1],
      ['a\nb', undefined],
      [tone('bad', 'x'), 3],
    ],
  )
  assert.equal(said(), '  who      n\n  日本     1\n  a\\u{a}b\n  x        3\n')
})

test('colours are for whoever looks, and never part of the data', () => {
  const plain = output(false)
  plain.output.line(tone('bad', 'no'))
  assert.equal(plain.said(), 'no\n')
  const coloured = output(true)
  coloured.output.line(tone('bad', 'n\u001b[0mo'))
  assert.equal(coloured.said(), '\u001b[31mn\\u{1b}[0mo\u001b[39m\n')
})

test('what is told beside an answer goes to standard error, coloured for whoever looks there', () => {
  let out = ''
  let err = ''
  const to = new Output({
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    json: false,
    colours: { stdout: false, stderr: true },
  })
  to.line(tone('bad', 'answer'))
  to.beside.line(tone('bad', 'aside'))
  to.note(tone('bad', 'note'))
  assert.equal(out, 'answer\n')
  assert.equal(err, '\u001b[31maside\u001b[39m\n\u001b[31mnote\u001b[39m\n')
})
