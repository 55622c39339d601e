// What a tree of processes costs, held against a tree whose cost is known.

import { ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { Tree } from '../../../bench/measure.ts'
import { eventually } from '../../support/within.ts'

// A child that burns a second of processor time by its own account and ends, and a second one that holds memory for as
// long as its parent lives.
const BURN = 'const c = process.cpuUsage; while (c().user + c().system < 1e6);'
const HOLD = `const held = Buffer.alloc(100 * 2 ** 20, 1); process.stdin.resume().on('end', () => process.exit(held.length === 0 ? 1 : 0))`
const PARENT = `
const { spawn } = require('node:child_process')
spawn(process.execPath, ['-e', process.argv[1]]).on('exit', () => console.log('burnt'))
spawn(process.execPath, ['-e', process.argv[2]])
`

test('children count, those that have ended too, and so does their memory', async (t) => {
  const parent = spawn(process.execPath, ['-e', PARENT, BURN, HOLD])
  t.after(() => parent.kill('SIGKILL'))
  const tree = new Tree(parent.pid ?? 0)
  await once(parent.stdout, 'data')
  ok(tree.cpuSeconds() >= 0.9, `${tree.cpuSeconds()} s`)
  await eventually('the memory of the child', () => (tree.residentBytes() > 100 * 2 ** 20 ? true : undefined))
  ok(tree.residentBytes() < 210 * 2 ** 20, 'memory of files counts for none')
})
