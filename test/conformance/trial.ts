// Tries one mutation in a process of its own, and as root in a network of its own, so that several can be tried at once.
//
// Rule 1: what tells nothing within its time has not been seen.
// Rule 2: whatever it has started ends with it, and the folders it has made go with it.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import { inNewNetwork } from '../isolation.ts'
import { MUTATIONS } from './mutations.ts'
import { green, seenAtLast } from './seeing-red.ts'

const Told = z.object({
  /** Cases that have not seen it, and what came of them. */
  unseen: z.array(z.object({ id: z.string(), outcome: z.string() })),
})

export interface Trial {
  readonly id: string
  readonly seconds: number
  readonly unseen: z.infer<typeof Told>['unseen']
  /** Why nothing is known of it. */
  readonly trouble?: string
}

/** Process groups that are up. */
const up = new Set<number>()
process.on('exit', () => up.forEach(end))

function end(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

const hasNetworks = (): boolean =>
  process.getuid?.() === 0 && spawnSync('unshare', [...inNewNetwork('true')]).status === 0

/** @param id of the mutation @param limitMs for all of it */
export async function tried(id: string, limitMs: number): Promise<Trial> {
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'))
  const began = performance.now()
  const program = [process.execPath, import.meta.filename, id]
  const [command, ...args] = hasNetworks() ? ['unshare', ...inNewNetwork(...program)] : program
  const child = spawn(command!, args, {
    ...{ stdio: ['ignore', 'pipe', 'pipe'], detached: true, env: { ...process.env, TMPDIR: folder } },
  })
  if (child.pid === undefined) throw new Error(`${command}: cannot be run`)
  const { pid } = child
  up.add(pid)
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    end(pid)
  }, limitMs)
  try {
    const [told, said] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    const seconds = (performance.now() - began) / 1000
    const parsed = Told.safeParse(parse(told))
    if (parsed.success) return { id, seconds, ...parsed.data }
    return { id, seconds, unseen: [], trouble: isLate ? `nothing within ${limitMs / 1000} s` : said.trim() }
  } finally {
    clearTimeout(timer)
    end(pid)
    up.delete(pid)
    rmSync(folder, { recursive: true, force: true })
  }
}

function parse(told: string): unknown {
  try {
    return JSON.parse(told)
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const mutation = MUTATIONS.find(({ id }) => id === process.argv[2])
  if (!mutation) throw new Error(`no mutation ${process.argv[2]}`)
  const runs = await seenAtLast(mutation)
  const outcome = (id: string): string => JSON.stringify(runs.find((one) => one.case === id)?.outcome ?? 'not played')
  const unseen = green(mutation, runs).map((id) => ({ id, outcome: outcome(id) }))
  process.stdout.write(JSON.stringify({ unseen } satisfies z.infer<typeof Told>))
}
