import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import * as z from 'zod'
import { ask, controlSocketPath, NoGateway } from '../../../src/admin/client.ts'
import { ControlSocket, serveControl, type ControlSocketLimits } from '../../../src/admin/control-socket.ts'
import { operation, OperationError } from '../../../src/admin/operation.ts'
import { Performer, type Call } from '../../../src/admin/perform.ts'
import { status } from '../../../src/admin/status.ts'
import { FakeControl, STATUS } from '../../support/fake-control.ts'
import { eventually } from '../../support/within.ts'
import { emptyDirectory } from '../../support/installation.ts'

async function serve(t: TestContext, limits: Partial<ControlSocketLimits> = {}) {
  const directory = await emptyDirectory(t)
  const socketPath = controlSocketPath(directory)
  const calls: Call[] = []
  const control = new FakeControl(directory)
  const socket = await serveControl({ control, directory, socketPath, limits, observe: (call) => calls.push(call) })
  t.after(() => socket[Symbol.asyncDispose]())
  return { directory, socketPath, socket, control, calls }
}

/** Says the bytes and hands back all that comes until the other side ends. */
async function say(socketPath: string, bytes: string | Buffer): Promise<string> {
  const socket = connect(socketPath)
  socket.end(bytes)
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

/** Says one thing and waits for the end that the other side makes. */
async function sayAndStay(socketPath: string, bytes: string): Promise<string> {
  const socket = connect(socketPath)
  socket.on('error', () => undefined)
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

test('an operation is answered with what the gateway says, through the socket', async (t) => {
  const { directory, calls } = await serve(t)
  const answer = await ask(directory, status, {})
  assert.deepEqual(answer, JSON.parse(JSON.stringify(STATUS)))
  assert.deepEqual(calls, [{ operation: 'status', role: 'read', ok: true, code: undefined, fault: undefined }])
})

test('the socket and its directory are for their owner alone', async (t) => {
  const { socketPath } = await serve(t)
  assert.equal((await stat(socketPath)).mode & 0o777, 0o600)
  assert.equal((await stat(dirname(socketPath))).mode & 0o777, 0o700)
})

test('a directory that was open to others is closed to them', async (t) => {
  const directory = await emptyDirectory(t)
  await mkdir(join(directory, 'var'))
  await chmod(join(directory, 'var'), 0o755)
  const socketPath = controlSocketPath(directory)
  await using _ = await serveControl({ control: new FakeControl(directory), directory, socketPath })
  assert.equal((await stat(join(directory, 'var'))).mode & 0o777, 0o700)
})

test('a second gateway in one directory is refused, and the first goes on', async (t) => {
  const { directory, socketPath, control } = await serve(t)
  await assert.rejects(serveControl({ control, directory, socketPath }), (error: OperationError) => {
    assert.equal(error.code, 'conflict')
    assert.match(error.message, /another gateway is running in /)
    return true
  })
  assert.equal((await ask(directory, status, {})).pid, STATUS.pid)
})

test('a socket that a crash left behind is replaced', async (t) => {
  const directory = await emptyDirectory(t)
  const socketPath = controlSocketPath(directory)
  await mkdir(dirname(socketPath))
  // A server whose handle is gone without the socket being removed: the same as a crash.
  const crash = `require('node:net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`
  assert.throws(() => execFileSync(process.execPath, ['-e', crash]))
  assert.ok((await stat(socketPath)).isSocket())
  await assert.rejects(ask(directory, status, {}), NoGateway)
  await using _ = await serveControl({ control: new FakeControl(directory), directory, socketPath })
  assert.equal((await ask(directory, status, {})).pid, STATUS.pid)
})

test('a file that is in the way of the socket is left alone', async (t) => {
  const directory = await emptyDirectory(t)
  const socketPath = controlSocketPath(directory)
  await mkdir(dirname(socketPath))
  await writeFile(socketPath, 'precious')
  await assert.rejects(serveControl({ control: new FakeControl(directory), directory, socketPath }), /in the way/)
  assert.ok((await stat(socketPath)).isFile())
})

test('a path that is too long for a socket is told as such', async (t) => {
  const directory = join(await emptyDirectory(t), 'x'.repeat(100))
  const socketPath = controlSocketPath(directory)
  await assert.rejects(serveControl({ control: new FakeControl(directory), directory, socketPath }), /107 bytes/)
})

test('where nobody listens the client says that no gateway is running', async (t) => {
  const directory = await emptyDirectory(t)
  await assert.rejects(
    ask(directory, status, {}),
    (error: unknown) => error instanceof NoGateway && error.directory === directory,
  )
})

const HOSTILE: readonly (readonly [what: string, bytes: string | Buffer, code: string])[] = [
  ['what is no JSON', 'hello\n', 'bad-request'],
  ['JSON that is no object', '[]\n', 'bad-request'],
  ['an empty line', '\n', 'bad-request'],
  ['bytes that are no UTF-8', Buffer.from('{"operation":"status\xff"}\n', 'latin1'), 'bad-request'],
  ['an unknown operation', '{"id":7,"operation":"format.disk"}\n', 'unknown-operation'],
  ['a name from Object.prototype', '{"operation":"__proto__"}\n', 'unknown-operation'],
  ['input of the wrong shape', '{"operation":"why","input":{"reference":42}}\n', 'bad-input'],
  ['input with keys nobody asked for', '{"operation":"status","input":{"all":true}}\n', 'bad-input'],
]

for (const [what, bytes, code] of HOSTILE) {
  test(`${what} is answered with ${code}`, async (t) => {
    const { socketPath, directory } = await serve(t)
    const answer = JSON.parse(await say(socketPath, bytes))
    assert.equal(answer.ok, false)
    assert.equal(answer.error.code, code)
    assert.ok(answer.error.act.length > 0)
    assert.equal((await ask(directory, status, {})).pid, STATUS.pid)
  })
}

test('a request is understood however it is cut, and several are answered in order', async (t) => {
  const { socketPath } = await serve(t)
  const socket = connect(socketPath)
  const bytes = Buffer.from(
    '{"id":1,"operation":"status"}\n{"id":"zwei","operation":"nothing"}\n{"id":3,"operation":"recent"}\n',
  )
  for (const byte of bytes) socket.write(Buffer.of(byte))
  let text = ''
  for await (const chunk of socket) {
    text += String(chunk)
    if (text.split('\n').length > 3) break
  }
  const answers = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    answers.map(({ id, ok }) => [id, ok]),
    [
      [1, true],
      ['zwei', false],
      [3, true],
    ],
  )
})

test('a request longer than allowed ends the connection with too-large', async (t) => {
  const { socketPath } = await serve(t, { requestBytes: 1000 })
  assert.equal(JSON.parse(await sayAndStay(socketPath, 'x'.repeat(1001))).error.code, 'too-large')
  assert.equal(
    JSON.parse(await sayAndStay(socketPath, `{"operation":"${'x'.repeat(1000)}"}\n`)).error.code,
    'too-large',
  )
})

test('a caller that says nothing is let go', async (t) => {
  const { socketPath } = await serve(t, { idleMs: 50 })
  assert.equal(await sayAndStay(socketPath, '{"oper'), '')
})

test('more connections than allowed are turned away, and a place that is free again can be used', async (t) => {
  const { socketPath, directory } = await serve(t, { connections: 1 })
  const first = connect(socketPath)
  await once(first, 'connect')
  // Served once it has been answered, so that the second is surely one too many.
  first.write('{"operation":"status"}\n')
  await once(first, 'data')
  await assert.rejects(ask(directory, status, {}), OperationError)
  first.destroy()
  await once(first, 'close')
  for (;;) {
    try {
      assert.equal((await ask(directory, status, {})).pid, STATUS.pid)
      return
    } catch (error) {
      if (!(error instanceof OperationError)) throw error
    }
  }
})

test('an operation that throws is an internal failure to its caller and a fault to the log', async (t) => {
  const broken = operation({
    name: 'broken',
    about: '',
    role: 'read',
    input: z.strictObject({}),
    output: z.object({}),
    run: () => {
      throw new Error('secret cause')
    },
  })
  const calls: Call[] = []
  const directory = await emptyDirectory(t)
  const performer = new Performer(
    { control: new FakeControl(directory), directory, running: true, now: () => 0 },
    [broken],
    (call) => calls.push(call),
  )
  const outcome = await performer.perform('broken', {})
  assert.equal(outcome.ok, false)
  assert.doesNotMatch(JSON.stringify(outcome), /secret/)
  assert.match(String(calls[0]?.fault), /secret cause/)
})

test('operations that change something run one after another, those that read do not wait', async (t) => {
  const order: string[] = []
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const make = (name: string, role: 'read' | 'operate', gate?: Promise<void>) =>
    operation({
      name,
      about: '',
      role,
      input: z.strictObject({}),
      output: z.object({}),
      async run() {
        order.push(`${name} begins`)
        await gate
        order.push(`${name} ends`)
        return {}
      },
    })
  const directory = await emptyDirectory(t)
  const performer = new Performer({ control: new FakeControl(directory), directory, running: true, now: () => 0 }, [
    make('a', 'operate', gates[0]!.promise),
    make('b', 'operate', gates[1]!.promise),
    make('look', 'read'),
  ])
  const a = performer.perform('a', {})
  const b = performer.perform('b', {})
  await performer.perform('look', {})
  gates[1]!.resolve()
  gates[0]!.resolve()
  await Promise.all([a, b])
  assert.deepEqual(
    order.filter((word) => !word.startsWith('look')),
    ['a begins', 'a ends', 'b begins', 'b ends'],
  )
  assert.ok(order.indexOf('look ends') < order.indexOf('a ends'))
})

test('an operation that never ends is answered with timeout', async (t) => {
  const stuck = operation({
    name: 'stuck',
    about: '',
    role: 'read',
    input: z.strictObject({}),
    output: z.object({}),
    run: () => new Promise<never>(() => undefined),
  })
  const directory = await emptyDirectory(t)
  const performer = new Performer({ control: new FakeControl(directory), directory, running: true, now: () => 0 }, [
    stuck,
  ])
  const path = join(directory, 'control.sock')
  const limits = { connections: 4, requestBytes: 1000, waiting: 4, idleMs: 1000, operationMs: 30 }
  await using _ = await ControlSocket.open(path, performer, limits)
  assert.equal(JSON.parse(await say(path, '{"operation":"stuck"}\n')).error.code, 'timeout')
})

test('a server that answers nonsense is told from one that is not there', async (t) => {
  const directory = await emptyDirectory(t)
  await mkdir(join(directory, 'var'))
  const server = createServer((socket) => socket.end('nonsense\n'))
  server.listen(controlSocketPath(directory))
  await once(server, 'listening')
  t.after(() => server.close())
  await assert.rejects(ask(directory, status, {}), (error: OperationError) => error.code === 'bad-request')
})

test('an operation tells what it does meanwhile, to whoever wants to know, and makes nobody wait', async (t) => {
  const directory = await emptyDirectory(t)
  const path = controlSocketPath(directory)
  await mkdir(dirname(path))
  const gate = Promise.withResolvers<void>()
  const slow = operation({
    name: 'slow',
    about: 'Takes long.',
    role: 'operate',
    aside: true,
    input: z.strictObject({}),
    output: z.object({ done: z.boolean() }),
    async run(_context, _input, tell) {
      tell({ step: 1 })
      tell({ step: 2 })
      await gate.promise
      return { done: true }
    },
  })
  const quick = operation({
    name: 'quick',
    about: 'Changes something.',
    role: 'operate',
    input: z.strictObject({}),
    output: z.object({}),
    run: () => ({}),
  })
  const context = { control: new FakeControl(directory), directory, running: true, now: Date.now }
  const limits = { connections: 8, requestBytes: 1000, waiting: 4, idleMs: 5000, operationMs: 5000 }
  await using _ = await ControlSocket.open(path, new Performer(context, [slow, quick]), limits)
  const told: unknown[] = []
  const twice = Promise.withResolvers<void>()
  const answer = ask(directory, slow, {}, { tell: (step) => told.push(step) === 2 && twice.resolve() })
  await twice.promise
  assert.deepEqual(told, [{ step: 1 }, { step: 2 }])
  assert.deepEqual(await ask(directory, quick, {}), {})
  const silent = say(path, '{"operation":"slow"}\n')
  gate.resolve()
  assert.deepEqual(await answer, { done: true })
  assert.equal(await silent, '{"ok":true,"output":{"done":true}}\n')
})

/** A socket with one operation that lasts until its caller has enough, and says so. */
async function patient(t: TestContext, aside: { readonly longestMs?: number; readonly run?: Patient } = {}) {
  const directory = await emptyDirectory(t)
  const path = controlSocketPath(directory)
  await mkdir(dirname(path))
  const ends: string[] = []
  const lasting = operation({
    name: 'lasting',
    about: 'Lasts until its caller has enough.',
    role: 'read',
    ...(aside.longestMs === undefined ? {} : { longestMs: aside.longestMs }),
    input: z.strictObject({}),
    output: z.object({ enough: z.boolean() }),
    async run(_context, _input, tell, signal) {
      tell({ begun: true })
      await aside.run?.(tell)
      if (!signal.aborted) await once(signal, 'abort')
      ends.push('enough')
      return { enough: true }
    },
  })
  const context = { control: new FakeControl(directory), directory, running: true, now: Date.now }
  const limits = { connections: 8, requestBytes: 4000, waiting: 4, idleMs: 200, operationMs: 300 }
  const socket = await ControlSocket.open(path, new Performer(context, [lasting]), limits)
  t.after(() => socket[Symbol.asyncDispose]())
  return { directory, path, lasting, socket, ends }
}

type Patient = (tell: (progress: unknown) => boolean) => void | Promise<void>

test('a caller that has heard enough gets what there is, and one that goes away is not worked for', async (t) => {
  const { directory, path, lasting, ends } = await patient(t, { longestMs: 20_000 })
  const enough = new AbortController()
  const answer = ask(directory, lasting, {}, { tell: () => enough.abort(), signal: enough.signal })
  assert.deepEqual(await answer, { enough: true })
  assert.equal(ends.length, 1)

  const socket = connect(path)
  socket.write('{"operation":"lasting","progress":true}\n')
  await once(socket, 'data')
  socket.destroy()
  await eventually('the end', () => (ends.length === 2 ? true : undefined))
})

test('an operation that lasts is not cut by the time for others, nor is its caller let go meanwhile', async (t) => {
  const { directory, lasting } = await patient(t, { longestMs: 20_000 })
  const enough = new AbortController()
  const timer = setTimeout(() => enough.abort(), 600)
  t.after(() => clearTimeout(timer))
  assert.deepEqual(await ask(directory, lasting, {}, { tell: () => undefined, signal: enough.signal }), {
    enough: true,
  })
  const { directory: elsewhere, lasting: short, ends } = await patient(t)
  await assert.rejects(ask(elsewhere, short, {}), (error: OperationError) => error.code === 'timeout')
  assert.deepEqual(ends, ['enough'], 'told so, when its time is over')
})

test('a socket that closes asks those that it works for to come to an end', async (t) => {
  const { directory, lasting, socket } = await patient(t, { longestMs: 20_000 })
  const begun = Promise.withResolvers<void>()
  const answer = ask(directory, lasting, {}, { tell: () => begun.resolve() })
  await begun.promise
  await socket[Symbol.asyncDispose]()
  assert.deepEqual(await answer, { enough: true })
})

test('whoever reads too slowly is not told, and the operation knows it', async (t) => {
  const taken: boolean[] = []
  const run: Patient = (tell) => {
    for (let line = 0; line < 2000; line++) taken.push(tell({ line: 'x'.repeat(1000) }))
  }
  const { path } = await patient(t, { longestMs: 20_000, run })
  const socket = connect(path)
  socket.pause()
  socket.write('{"operation":"lasting","progress":true}\n')
  await eventually('all lines', () => (taken.length === 2000 ? true : undefined))
  assert.ok(taken[0] === true && taken.at(-1) === false, 'the first is taken, the last is not')
  socket.destroy()
})
