// Changing many entries of the partner list at once: looked at together, said with all that it would do, written together or not
// at all, and one change in the history.

import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import * as z from 'zod'
import { outlookOf, writeEdits, type Outlook, type TextEdit } from '../config/edit-many.ts'
import type { Coming } from '../config/edit.ts'
import { formatFinding, type Finding } from '../config/finding.ts'
import { inSlices, type Steps } from '../config/slices.ts'
import type { Reload } from '../gateway/control.ts'
import type { Partner } from '../policy/partner.ts'
import { formatReference } from '../xmpp/reference.ts'
import { leaveSteps, modeOf } from './leave-gained.ts'
import { OperationError, type Context } from './operation.ts'
import { BY_NOBODY, where, type Asked } from './partner-changes.ts'
import { cutsText } from './partner-cuts.ts'
import { FindingShape, list } from './schemas.ts'

/** An entry among many. */
export const ManyRowShape = z.object({
  domain: z.string(),
  /** Where it stands in the list that was imported. */
  place: z.string().optional(),
  done: z.enum(['added', 'changed', 'removed', 'unchanged']),
  /** Of an entry that is there already: the keys that say something else. */
  changes: list(z.object({ key: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
})
export type ManyRow = z.input<typeof ManyRowShape>

export const ManyShape = z.object({
  rows: list(ManyRowShape),
  /** What is wrong with it; then nothing was done. */
  faults: list(z.object({ place: z.string(), message: z.string() })),
  /** What needs a word of consent, when nothing is done yet. */
  objections: list(z.string()),
  /** In force in the running gateway; in the files alone, as none runs; not, because of the findings; or nothing was to be done. */
  applied: z.enum(['running', 'files', 'not', 'nothing']),
  /** By which it is taken back as a whole; absent: nothing was done, or there is no history. */
  reference: z.string().optional(),
  findings: list(FindingShape),
})
export type Many = z.input<typeof ManyShape>

/** How many entries would change, what that would cut off and what it would open. */
export interface Prospect extends Outlook {
  readonly faults: readonly (Finding & { readonly domains: readonly string[] })[]
  readonly objections: readonly string[]
}

export async function prospectOf(context: Context, edits: readonly TextEdit[]): Promise<Prospect> {
  const outlook = await outlookOf(context.control.reader, edits)
  const faults = outlook.findings.filter(({ severity }) => severity === 'error')
  if (faults.length > 0 || edits.length === 0) return { ...outlook, faults, objections: [] }
  const changed = new Set(edits.map(({ domain }) => domain))
  const former = context.control.partners().filter(({ domain }) => changed.has(domain))
  const known = new Map(former.map((partner) => [partner.domain, partner]))
  const gained = await inSlices(leaveSteps(context, outlook.coming, known, await modeOf(context)))
  const cut = await cutsText(context, outlook.coming)
  return { ...outlook, faults, objections: [gained && `this would ${gained}`, cut].flatMap((words) => words ?? []) }
}

/** What needs a word and has none. @throws OperationError */
export function refuseWithout(yes: boolean, objections: readonly string[]): void {
  if (yes || objections.length === 0) return
  const act = 'Nothing was changed. Say the same with --yes if that is meant.'
  throw new OperationError('needs-yes', objections.join('; '), act)
}

/** Writes the files and has them read. @throws OperationError where they cannot be written */
export async function perform(
  context: Context,
  edits: readonly TextEdit[],
  coming: readonly Coming[],
  { by = BY_NOBODY, why }: Asked,
): Promise<Pick<Many, 'applied' | 'reference' | 'findings'>> {
  const { control } = context
  const reference = formatReference(randomBytes(8))
  const together = { reference, files: edits.length }
  const findings = await writeEdits(control.reader, edits, coming, {
    before: (all) => control.history.announceAll(all, { by, why, together }),
    failed(all) {
      for (const { domain } of all) control.history.withdraw(domain)
    },
  })
  const domains = edits.map(({ domain }) => domain)
  if (findings.length > 0) {
    await control.history.settle(reference, domains)
    const words = findings.map((finding) => formatFinding(finding)).join('; ')
    throw new OperationError('conflict', words, 'Nothing was changed. Mend what is named and try again.')
  }
  let isKept = false
  let isSo = false
  let read: Reload
  try {
    read = await control.reload()
    const now = new Map(control.partners().map((partner) => [partner.domain, partner]))
    isSo = await inSlices(areSo(coming, now))
  } finally {
    // What is not known of all cannot be taken back as a whole.
    isKept = await control.history.settle(reference, domains)
  }
  return {
    applied: isSo || !context.running ? where(context) : 'not',
    ...(isKept ? { reference } : {}),
    findings: isSo ? [] : read.findings,
  }
}

function* areSo(coming: readonly Coming[], now: ReadonlyMap<string, Partner>): Steps<boolean> {
  for (const { domain, partner } of coming) {
    if (!isDeepStrictEqual(now.get(domain), partner)) return false
    yield
  }
  return true
}
