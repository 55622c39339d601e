// What changed from one reading of the configuration to the next. Pure.

import { isDeepStrictEqual } from 'node:util'
import type { Partner } from '../policy/partner.ts'
import type { ConfigFiles } from './load.ts'

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

/** The entries in which two lists differ. */
export function difference(before: readonly Partner[], after: readonly Partner[]): PartnersChange {
  const known = new Map(before.map((partner) => [partner.domain, partner]))
  const now = new Set(after.map(({ domain }) => domain))
  return {
    added: after.filter(({ domain }) => !known.has(domain)).map(({ domain }) => domain),
    changed: after
      .filter((partner) => {
        const former = known.get(partner.domain)
        // A file that did not change is mostly the very same value.
        return former !== undefined && former !== partner && !isDeepStrictEqual(former, partner)
      })
      .map(({ domain }) => domain),
    removed: before.filter(({ domain }) => !now.has(domain)).map(({ domain }) => domain),
  }
}
