// What of an instance is seen on its host alone: where it listens, and who may read its files. Linux tells in /proc.

import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { unclear, violated } from '../ends.ts'
import type { Instance } from './instance.ts'

/** The state of a socket that waits for connections. */
const LISTENING = '0A'
/** Anybody but the owner: read, write, execute. */
const OTHERS = 0o077

/** @returns where, in words. @throws Ends where it listens elsewhere too, or not where it should */
export async function listensOnly({ pid, ports }: Pick<Instance, 'pid' | 'ports'>): Promise<string> {
  if (platform() !== 'linux' || pid === undefined) throw unclear('only Linux tells where a process listens')
  const inodes = await socketsOf(pid)
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8')))
  const found = new Set(
    tables.flatMap((table) =>
      table.split('\n').flatMap((line) => {
        const words = line.trim().split(/\s+/)
        const [, local = '', , state] = words
        return state === LISTENING && inodes.has(words[9] ?? '') ? [Number.parseInt(local.split(':')[1] ?? '', 16)] : []
      }),
    ),
  )
  const wanted = new Set(Object.values(ports))
  const wrong = [...found].filter((port) => !wanted.has(port))
  if (wrong.length > 0) throw violated(`it listens at ${wrong.join(', ')} too`)
  const missing = [...wanted].filter((port) => !found.has(port))
  if (missing.length > 0) throw violated(`it does not listen at ${missing.join(', ')}`)
  return `it listens at ${[...found].toSorted((one, other) => one - other).join(', ')}`
}

/** The inodes of the sockets that a process has open. */
async function socketsOf(pid: number): Promise<ReadonlySet<string>> {
  const names = await readdir(`/proc/${pid}/fd`)
  const links = await Promise.all(names.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')))
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
}

/** @returns what was looked at, in words. @throws Ends where others may read or write something, or nothing is there */
export async function isPrivate(folder: string): Promise<string> {
  const names = (await readdir(folder, { recursive: true })).toSorted()
  if (names.length === 0) throw unclear('there is nothing in the folder')
  const open: string[] = []
  for (const name of ['', ...names]) {
    const { mode } = await stat(join(folder, name))
    if ((mode & OTHERS) !== 0) open.push(`${name || 'the folder'} (${(mode & 0o777).toString(8)})`)
  }
  // What others cannot enter they cannot read either, whatever stands on it.
  if (open.some((one) => one.startsWith('the folder'))) throw violated(`others may use ${open.join(', ')}`)
  return `nobody else may use the folder, with ${names.join(', ')}`
}
