// The commands that README.md and the pages in docs/ tell people to type are commands.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import * as z from 'zod'
import { parseArguments, UsageError } from '../../../src/cli/arguments.ts'
import { runCli } from '../../../src/cli/cli.ts'
import { COMMANDS } from '../../../src/cli/commands.ts'
import { documents } from '../../style/sources.ts'
import { Step } from '../../support/machine.ts'

const written = documents()
  .map((page) => page.text)
  .join('\n')
/** Those of `main.ts`. */
const OF_MAIN = ['serve', 'start', 'conformance', 'conformance verify', 'conformance diff']
/** Those that are not parsed here. */
const RUN = new Set(['serve', 'start', 'conformance'])

/** The words of a shell line: quotes are taken off, a comment is left out. */
function words(line: string): readonly string[] {
  const said = line.replace(/\s#.*$/, '')
  return [...said.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

const blocks = [...written.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block.replaceAll('\\\n', ' '))
const lines = blocks.join('\n').split('\n')
const typed = lines.flatMap((line) => /^\s*npx sallyport (.*)$/.exec(line)?.[1] ?? [])

test('the pages have commands to type', () => assert.ok(typed.length >= 40, typed.join('\n')))

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

test('docs/operations.md tells of every command, and of none that there is not', () => {
  const page = documents().find(({ path }) => path === 'docs/operations.md')?.text ?? ''
  const table = page.slice(page.indexOf('| command | does |'))
  // `partner list/show/add <domain>` stands for three.
  const told = [...table.matchAll(/^\| `([^`]+)` \|/gm)].flatMap(([, cell = '']) => {
    const [first = '', second = ''] = cell.split(' ')
    return /^[a-z]/.test(second) ? second.split('/').map((each) => `${first} ${each}`) : [first]
  })
  const there = [...COMMANDS.map(({ name }) => name), ...OF_MAIN]
  assert.deepEqual(new Set(told), new Set(there))
})

/** Lines of files without what is only for people: indents, and comments behind. */
const plain = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/\s+# .*$/, '').trim())
    .join('\n')

const Told = z.object({
  dns: z.array(z.string()),
  core: z.tuple([z.object({ steps: z.array(Step) })]),
})

for (const kind of ['prosody', 'ejabberd']) {
  test(`what README.md and docs/set-up.md say for ${kind} is what quickstart prints`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'sallyport-'))
    t.after(() => rmSync(directory, { recursive: true, force: true }))
    let said = ''
    const sink = { write: (text: string) => (said += text) }
    const line = `quickstart corp.example --conference conference.corp.example --core 10.1.0.10:5269 --core-kind ${kind} --listen 203.0.113.7 --inner 10.1.0.2 --json`
    assert.equal(await runCli([...line.split(' '), '--directory', directory], { stdout: sink, stderr: sink }), 0, said)
    const { dns, core } = Told.parse(JSON.parse(said))
    const texts = core[0].steps.filter(({ file }) => file !== undefined).map(({ lines: text }) => text)
    assert.ok(texts.length >= 2, said)
    for (const page of ['README.md', 'docs/set-up.md']) {
      const shown = plain(documents().find(({ path }) => path === page)?.text ?? '')
      for (const text of texts) assert.ok(shown.includes(plain(text)), `${page} does not show\n${text}`)
      if (page !== 'README.md') for (const record of dns) assert.ok(shown.includes(record), `${page}: ${record}`)
    }
  })
}

test('commands that the pages name within a sentence are there, with the options that are named', () => {
  const groups = new Set(COMMANDS.map(({ name }) => name.split(' ')[0] ?? ''))
  const named = documents().flatMap(({ path, text }) => {
    const prose = text.replaceAll(/^( *)```[^]*?^\1```/gm, '').replaceAll(/^\| `.*$/gm, '')
    return [...prose.matchAll(/`(npx )?(sallyport )?([a-z]+ [^`\n]+)`/g)]
      .map(([, , full, span = '']) => ({ path, span, all: span.split(' '), full }))
      .filter(({ all, full, span }) => !/[[…=]/.test(span) && (full !== undefined || groups.has(all[0] ?? '')))
      .filter(({ all }) => !RUN.has(all[0] ?? ''))
  })
  const wrong = named.flatMap(({ path, span, all }) => {
    const command = COMMANDS.find(({ name }) => name === all.slice(0, 2).join(' ') || name === all[0])
    if (!command) return [`${path}: ${span}: no such command`]
    try {
      parseArguments(command, all.slice(command.name.split(' ').length))
    } catch (error) {
      // A sentence need not say all that has to be typed.
      if (error instanceof UsageError && /is missing|needs a value/.test(error.message)) return []
      return [`${path}: ${span}: ${String(error)}`]
    }
    return []
  })
  assert.deepEqual(wrong, [])
  assert.ok(named.length >= 60, `${named.length} are named`)
})
