// A listener that runs out of file descriptors: accept fails with EMFILE, and the listener lives on. Whether Node tells of
// the failed accept or libuv turns the caller away by itself is theirs to choose; neither may end the process.

import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { createInterface } from 'node:readline'
import { Dialog } from '../support/dialog.ts'
import { within } from '../support/within.ts'
import { header } from './gate.ts'

const DESCRIPTORS = 60

const SCRIPT = `
import { Listener } from './src/net/listener.ts'
import { DEFAULT_LIMITS } from './src/net/limits.ts'
const never = () => new Promise(() => {})
const listener = await Listener.open({
  name: 'small', host: '127.0.0.1', port: 0, limits: () => DEFAULT_LIMITS,
  reception: {
    rules: () => ({ opens: () => undefined, admits: () => undefined }), leg: () => 'partner', identity: never, verify: never,
    ready() {}, failed() {}, reference: () => 'r',
  },
  onAcceptError: (error) => console.log('error ' + error.code),
})
console.log('port ' + listener.address.port)
`

test('a listener without descriptors left says so, and goes on when there are some again', async () => {
  const child = spawn(
    'bash',
    ['-c', `ulimit -n ${DESCRIPTORS} && exec "$0" --input-type=module-typescript -e "$1"`, process.execPath, SCRIPT],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const line = async (): Promise<string> => String((await within(5000, lines.next(), 'a line of the child')).value)
    const port = Number((await line()).slice('port '.length))
    const sockets: Socket[] = []
    const turnedAway = Promise.withResolvers<void>()
    for (let n = 0; n < DESCRIPTORS + 20; n++) {
      const socket = connect({ host: '127.0.0.1', port })
      socket.on('error', () => {})
      socket.on('close', () => turnedAway.resolve())
      socket.resume()
      sockets.push(socket)
    }
    await within(5000, turnedAway.promise, 'a connection to be turned away')
    for (const socket of sockets) socket.destroy()
    // The child has to see them go before it has room: ask until it answers.
    let answered = false
    for (let tries = 0; tries < 50 && !answered; tries++) {
      const dialog = await Dialog.open({ host: '127.0.0.1', port })
      answered = await dialog
        .say(header())
        .expect(/<stream:features>/)
        .then(
          () => true,
          () => false,
        )
      await dialog[Symbol.asyncDispose]()
    }
    ok(answered)
    equal(child.exitCode, null)
  } finally {
    child.kill()
    await once(child, 'exit')
  }
})
