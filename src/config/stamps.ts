// Whether a file is the one that was read before: by what the file system says of it.
//
// Rule: a file that changed within the last seconds has no stamp, since its time may not tell two writes apart.

import { statSync, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'

const RECENT_MS = 3000

/** Tells whether a file changed; undefined when that cannot be known yet, or there is no file. */
export async function stampOf(path: string): Promise<string | undefined> {
  try {
    return stampFrom(await stat(path))
  } catch {
    return undefined
  }
}

/** The same at once, for many small files. */
export function stampNow(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false })
    return stats && stampFrom(stats)
  } catch {
    return undefined
  }
}

function stampFrom({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string | undefined {
  // The one clock in this folder: it is compared with nothing but the file system's own.
  if (Date.now() - Math.max(mtimeMs, ctimeMs) < RECENT_MS) return undefined
  return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
}
