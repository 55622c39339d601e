// Who has accepted the notice of the settings, in a file beside the store: so that nobody is asked twice in a session, and for
// where no gateway runs that would write it into its log.

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'

const FILE = join('var', 'notice-accepted.json')
const MOST_KEPT = 200

const Accepted = z.object({
  by: z.string(),
  /** Of a terminal; empty where that is not known. */
  session: z.string(),
  /** Milliseconds since 1970. */
  at: z.number(),
})
const Kept = z.object({ notice: z.string(), accepted: z.array(Accepted) })

export type Accepted = z.output<typeof Accepted>

/** What was accepted of this text; nothing where the file cannot be read. */
export async function acceptedOf(directory: string, notice: string): Promise<readonly Accepted[]> {
  try {
    const kept = Kept.parse(JSON.parse(await readFile(join(directory, FILE), 'utf8')))
    return kept.notice === notice ? kept.accepted : []
  } catch {
    return []
  }
}

/** Writes it whole or not at all; the oldest go where there are many. @throws what the file system says */
export async function keepAccepted(directory: string, notice: string, accepted: readonly Accepted[]): Promise<void> {
  const file = join(directory, FILE)
  const fresh = `${file}.new`
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(fresh, `${JSON.stringify({ notice, accepted: accepted.slice(-MOST_KEPT) })}\n`, { mode: 0o600 })
  await rename(fresh, file)
}
