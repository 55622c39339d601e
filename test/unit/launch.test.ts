// The way in from the shell, on a machine whose npm and Node are older than ours.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

const ROOT = join(import.meta.dirname, '..', '..')
const PACKAGE = `node-linux-${process.arch}`

function checkout(t: TestContext, withNode: boolean): string {
  const home = mkdtempSync(join(tmpdir(), 'sallyport-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  mkdirSync(join(home, 'src'))
  for (const name of ['node.sh', 'sallyport.sh']) cpSync(join(ROOT, 'src', name), join(home, 'src', name))
  mkdirSync(join(home, 'node_modules'))
  if (withNode) symlinkSync(join(ROOT, 'node_modules', PACKAGE), join(home, 'node_modules', PACKAGE))
  return home
}

test('the locked Node is found without its link in .bin, which older npm leaves out', (t) => {
  const home = checkout(t, true)
  const said = spawnSync(join(home, 'src', 'node.sh'), ['-p', 'process.versions.node'], { env: {}, encoding: 'utf8' })
  const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>
  }
  assert.equal(said.stdout.trim(), optionalDependencies[PACKAGE], said.stderr)
})

test('the command is found through a link, as npx makes one', (t) => {
  const home = checkout(t, true)
  symlinkSync(join(ROOT, 'src', 'main.ts'), join(home, 'src', 'main.ts'))
  symlinkSync(join(home, 'src', 'sallyport.sh'), join(home, 'sallyport'))
  const said = spawnSync(join(home, 'sallyport'), ['--version'], { encoding: 'utf8' })
  assert.match(said.stdout, /^sallyport \d+\.\d+\.\d+, Node /, said.stderr)
})

test('without it, the answer is what to do', (t) => {
  const home = checkout(t, false)
  const said = spawnSync(join(home, 'src', 'sallyport.sh'), ['status'], { encoding: 'utf8' })
  assert.equal(said.status, 1)
  assert.match(said.stderr, /run `npm ci`/)
})
