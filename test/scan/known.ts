// Findings that are known, each with its reason: `cases/tls-scan/allowed.json`. Whatever else a scan finds is new, and what
// it does not find any more has to go from there.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Place } from './places.ts'

const FILE = join(import.meta.dirname, '../cases/tls-scan/allowed.json')

const Known = z.array(
  z
    .strictObject({
      by: z.enum(['sslscan', 'testssl']),
      finding: z.string(),
      where: z.array(z.string()).min(1),
      reason: z.string().min(20),
    })
    .readonly(),
)
export type Scanner = z.infer<typeof Known>[number]['by']

export const known = async (): Promise<z.infer<typeof Known>> => Known.parse(JSON.parse(await readFile(FILE, 'utf8')))

export interface Compared {
  readonly fresh: readonly string[]
  readonly gone: readonly string[]
  readonly allowed: readonly string[]
}

/** Holds what a scanner found at a place against what is known of it. */
export async function compare(by: Scanner, place: Place, findings: readonly string[]): Promise<Compared> {
  const here = (await known()).filter((one) => one.by === by && one.where.includes(place.name))
  const allowed = here.map(({ finding }) => finding)
  return {
    fresh: findings.filter((one) => !allowed.includes(one)),
    gone: allowed.filter((one) => !findings.includes(one)),
    allowed: allowed.filter((one) => findings.includes(one)),
  }
}
