// The files that settings and entries of partners name, and which the house is made of: a change of one changes nothing
// that is written in `federation-config/`, and must be noticed all the same.
//
// Rule: certificates of our own domains are not among them: whoever shows them follows them.

import { stat } from 'node:fs/promises'
import type { Partner } from '../policy/partner.ts'
import type { Settings } from './settings.ts'

const PARALLEL = 32
const RECENT_MS = 3000

/** All of them, each once. @param store where the CAs of the operating system are */
export function namedFiles(
  { trust, core }: Settings,
  partners: readonly Partner[],
  store: readonly string[] = [],
): readonly string[] {
  const { anchors, intermediates, cards } = trust
  return [
    ...new Set([
      ...(anchors === 'system' ? store : anchors),
      ...intermediates,
      ...partners.filter((partner) => partner.anchors.length > 0).flatMap((partner) => partner.anchors),
      ...core.trust.files,
      ...(core.clients?.trust.files ?? []),
      ...(core.component ? [core.component.secretFile] : []),
      ...(cards?.issuers ?? []),
      ...(cards?.addresses.flatMap((rule) => (rule.kind === 'pairs' ? [rule.file] : [])) ?? []),
    ]),
  ]
}

/** The stamp of them all. @param store tells the files of the operating system's CAs */
export async function stampOfNamed(
  settings: Settings,
  partners: readonly Partner[],
  store: () => Promise<readonly string[]> = async () => [],
): Promise<string> {
  return stampOfAll(namedFiles(settings, partners, settings.trust.anchors === 'system' ? await store() : []))
}

/**
 * Changes whenever one of the files does, or what its link leads to; and once more after that, since the time stamp of a
 * file that was written a moment ago may not tell two writes apart.
 */
async function stampOfAll(files: readonly string[]): Promise<string> {
  const stamps: string[] = []
  const waiting = files.entries()
  const work = async (): Promise<void> => {
    for (const [index, file] of waiting) stamps[index] = `${file} ${await stampOf(file)}`
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  return stamps.join('\n')
}

async function stampOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = await stat(file)
    const recent = Date.now() - Math.max(mtimeMs, ctimeMs) < RECENT_MS
    return `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}${recent ? ' recent' : ''}`
  } catch {
    return 'missing'
  }
}
