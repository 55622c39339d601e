// The commands that README.md and the pages in docs/ tell people to type are commands.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseArguments } from '../../../src/cli/arguments.ts'
import { runCli } from '../../../src/cli/cli.ts'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { documents } from '../../style/sources.ts'

const written = documents()
  .map((page) => page.text)
  .join('\n')
/** Those of `main.ts`. */
const RUN = new Set(['serve', 'start', 'conformance'])

/** The words of a shell line: quotes are taken off, a comment is left out. */
function words(line: string): readonly string[] {
  const said = line.replace(/\s#.*$/, '')
  return [...said.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

const blocks = [...written.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block.replaceAll('\\\n', ' '))
const lines = blocks.join('\n').split('\n')
const typed = lines.flatMap((line) => /^\s*npx sallyport (.*)$/.exec(line)?.[1] ?? [])

test('README has commands to type', () => assert.ok(typed.length >= 12, typed.join('\n')))

for (const line of new Set(typed)) {
  test(`sallyport ${line}`, async (t) => {
    const all = words(line)
    const [first = ''] = all
    if (RUN.has(first)) return
    const command =
      COMMANDS.find(({ name }) => name === all.slice(0, 2).join(' ')) ?? COMMANDS.find(({ name }) => name === first)
    assert.ok(command, `no such command: ${line}`)
    parseArguments(command, all.slice(command.name.split(' ').length))
    if (first !== 'quickstart') return
    const directory = mkdtempSync(join(tmpdir(), 'sallyport-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    let said = ''
    const sink = { write: (text: string) => (said += text) }
    assert.equal(await runCli([...all, '--directory', directory], { stdout: sink, stderr: sink }), 0, said)
  })
}
