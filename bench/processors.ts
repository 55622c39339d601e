// Which processors who may use, by taskset of util-linux: where the gateway stands on a host of its own, what it works costs
// nobody else anything.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Cleanup } from '../test/support/program.ts'

/** Those that this process may use, of "0-3,8". */
function allowed(): readonly number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, n) => first + n)
  })
}

const confine = (to: readonly number[]): unknown =>
  execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', to.join(','), String(process.pid)], { stdio: 'pipe' })

/**
 * Keeps this process, and all that it starts from here on, off one processor until `t` ends. Gives how a command is put that has
 * that one for itself; undefined: there is but one.
 */
export function spareOne(t: Cleanup): readonly string[] | undefined {
  const all = allowed()
  const spare = all.at(-1)
  if (spare === undefined || all.length < 2) return undefined
  confine(all.slice(0, -1))
  t.after(() => void confine(all))
  return ['taskset', '--cpu-list', String(spare)]
}
