// Writing several files of one directory together: each is written beside its place and flushed, and only then do all take
// their places. When one cannot, those before it get what was there before.
//
// What a crash of the machine leaves in between is some of the new files at their places and some not, each of them whole.

import { link, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { flushDirectory, temporaryFor, writeBeside } from './write-whole.ts'

/** What is to become of a file; `before` and `after` undefined: there is none. */
export interface FileChange {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** As many as may be open at a time. */
const AT_ONCE = 16

/** Makes all of the changes, or none. @throws what the system says of the first that cannot be made */
export async function writeMany(changes: readonly FileChange[]): Promise<void> {
  const [first] = changes
  if (first === undefined) return
  const moves = changes.map((change): Move => {
    const { path, before, after } = change
    return {
      ...change,
      fresh: after === undefined ? undefined : temporaryFor(path),
      old: before === undefined ? undefined : temporaryFor(path),
    }
  })
  const taken: Move[] = []
  try {
    await each(moves, async ({ path, before, after, fresh, old }) => {
      if (old !== undefined) await link(path, old)
      if (fresh !== undefined && after !== undefined)
        await writeBeside(fresh, path, after, before === undefined ? 'new' : 'replace')
    })
    for (const move of moves) {
      await take(move)
      taken.push(move)
    }
    await flushDirectory(dirname(first.path))
  } catch (error) {
    for (const move of taken.toReversed()) await giveBack(move)
    throw error
  } finally {
    await each(moves, async ({ fresh, old }) => {
      for (const file of [fresh, old]) if (file !== undefined) await rm(file, { force: true })
    })
  }
}

interface Move extends FileChange {
  /** Where the new content waits. */
  readonly fresh: string | undefined
  /** The former file, under another name as well. */
  readonly old: string | undefined
}

async function take({ path, fresh, old }: Move): Promise<void> {
  if (fresh === undefined) await rm(path)
  else if (old === undefined) await link(fresh, path)
  else await rename(fresh, path)
}

async function giveBack({ path, old }: Move): Promise<void> {
  if (old === undefined) await rm(path, { force: true })
  else await rename(old, path)
}

async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let item = items[next]; item !== undefined; item = items[next]) {
      next += 1
      await work(item)
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
