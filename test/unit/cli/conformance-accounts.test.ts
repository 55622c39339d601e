// Files with accounts of ours at live partners: what is wrong with one is told before anything is run, and never its password.

import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { conformanceCommands } from '../../../src/cli/conformance.ts'
import { temporaryFolder } from '../../support/pki.ts'
import { run } from './run.ts'

const GOOD = 'account: ours@partner.example\npassword: swordfish\n'
const PEER = ['--peer', 'partner.example'] as const

const FAULTS: readonly (readonly [what: string, text: string, mode: number, words: readonly string[], told: RegExp])[] =
  [
    ['others may read it', GOOD, 0o640, PEER, /chmod 600/],
    ['it has no password', 'account: ours@partner.example\n', 0o600, PEER, /password/],
    ['it has more than it may', `${GOOD}pasword: swordfish\n`, 0o600, PEER, /says account and password/],
    ['it is no address', GOOD.replace('ours@', ''), 0o600, PEER, /user@partner\.example/],
    ['it is no YAML', `${GOOD}[swordfish`, 0o600, PEER, /not valid YAML in line 3; put the password in quotes/],
    ['its password is no YAML', GOOD.replace('swordfish', '|swordfish'), 0o600, PEER, /not valid YAML in line 2/],
    ['its password begins like more', GOOD.replace('swordfish', '*swordfish'), 0o600, PEER, /not valid YAML in line 2/],
    ['its password is a key', `${GOOD}swordfish: here\n`, 0o600, PEER, /another name in line 3/],
    ['its password is a key alone', '{account: ours@partner.example, swordfish}', 0o600, PEER, /password: .*in quotes/],
    ['its password is a number', GOOD.replace('swordfish', '12345'), 0o600, PEER, /password: .*in quotes/],
    ['it is at somebody else', GOOD, 0o600, ['--peer', 'other.example'], /partner\.example is no --peer/],
    ['there is no partner', GOOD, 0o600, [], /partner\.example is no --peer/],
    ['its room is elsewhere', `${GOOD}room: talk@conference.other.example\n`, 0o600, PEER, /name@service\.partner/],
    ['its address is none', `${GOOD}address: "::1:5222"\n`, 0o600, PEER, /no host and port/],
    ['the address typed is none', GOOD, 0o600, [...PEER, '--peer-address', 'host:99999'], /no host and port/],
    ['there are two', GOOD, 0o600, [...PEER, '--peer-account', 'account.yaml'], /two accounts at partner\.example/],
    [
      'two have one room',
      ...([
        GOOD,
        0o600,
        [...PEER, '--peer-account', 'account.yaml', '--peer-room', 'a@b.partner.example'],
        /for one/,
      ] as const),
    ],
    ['all is well, and there is no installation', GOOD, 0o600, PEER, /configuration is faulty/],
  ]

test('a file with an account says what is wrong with it, and keeps its password', async (t) => {
  const directory = await temporaryFolder(t)
  const file = join(directory, 'account.yaml')
  for (const [what, text, mode, words, told] of FAULTS) {
    await writeFile(file, text)
    await chmod(file, mode)
    const { code, err, out } = await run(directory, ['conformance', '--peer-account', 'account.yaml', ...words], {
      commands: conformanceCommands('0.1.0'),
    })
    assert.match(err, told, what)
    assert.doesNotMatch(`${err}${out}`, /swordfish/, what)
    assert.doesNotMatch(err, /fault of the program/, what)
    assert.ok(code === 2 || code === 78, `${what}: ${code}`)
  }
})
