// `npm run mutations`: tries every deliberately wrong gateway, and writes which requirements have been seen red. Some minutes.
// With words, only the mutations of these names, and nothing is written.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { MUTATIONS } from './mutations.ts'
import { redTable } from './red-table.ts'
import { green, seen } from './seeing-red.ts'

const words = process.argv.slice(2)
let missed = 0
for (const mutation of MUTATIONS.filter(({ id }) => words.length === 0 || words.includes(id))) {
  const runs = await seen(mutation)
  const unseen = green(mutation, runs)
  missed += unseen.length
  const detail = (id: string): string => JSON.stringify(runs.find((one) => one.case === id)?.outcome ?? 'not played')
  process.stdout.write(`${mutation.id}: ${unseen.length === 0 ? 'seen' : 'NOT SEEN'}\n`)
  for (const id of unseen) process.stdout.write(`    ${id}: ${detail(id)}\n`)
}
if (missed === 0 && words.length === 0) writeFileSync(join(import.meta.dirname, 'red.md'), redTable())
process.exitCode = missed === 0 ? 0 : 1
