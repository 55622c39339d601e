// What lies in the directories of a configuration: names, and what is to be said of those that nobody reads.

import { opendir } from 'node:fs/promises'
import { GATEWAY_FILE, POLICY_FILE } from './cross-checks.ts'
import type { Finding } from './finding.ts'
import { systemSentence } from './read-text.ts'
import { unreadable } from './readings.ts'

type Listing =
  | { readonly names: readonly string[] }
  | { readonly names?: undefined; readonly problem: string; readonly missing: boolean }

/** Sorted; no more than `most` are taken. `shown`: the name of the directory for the operator. */
export async function list(path: string, shown: string, most: number): Promise<Listing> {
  try {
    const names: string[] = []
    for await (const entry of await opendir(path)) {
      names.push(entry.name)
      if (names.length > most) return { problem: `more than ${most} files lie in ${shown}`, missing: false }
    }
    return { names: names.toSorted() }
  } catch (error) {
    const problem = systemSentence(error)
    return { problem, missing: problem === 'missing' }
  }
}

/** What is to be said of a name beside the files of settings. `all`: what lies there; `file`: how the operator knows it. */
export function strayInConfig(name: string, all: readonly string[], file: string): readonly Finding[] {
  if (name === 'policy.yml') return [unreadable(file, `not read; rename it to ${POLICY_FILE}`)]
  const spokenOf =
    name === GATEWAY_FILE || name === POLICY_FILE || (name === 'gateway.yml' && !all.includes(GATEWAY_FILE))
  if (spokenOf || isNote(name) || !/\.ya?ml$/.test(name)) return []
  return [
    {
      ...unreadable(file, 'not read; settings are in gateway.yaml and policy.yaml'),
      severity: 'warning',
    },
  ]
}

/** The same among the files of partners, of which there may be many. */
export function strayInPartners(name: string, shown: (name: string) => string): readonly Finding[] {
  if (isPartnerFile(name) || isNote(name)) return []
  const file = shown(name)
  if (/\.yml$/i.test(name) || /\.yaml$/i.test(name)) {
    return [unreadable(file, `not read; rename it to ${name.replace(/\.ya?ml$/i, '').toLowerCase()}.yaml`)]
  }
  return [{ ...unreadable(file, 'not read; a partner is a file named <domain>.yaml'), severity: 'warning' }]
}

export const isPartnerFile = (name: string): boolean => name.endsWith('.yaml') && !isNote(name)

/** Hidden files (our own unfinished ones too), notes, and what editors leave behind. */
const isNote = (name: string): boolean => /^[.#]|~$|\.md$|\.sw[a-z]$|\.(?:bak|orig|rej|tmp)$/.test(name)
