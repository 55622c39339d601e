import assert from 'node:assert/strict'
import { test } from 'node:test'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { CommandError, describeError } from '../../../src/cli/errors.ts'
import type { Command } from '../../../src/cli/command.ts'
import { emptyDirectory } from '../../support/installation.ts'
import { run } from './run.ts'

const MISTYPED: readonly (readonly [words: string, answer: RegExp])[] = [
  ['stauts', /no command "stauts"; did you mean "status"\?/],
  ['partner alow x.example', /no command "partner alow"; did you mean "partner allow"\?/],
  ['partnr list', /did you mean "partner list"\?/],
  ['allow x.example', /did you mean "partner allow"\?/],
  ['xyzzyplugh', /no command "xyzzyplugh"$/m],
  ['status --jsn', /no option --jsn; did you mean --json\?/],
  ['status --xyzzyplugh', /no option --xyzzyplugh$/m],
  ['status now', /"now" is one word too many/],
  ['partner allow', /<domain> is missing/],
  ['partner allow x.example --owner', /--owner needs a value/],
  ['partner allow x.example --owner --until', /--owner needs a value/],
  ['partner allow x.example --owner a --owner b', /--owner may be given once/],
  ['status --json=yes', /--json takes no value/],
  ['recent --limit many', /--limit needs a number/],
  ['explain --from a@corp.example', /--from and --to are both needed/],
  ['partner add x.example --connect nowhere', /--connect: write host:port/],
]

for (const [words, answer] of MISTYPED) {
  test(`"${words}" is a mistake that is named`, async (t) => {
    const { code, err } = await run(await emptyDirectory(t), words.split(' '))
    assert.equal(code, 2)
    assert.match(err, answer)
    const asJson = await run(await emptyDirectory(t), [...words.split(' '), '--json'])
    if (!words.endsWith('--owner')) assert.match(JSON.parse(asJson.out).error.message, answer)
  })
}

test('every command explains itself', async (t) => {
  const directory = await emptyDirectory(t)
  for (const { name, about, options = {} } of COMMANDS) {
    const { code, out } = await run(directory, [...name.split(' '), '--help'])
    assert.equal(code, 0, name)
    assert.match(out, new RegExp(`usage: sallyport ${name}`))
    for (const option of [...Object.keys(options), 'json', 'directory', 'help'])
      assert.match(out, new RegExp(`--${option}\\b`))
    assert.match(about, /^[A-Z].*\.$/)
  }
})

test('help is there for the asking: all of it, a group, one command', async (t) => {
  const directory = await emptyDirectory(t)
  assert.equal((await run(directory, [])).code, 2)
  for (const words of [
    ['--help'],
    ['help'],
    ['help', 'partner'],
    ['partner', '--help'],
    ['help', 'partner', 'allow'],
    ['-h'],
  ]) {
    const { code, out } = await run(directory, words)
    assert.equal(code, 0, words.join(' '))
    assert.match(out, /usage: sallyport/)
  }
  assert.equal((await run(directory, ['partner'])).code, 2)
  assert.match((await run(directory, ['--version'])).out, /^sallyport 0\.1\.0, Node /)
})

test('further commands are found, and what they throw is told', async (t) => {
  const fail: Command = {
    name: 'fail',
    about: 'Fails.',
    run: () => Promise.reject(new CommandError('odd', 'it went wrong', 'Try again.', 78)),
  }
  const bug: Command = {
    name: 'bug',
    about: 'Breaks.',
    run: () => Promise.reject(new TypeError('x is not a function')),
  }
  const directory = await emptyDirectory(t)
  const failed = await run(directory, ['fail'], { commands: [fail] })
  assert.deepEqual(failed, { code: 78, out: '', err: 'sallyport: it went wrong\n  Try again.\n' })
  const asJson = await run(directory, ['fail', '--json'], { commands: [fail] })
  assert.deepEqual(JSON.parse(asJson.out), { error: { code: 'odd', message: 'it went wrong', act: 'Try again.' } })
  const broken = await run(directory, ['bug'], { commands: [bug] })
  assert.equal(broken.code, 1)
  assert.match(broken.err, /TypeError: x is not a function\n.*fault of the program/)
})

test('--directory may stand anywhere and is relative to where one is', async (t) => {
  const directory = await emptyDirectory(t)
  const seen: string[] = []
  const where: Command = {
    name: 'where',
    about: 'Says where.',
    run(context) {
      seen.push(context.directory)
      return 0
    },
  }
  for (const words of [
    ['where', '--directory', 'sub'],
    ['--directory', 'sub', 'where'],
    ['where', '--directory=sub'],
  ])
    assert.equal((await run(directory, words, { commands: [where] })).code, 0)
  assert.deepEqual(seen, [`${directory}/sub`, `${directory}/sub`, `${directory}/sub`])
})

test('where no gateway runs, a command that needs one says how to start it', async (t) => {
  const directory = await emptyDirectory(t)
  const { code, err } = await run(directory, ['status'])
  assert.equal(code, 1)
  assert.match(err, /no gateway is running in .*\n {2}Start it with `sallyport serve`/)
  assert.equal(JSON.parse((await run(directory, ['status', '--json'])).out).error.code, 'no-gateway')
})

const SYSTEM: readonly (readonly [fault: object, words: RegExp])[] = [
  [
    { code: 'EADDRINUSE', syscall: 'listen', port: 5269, address: '::' },
    /^port 5269 is in use .*ss -ltnp 'sport = :5269'/,
  ],
  [{ code: 'EADDRINUSE', syscall: 'listen', port: 5269, address: '192.0.2.1' }, /^192\.0\.2\.1 port 5269 is in use/],
  [{ code: 'EADDRNOTAVAIL', syscall: 'listen', address: '192.0.2.1' }, /no address 192\.0\.2\.1/],
  [{ code: 'EACCES', syscall: 'listen', port: 443 }, /not allowed to listen on port 443/],
  [{ code: 'EACCES', syscall: 'open', path: '/etc/shadow' }, /not allowed to read \/etc\/shadow/],
  [{ code: 'ENOENT', syscall: 'open', path: '/no/such' }, /there is no \/no\/such/],
  [{ code: 'ENOSPC', syscall: 'write', path: '/x' }, /no space left/],
]

test('errors of the system name the thing and what to do, also when they are the cause of another', () => {
  for (const [fault, words] of SYSTEM) {
    const error = Object.assign(new Error('raw'), fault)
    for (const thrown of [error, new Error('cannot listen', { cause: error })]) {
      const { message, act, exit } = describeError(thrown)
      assert.match(`${message} ${act}`, words)
      assert.equal(exit, 1)
    }
  }
})
