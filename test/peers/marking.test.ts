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
  // The core connects where partners do, from these networks.
  const networks = ['127.0.0.2/32', '2001:db8:1::/48'].flatMap((one) => ['--core-network', one])
  assert.equal((await run(directory, [...INSTALL, ...networks])).code, 0)
  const { out, code, err } = await run(directory, ['marking', '--partners', 'AF21', '--core', 'cs3'])
  assert.equal(code, 0, err)
  assert.match(out, /tcp sport \{ 5269 \} ip dscp set af21/)
  assert.match(out, /tcp dport \{ 5269, 5270 \} ip6 dscp set af21/)
  assert.match(out, /ip daddr 10\.1\.0\.10 tcp dport \{ 5269 \} ip dscp set cs3/)
  assert.match(out, /ip6 daddr 2001:db8:1::\/48 tcp sport \{ 5269 \} ip6 dscp set cs3/)
  const file = join(directory, 'marking.nft')
  await writeFile(file, out)
  await nft('-f', file)
  t.after(() => nft('delete table inet sallyport_marking'))
  const counting = join(directory, 'counting.nft')
  const chain = [
    'type filter hook postrouting priority 0;',
    ...['ip daddr 127.0.0.1 ip dscp af21', 'ip daddr 127.0.0.2 ip dscp cs3'].map(
      (one) => `${one} tcp sport 5269 counter`,
    ),
  ].join('\n    ')
  await writeFile(counting, `table inet counting {\n  chain out {\n    ${chain}\n  }\n}\n`)
  await nft('-f', counting)
  t.after(() => nft('delete table inet counting'))
  const server = createServer((socket) => socket.end('hello')).listen(5269, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  for (const localAddress of ['127.0.0.1', '127.0.0.2']) {
    const socket = connect({ host: '127.0.0.1', port: 5269, localAddress })
    await once(socket.resume(), 'close')
  }
  assert.equal((await nft('list table inet counting')).match(/counter packets [1-9]/g)?.length, 2)
})

test('what is no mark, or for no leg, is refused', async (t) => {
  const directory = await emptyDirectory(t)
  assert.equal((await run(directory, INSTALL)).code, 0)
  for (const words of [[], ['--partners', 'af51'], ['--core', 'fast']])
    assert.equal((await run(directory, ['marking', ...words])).code, 2, words.join(' '))
})
