// The rules that `marking` prints are taken by nftables as they stand, and packets then bear the mark.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { emptyDirectory } from '../support/installation.ts'
import { needsPeer } from '../support/peers.ts'
import { run as runProgram } from '../support/program.ts'
import { run } from '../unit/cli/run.ts'

const INSTALL = ['quickstart', 'corp.example', '--core', '10.1.0.10:5269', '--conference', 'rooms.corp.example']

async function nft(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('nft', words)
  assert.equal(code, 0, `nft ${words.join(' ')}: ${stderr}`)
  return stdout
}

test('packets of streams bear the mark of their leg', needsPeer('nft', 'root', 'isolation'), async (t) => {
  const directory = await emptyDirectory(t)
  assert.equal((await run(directory, INSTALL)).code, 0)
  const { out, code, err } = await run(directory, ['marking', '--partners', 'AF21', '--core', 'cs3'])
  assert.equal(code, 0, err)
  assert.match(out, /tcp sport \{ 5269 \} ip dscp set af21/)
  assert.match(out, /tcp dport \{ 5269, 5270 \} ip6 dscp set af21/)
  assert.match(out, /ip daddr 10\.1\.0\.10 tcp dport \{ 5269 \} ip dscp set cs3/)
  const file = join(directory, 'marking.nft')
  await writeFile(file, out)
  await nft('-f', file)
  t.after(() => nft('delete table inet sallyport_marking'))
  const counting = join(directory, 'counting.nft')
  const chain = 'type filter hook postrouting priority 0;\n    ip dscp af21 tcp sport 5269 counter'
  await writeFile(counting, `table inet counting {\n  chain out {\n    ${chain}\n  }\n}\n`)
  await nft('-f', counting)
  t.after(() => nft('delete table inet counting'))
  const server = createServer((socket) => socket.end('hello')).listen(5269, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const socket = connect(5269, '127.0.0.1')
  await once(socket.resume(), 'close')
  assert.match(await nft('list table inet counting'), /counter packets [1-9]/)
})

test('what is no mark, or for no leg, is refused', async (t) => {
  const directory = await emptyDirectory(t)
  assert.equal((await run(directory, INSTALL)).code, 0)
  for (const words of [[], ['--partners', 'af51'], ['--core', 'fast']])
    assert.equal((await run(directory, ['marking', ...words])).code, 2, words.join(' '))
})
