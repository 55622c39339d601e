// A directory that is watched, and how it is told from another that took its place.

import type { FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'

export interface Watched {
  readonly path: string
  readonly identity: string
  readonly watcher: FSWatcher
}

/** The directory behind a path; undefined: there is none. */
export async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path)
    return `${dev} ${ino}`
  } catch {
    return undefined
  }
}
