// What changed from one reading of the configuration to the next. Pure.

import { isDeepStrictEqual } from 'node:util'
import type { Partner } from '../policy/partner.ts'
import type { ConfigFiles } from './load.ts'
import type { PartnerReading } from './readings.ts'
import { atOnce, type Steps } from './slices.ts'

/** Domains of partner entries. */
export interface PartnersChange {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/** Nothing was read anew, and nothing is gone or found. */
export function isSame(files: ConfigFiles, before: ConfigFiles): boolean {
  if (files.gateway !== before.gateway || files.policy !== before.policy) return false
  if (!isDeepStrictEqual(files.findings, before.findings)) return false
  const [some, others] = [files.partners, before.partners]
  if (some === undefined || others === undefined || some.size !== others.size) return some === others
  for (const [name, reading] of some) if (others.get(name) !== reading) return false
  return true
}

/** A file of a partner that says something else than before; undefined: there is none. */
export interface TextChange {
  readonly domain: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** The files of partners that say something else than before. */
export function textChanges(
  before: ReadonlyMap<string, PartnerReading>,
  after: ReadonlyMap<string, PartnerReading>,
): readonly TextChange[] {
  const changes: TextChange[] = []
  for (const [name, reading] of after) {
    const former = before.get(name)
    if (former === reading || former?.text === reading.text) continue
    changes.push({ domain: domainOf(name), before: former?.text, after: reading.text })
  }
  for (const [name, { text }] of before)
    if (!after.has(name)) changes.push({ domain: domainOf(name), before: text, after: undefined })
  return changes
}

/** The file is named after it. */
export const domainOf = (name: string): string => name.replace(/\.yaml$/, '')

/** The entries in which two lists differ. */
export const difference = (before: readonly Partner[], after: readonly Partner[]): PartnersChange =>
  atOnce(differenceSteps(before, after))

/** The same with pauses. */
export function* differenceSteps(before: readonly Partner[], after: readonly Partner[]): Steps<PartnersChange> {
  const known = new Map(before.map((partner) => [partner.domain, partner]))
  const now = new Set(after.map(({ domain }) => domain))
  const [added, changed]: [string[], string[]] = [[], []]
  for (const partner of after) {
    yield
    const former = known.get(partner.domain)
    if (former === undefined) added.push(partner.domain)
    // A file that did not change is mostly the very same value.
    else if (former !== partner && !isDeepStrictEqual(former, partner)) changed.push(partner.domain)
  }
  return { added, changed, removed: before.filter(({ domain }) => !now.has(domain)).map(({ domain }) => domain) }
}
