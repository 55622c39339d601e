// Which addresses cores take for one: asked of what Prosody and ejabberd prepare localparts with, for every character of the
// three planes that have letters.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { needsPeer } from '../support/peers.ts'
import { foldLocal } from '../../src/xmpp/stringprep.ts'

const run = promisify(execFile)

/** Each prints, a line each, what is made of `aXb` for every X of which something else is made. */
const PROSODY = `
package.cpath = '/usr/lib/prosody/?.so;' .. package.cpath
local prepare = require 'util.encodings'.stringprep.nodeprep
local function say(text)
  local made = prepare(text)
  if made and made ~= text then print(text .. '\\t' .. made) end
end
for code = 0x80, 0x2ffff do
  if code < 0xd800 or code > 0xdfff then say('a' .. utf8.char(code) .. 'b') end
end
say('\\u{3b1}\\u{345}\\u{301}')
`
const EJABBERD = `
{ok, _} = application:ensure_all_started(stringprep),
Say = fun(Codes) ->
  Text = unicode:characters_to_binary(Codes),
  case stringprep:nodeprep(Text) of
    error -> [];
    Text -> [];
    Made -> [Text, 9, Made, 10]
  end
end,
All = [Say([$a, Code, $b]) || Code <- lists:seq(16#80, 16#2ffff), Code < 16#d800 orelse Code > 16#dfff],
ok = io:setopts([{encoding, unicode}]),
io:put_chars(unicode:characters_to_list([All, Say([16#3b1, 16#345, 16#301])])),
halt().
`
const WAYS = [
  ['prosody', 'lua5.4', ['-e', PROSODY]],
  ['ejabberd', 'erl', ['-noinput', '-noshell', '-eval', EJABBERD]],
] as const

for (const [peer, program, args] of WAYS)
  test(`what ${peer} takes for one localpart is one to the policy`, needsPeer(peer), async () => {
    const { stdout } = await run(program, [...args], {
      maxBuffer: 1 << 24,
      env: { ...process.env, ERL_CRASH_DUMP: '/dev/null' },
    })
    const lines = stdout.trimEnd().split('\n')
    assert.ok(lines.length > 1000, `${lines.length} characters`)
    for (const line of lines) {
      const [text = '', made = ''] = line.split('\t')
      assert.equal(foldLocal(text), foldLocal(made), `${text} is ${made}`)
    }
    const made = new Map(lines.map((line) => line.split('\t') as [string, string]))
    assert.deepEqual(
      ['aßb', 'aςb', 'a\u0345b', 'α\u0345\u0301'].map((text) => made.get(text)),
      ['assb', 'aσb', 'aιb', 'αί'],
    )
  })
