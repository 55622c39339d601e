// Members of groups as a directory said them last: a file for each group, in a folder beside the store, so that a gateway
// that starts while the directory is away knows whom its walls are for.
//
// Rule 1: a file is there whole or not at all; one that cannot be read, or says another definition, is none.
// Rule 2: as many as groups are in force: the others are removed.

import { createHash } from 'node:crypto'
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { explain } from './sqlite-file.ts'

export interface KeptGroup {
  /** When the directory said so, in milliseconds of the epoch. */
  readonly readAt: number
  /** Bare addresses in canonical form. */
  readonly members: readonly string[]
}

/** What we call a file, while it is being written too. */
const OURS = /^[0-9a-f]{64}(?:\.new)?$/

/** Where they lie. @param store the file of the store */
export const groupFolder = (store: string): string => `${store}-groups`

export class GroupFiles {
  readonly #folder: string

  /** @param folder made when it is needed */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** What is kept of the group that is asked for like this. Never rejects. */
  async find(definition: string): Promise<KeptGroup | undefined> {
    try {
      const read: unknown = JSON.parse(await readFile(this.#fileOf(definition), 'utf8'))
      return isKept(read) && read.definition === definition ? { readAt: read.readAt, members: read.members } : undefined
    } catch {
      return undefined
    }
  }

  /** Resolves when it is written. Rejects with a StoreError. */
  async keep(definition: string, kept: KeptGroup): Promise<void> {
    const file = this.#fileOf(definition)
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      const handle = await open(`${file}.new`, 'w', 0o600)
      try {
        await handle.writeFile(JSON.stringify({ definition, ...kept }))
        await handle.sync()
      } finally {
        await handle.close()
      }
      await rename(`${file}.new`, file)
    } catch (error) {
      throw explain(this.#folder, error)
    }
  }

  /** Removes all others. Never rejects. */
  async keepOnly(definitions: readonly string[]): Promise<void> {
    const wanted = new Set(definitions.map(nameOf))
    const names = await readdir(this.#folder).catch(() => [])
    for (const name of names)
      if (OURS.test(name) && !wanted.has(name.replace('.new', '')))
        await rm(join(this.#folder, name), { force: true }).catch(() => {})
  }

  #fileOf(definition: string): string {
    return join(this.#folder, nameOf(definition))
  }
}

const nameOf = (definition: string): string => createHash('sha256').update(definition).digest('hex')

function isKept(read: unknown): read is KeptGroup & { readonly definition: string } {
  if (typeof read !== 'object' || read === null) return false
  const { definition, readAt, members }: Partial<Record<'definition' | 'readAt' | 'members', unknown>> = read
  return (
    typeof definition === 'string' &&
    typeof readAt === 'number' &&
    Array.isArray(members) &&
    members.every((member) => typeof member === 'string')
  )
}
