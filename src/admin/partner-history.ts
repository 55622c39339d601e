// Operations on the history of the partner list: who changed what in an entry, when and why, and taking that back.

import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { removePartner, writePartner } from '../config/edit.ts'
import { isRecord } from '../config/check.ts'
import { readYaml } from '../config/yaml.ts'
import type { PartnerVersion } from '../store/store.ts'
import { operation, OperationError } from './operation.ts'
import {
  accepted,
  ASKED,
  ChangeShape,
  configuration,
  editing,
  entryOf,
  inForce,
  isThere,
  readDomain,
  unchanged,
} from './partner-changes.ts'
import { list } from './schemas.ts'

const VersionShape = z.object({
  version: z.number(),
  at: z.number(),
  done: z.enum(['found', 'added', 'changed', 'removed']),
  by: z.string(),
  why: z.string().optional(),
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
        const { version, at, done, by, why, text } = one
        return { version, at, done, by, why, text, changes: changesBetween(versions[index + 1], one) }
      }),
    }
  },
})

export const partnerUndo = operation({
  name: 'partner.undo',
  about: 'Lets the file of a partner say again what it said before, comments included; also after it was removed.',
  role: 'operate',
  input: z.strictObject({ domain: z.string().max(255), to: z.int().min(1).optional(), ...ASKED }),
  output: ChangeShape,
  async run(context, { to, ...asked }) {
    const domain = readDomain(asked.domain)
    await context.control.reload()
    const versions = context.control.history.of(domain)
    const [last] = versions
    if (last === undefined) throw noHistory(domain)
    const wanted = to === undefined ? versions[1] : versions.find(({ version }) => version === to)
    if (wanted === undefined) throw noVersion(domain, to, versions)
    const exists = await isThere(context, domain)
    if (wanted.text === last.text || (wanted.text === undefined && !exists)) return unchanged(context, domain)
    const options = editing(context, { ...asked, why: asked.why ?? `undone, back to version ${wanted.version}` })
    if (wanted.text === undefined) {
      accepted(await removePartner(configuration(context), domain, options))
      return await inForce(context, domain, 'removed', undefined)
    }
    const { partner } = accepted(await writePartner(configuration(context), domain, wanted.text, options))
    const change = await inForce(context, domain, exists ? 'changed' : 'added', partner)
    if (entryOf(context, domain)?.status === 'allowed') context.control.retry(domain)
    return change
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

const noHistory = (domain: string): OperationError =>
  new OperationError(
    'not-found',
    `nothing is known of changes of ${domain}`,
    'The history begins with the first start of the gateway; `sallyport partner list` names the partners.',
  )

function noVersion(domain: string, to: number | undefined, versions: readonly PartnerVersion[]): OperationError {
  const what = to === undefined ? `${domain} has no version before this one` : `${domain} has no version ${to}`
  const kept = versions.map(({ version }) => version)
  const message = `${what}; kept ${kept.length === 1 ? 'is' : 'are'} ${kept.toReversed().join(', ')}`
  return new OperationError('not-found', message, `See \`sallyport partner history ${domain}\`.`)
}
