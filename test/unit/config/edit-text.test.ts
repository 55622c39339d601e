// Only what was asked for changes: each row is a text, a change, and the text that must come out, byte for byte.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parse } from 'yaml'
import { changeText, type Changes } from '../../../src/config/edit-text.ts'

const rows: readonly {
  readonly what: string
  readonly before: string
  readonly changes: Changes
  readonly after: string
}[] = [
  {
    what: 'a value changes and its comment stays where it was',
    before: '# Head\n\nstatus:   allowed      # since May\nowner: x # y\n',
    changes: { status: 'blocked' },
    after: '# Head\n\nstatus:   blocked      # since May\nowner: x # y\n',
  },
  {
    what: 'a quoted value gives way to a plain one and the other way round',
    before: 'purpose: "a: b"\ncontact: noc@partner.example\n',
    changes: { purpose: 'plain', contact: 'Joe: "noc" # 1' },
    after: 'purpose: plain\ncontact: \'Joe: "noc" # 1\'\n',
  },
  {
    what: 'text that looks like something else is quoted',
    before: 'owner: x\n',
    changes: { owner: '5269', purpose: 'true', contact: 'null' },
    after: 'owner: "5269"\npurpose: "true"\ncontact: "null"\n',
  },
  {
    what: 'a new key stands below the line that shows it',
    before: '# The last day.\n#expires: 2027-06-30\n\n# Head of the next\nstatus: allowed\n',
    changes: { expires: '2028-01-31' },
    after: '# The last day.\n#expires: 2027-06-30\nexpires: 2028-01-31\n\n# Head of the next\nstatus: allowed\n',
  },
  {
    what: 'a new key stands at the end where no line shows it',
    before: 'status: allowed\n# the end',
    changes: { owner: 'it' },
    after: 'status: allowed\n# the end\nowner: it\n',
  },
  {
    what: 'a key goes with its line and nothing else',
    before: '# about a\na: 1 # one\n# about b\nb: 2\n',
    changes: { a: undefined },
    after: '# about a\n# about b\nb: 2\n',
  },
  {
    what: 'a key goes with the lines of its list',
    before: 'pins:\n  - a # first\n  - b\n\n# about b\nb: 2\n',
    changes: { pins: undefined },
    after: '\n# about b\nb: 2\n',
  },
  {
    what: 'the last key goes and leaves every comment',
    before: '# Head\n\n# about b\nb:\n  - x\n# end\n',
    changes: { b: undefined },
    after: '# Head\n\n# about b\n# end\n',
  },
  {
    what: 'text of several lines stands below its key',
    before: '# Head\nnotes: short\n\n# about b\nb: 2\n',
    changes: { notes: 'first\nsecond', more: 'a\nb\n' },
    after: '# Head\nnotes: |-\n  first\n  second\n\n# about b\nb: 2\nmore: |\n  a\n  b\n',
  },
  {
    what: 'text of several lines goes with all of them',
    before: '# Head\nnotes: |-\n  first\n  second\n# about b\nb: 2\n',
    changes: { notes: undefined },
    after: '# Head\n# about b\nb: 2\n',
  },
  {
    what: 'a key with nothing behind it takes a value',
    before: 'owner:\nstatus: allowed\n',
    changes: { owner: 'it' },
    after: 'owner: it\nstatus: allowed\n',
  },
  {
    what: 'a list on one line changes on its line',
    before: 'pins: [a, b]   # both\nstatus: allowed\n',
    changes: { pins: ['b', 'c'] },
    after: 'pins: [ b, c ]   # both\nstatus: allowed\n',
  },
  {
    what: 'items of a list go and come, and the comments of the others stay',
    before: 'pins:\n  # old key\n  - a # 2025\n  - b   # 2026\n  - c\nstatus: allowed # yes\n',
    changes: { pins: ['b', 'd'] },
    after: 'pins:\n  # old key\n  - b   # 2026\n  - d\nstatus: allowed # yes\n',
  },
  {
    what: 'an item is added at the end of a file that has no last line end',
    before: 'pins:\n- a',
    changes: { pins: ['a', 'b'] },
    after: 'pins:\n- a\n- b\n',
  },
  {
    what: 'mappings in a list are kept as they are written',
    before: 'connect:\n  - host: a # first\n    port: 1\n  - { host: b }\n',
    changes: { connect: [{ host: 'a', port: 1 }, { host: 'c' }] },
    after: 'connect:\n  - host: a # first\n    port: 1\n  - { host: c }\n',
  },
  {
    what: 'Windows line ends stay',
    before: 'status: allowed # yes\r\nowner: it\r\n',
    changes: { status: 'blocked' },
    after: 'status: blocked # yes\r\nowner: it\r\n',
  },
  { what: 'an empty text gets its first key', before: '', changes: { a: 1 }, after: 'a: 1\n' },
  { what: 'a key that is not there need not go', before: 'a: 1 # x\n', changes: { b: undefined }, after: 'a: 1 # x\n' },
]

for (const { what, before, changes, after } of rows) {
  test(what, () => assert.equal(changeText(before, changes), after))
}

test('where a list turns round, its comments go with the items', () => {
  const after = changeText('pins:\n  - a # first\n  - b # second\nstatus: allowed # yes\n', { pins: ['b', 'a'] })
  assert.deepEqual(parse(after ?? ''), { pins: ['b', 'a'], status: 'allowed' })
  for (const comment of ['a # first', 'b # second', 'allowed # yes']) assert.ok(after?.includes(comment), comment)
})

test('a list with comments inside its brackets keeps them', () => {
  const after = changeText('pins: [\n  a, # first\n  b,\n]\nstatus: allowed # yes\n', { pins: ['a', 'c'] })
  assert.deepEqual(parse(after ?? ''), { pins: ['a', 'c'], status: 'allowed' })
  for (const comment of ['# first', '# yes']) assert.ok(after?.includes(comment), comment)
})

test('what is no mapping is not changed', () => {
  for (const text of ['- a\n', 'a', 'a: [', 'a: 1\n---\nb: 2\n'])
    assert.equal(changeText(text, { a: 2 }), undefined, text)
})

test('whatever the text and the change, it says afterwards what was asked for, and no comment is lost', () => {
  const value = fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.string({ maxLength: 8 }), { maxLength: 4 }),
    fc.array(fc.record({ host: fc.string({ maxLength: 8 }), port: fc.nat() }, { noNullPrototype: true }), {
      maxLength: 3,
    }),
  )
  const key = fc.constantFrom('a', 'b', 'c', 'd')
  let changed = 0
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.option(value, { nil: undefined })), { maxLength: 8 }), (steps) => {
      let text = '# head\n\na: 1 # one\nb: [x, y]\n#c: shown\n\n# about d\nd:\n  - x\n  - y\n# end\n'
      const wanted = new Map<string, unknown>(Object.entries<unknown>(parse(text)))
      for (const [name, next] of steps) {
        text = changeText(text, { [name]: next }) ?? assert.fail('no mapping any more')
        if (next === undefined) wanted.delete(name)
        else wanted.set(name, next)
        if (next !== undefined) changed += 1
        assert.deepEqual(parse(text) ?? {}, Object.fromEntries(wanted))
        for (const comment of ['# head', '#c: shown', '# about d'])
          assert.ok(text.includes(comment), `${comment} is lost:\n${text}`)
      }
    }),
  )
  assert.ok(changed > 100, `only ${changed} changes were made`)
})
