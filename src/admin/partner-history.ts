// Operations on the history of the partner list: who changed what in an entry, when and why.

import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { isRecord } from '../config/check.ts'
import { readYaml } from '../config/yaml.ts'
import type { PartnerVersion } from '../store/store.ts'
import { operation, OperationError } from './operation.ts'
import { readDomain } from './partner-changes.ts'
import { list } from './schemas.ts'

const VersionShape = z.object({
  version: z.number(),
  at: z.number(),
  done: z.enum(['found', 'added', 'changed', 'removed']),
  by: z.string(),
  why: z.string().optional(),
  /** One reference for all that was changed at once with it. */
  together: z.string().optional(),
  /** The keys that say something else than in the version before; absent where that is not known any more. */
  changes: list(
    z.object({ key: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
  ).optional(),
  /** The whole file; absent: it was removed. */
  text: z.string().optional(),
})

export const partnerHistory = operation({
  name: 'partner.history',
  about: 'Who changed what in the file of a partner, when and why; newest first.',
  role: 'read',
  input: z.strictObject({ domain: z.string().max(255) }),
  output: z.object({ domain: z.string(), versions: list(VersionShape) }),
  run({ control }, input) {
    const domain = readDomain(input.domain)
    const versions = control.history.of(domain)
    if (versions.length === 0) throw noHistory(domain)
    return {
      domain,
      versions: versions.map((one, index) => {
        const { version, at, done, by, why, together, text } = one
        return {
          version,
          at,
          done,
          by,
          why,
          together: together?.reference,
          text,
          changes: changesBetween(versions[index + 1], one),
        }
      }),
    }
  },
})

type Version = Pick<PartnerVersion, 'done' | 'text'>

/** What the file says in one version and not in the one before it, key by key; none where only comments differ. */
function changesBetween(before: Version | undefined, { done, text }: Version) {
  if (before === undefined && done !== 'added') return undefined
  const [former, now] = [valuesOf(before?.text), valuesOf(text)]
  const keys = [...new Set([...Object.keys(former), ...Object.keys(now)])]
  return keys.flatMap((key) =>
    isDeepStrictEqual(former[key], now[key]) ? [] : [{ key, before: former[key], after: now[key] }],
  )
}

function valuesOf(text: string | undefined): Readonly<Record<string, unknown>> {
  const value = text === undefined ? undefined : readYaml(text, '').yaml?.value
  return isRecord(value) ? value : {}
}

export const noHistory = (domain: string): OperationError =>
  new OperationError(
    'not-found',
    `nothing is known of changes of ${domain}`,
    'The history begins with the first start of the gateway; `sallyport partner list` names the partners.',
  )
