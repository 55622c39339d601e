// The notice before commands: what a script sees of it, and whoever sits at a terminal.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, readFile, stat } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { test, type TestContext } from 'node:test'
import { needsPeer } from '../support/peers.ts'
import { emptyDirectory } from '../support/installation.ts'
import { makeEvaluation } from '../../src/lab/setup.ts'

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')
const NOTICE = 'For administrators of Corp only.'
const QUESTION = 'Do you accept these terms?'

async function installation(t: TestContext): Promise<string> {
  const root = await emptyDirectory(t)
  await makeEvaluation(root, Date.now(), '127.0.7.150')
  await appendFile(gatewayFile(root), `administration: { notice: ${NOTICE} }\n`)
  return root
}

const gatewayFile = (root: string): string => join(root, 'federation-config', 'gateway.yaml')

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** @param answers each is typed when the question is there, one after the other */
async function run(
  program: string,
  words: readonly string[],
  { answers = [], accepted }: { readonly answers?: readonly string[]; readonly accepted?: string } = {},
): Promise<Ended> {
  const env = { ...process.env, ...(accepted !== undefined && { SALLYPORT_NOTICE: accepted }) }
  const child = spawn(program, words, { env, stdio: ['pipe', 'pipe', 'pipe'] })
  let [out, err, typed] = ['', '', 0]
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
    for (; typed < times(out, QUESTION) && typed < answers.length; typed++) child.stdin.write(answers[typed])
  })
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  await once(child, 'close')
  child.stdin.destroy()
  return { code: child.exitCode, out, err }
}

const commandOf = (root: string, ...words: readonly string[]): readonly string[] => [
  ...[process.execPath, MAIN, ...words, '--directory', root],
]

const byScript = (root: string, accepted?: string): Promise<Ended> => {
  const [program, ...words] = commandOf(root, 'partner', 'list', '--json')
  return run(program!, words, accepted === undefined ? {} : { accepted })
}

/** Lines of a shell in one session of a terminal. */
const atTerminal = (answers: readonly string[], ...lines: readonly string[]): Promise<Ended> =>
  run('script', ['--quiet', '--return', '--command', lines.join('; '), '/dev/null'], { answers })

const times = (text: string, words: string): number => text.split(words).length - 1

test('a script gets its answer on standard output, the notice beside it, and not when its owner has accepted that', async (t) => {
  const root = await installation(t)
  const shown = await byScript(root)
  assert.equal(shown.code, 0, shown.err)
  assert.ok(JSON.parse(shown.out))
  assert.equal(times(shown.err, NOTICE), 1)
  assert.equal(times(shown.err, QUESTION), 0)
  assert.equal(times((await byScript(root, 'accepted')).err, NOTICE), 0)
  assert.equal(times((await byScript(root, 'perhaps')).err, NOTICE), 1)
})

/** What listens where commands ask a gateway. */
async function gatewayThat(t: TestContext, root: string, meets: (socket: Socket) => void): Promise<void> {
  await mkdir(join(root, 'var'), { recursive: true })
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    meets(socket)
  }).listen(join(root, 'var', 'control.sock'))
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
}

const UNKNOWN = { ok: false, error: { code: 'unknown-operation', message: 'it is older', act: 'Wait.' } }

for (const [what, meets, why] of [
  [
    'does not know of notices',
    (socket: Socket) => void socket.end(`${JSON.stringify({ id: 1, ...UNKNOWN })}\n`),
    /older/,
  ],
  ['says nothing', () => undefined, /does not answer/],
] as const)
  test(`a gateway that ${what} keeps nobody from a command, and it is told that nothing was logged`, async (t) => {
    const root = await installation(t)
    const [program, ...words] = commandOf(root, 'cert', 'show', 'corp.example', '--json')
    const alone = await run(program!, words, { accepted: 'accepted' })
    await gatewayThat(t, root, meets)
    const began = performance.now()
    const { code, out, err } = await run(program!, words, { accepted: 'accepted' })
    assert.deepEqual([code, out], [alone.code, alone.out], err)
    assert.ok(JSON.parse(out))
    assert.match(err, /that the notice was accepted is not in the log of the gateway: /)
    assert.match(err, why)
    assert.ok(performance.now() - began < 30_000)
  })

test('it is shown also while the file is faulty elsewhere, and help has none', async (t) => {
  const root = await installation(t)
  await appendFile(gatewayFile(root), 'lsten: {}\n')
  assert.equal(times((await byScript(root)).err, NOTICE), 1)
  assert.equal(times((await run(process.execPath, [MAIN, 'status', '--help', '--directory', root])).err, NOTICE), 0)
})

test(
  'at a terminal it is asked once in a session and for each text, and whoever says no gets nothing',
  needsPeer('script'),
  async (t) => {
    const root = await installation(t)
    const list = commandOf(root, 'partner', 'list').join(' ')
    const other = `sed -i 's/of Corp only/of Corp alone/' ${gatewayFile(root)}`
    const refused = await atTerminal(['no\n'], list)
    assert.equal(refused.code, 1)
    assert.equal(times(refused.out, 'aurora.example'), 0, refused.out)
    const ended = await atTerminal(['\u0004'], list)
    assert.deepEqual([ended.code, times(ended.out, 'aurora.example')], [1, 0], 'the end of what is typed is no yes')
    const { out, code } = await atTerminal(['yes\n', 'yes\n'], list, list, other, list, list)
    assert.equal(code, 0, out)
    assert.deepEqual([times(out, 'of Corp only.'), times(out, 'of Corp alone.')], [1, 1], out)
    const file = join(root, 'var/notice-accepted.json')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const kept = JSON.parse(await readFile(file, 'utf8')) as { notice: string; accepted: { session: string }[] }
    assert.deepEqual([kept.notice, kept.accepted.length], ['For administrators of Corp alone.', 1])
    const again = await atTerminal(['no\n'], list)
    assert.equal(again.code, 1, 'another session is asked for itself')
    const quiet = await atTerminal(['no\n'], `${list} 2>/dev/null`)
    assert.deepEqual([quiet.code, times(quiet.out, NOTICE.replace('only', 'alone'))], [1, 1], quiet.out)
    assert.equal(times(quiet.out, 'aurora.example'), 0, 'whoever throws standard error away is asked on the terminal')
    const heeded = await atTerminal(['yes\n'], `${list} 2>/dev/null`)
    assert.deepEqual([heeded.code, times(heeded.out, QUESTION)], [0, 1], heeded.out)
  },
)
