// The wall or rule of policy.yaml by which something was decided, as it was written then, and what became of it since.

import * as z from 'zod'
import type { Control } from '../gateway/control.ts'
import type { RecordOutput } from './schemas.ts'

export const RuleThenShape = z.object({
  name: z.string(),
  /** Where it stood then. */
  place: z.string().optional(),
  /** What it said then; absent where that is not kept any more. */
  text: z.string().optional(),
  now: z.enum(['same', 'changed', 'gone']),
  /** Where it stands now, and what it says where that is something else. */
  nowPlace: z.string().optional(),
  nowText: z.string().optional(),
})

export type RuleThen = z.output<typeof RuleThenShape>

/** A clause, as far as it is kept with decisions. */
const Clause = z.object({
  is: z.string(),
  name: z.string(),
  place: z.string().optional(),
  allow: z.unknown(),
  says: z.object({ version: z.string() }),
})
const Standing = z.object({ decides: z.unknown(), reports: z.array(z.unknown()).optional() })
const Kept = z.object({
  whom: Standing.optional(),
  authors: z.array(z.object({ whom: Standing.optional() })).optional(),
})

/** Undefined where no wall and no rule of policy.yaml decided, or its version is not known. @throws StoreError */
export function ruleThen(
  control: Pick<Control, 'rules' | 'ruleWording'>,
  { rule, facts }: RecordOutput,
): RuleThen | undefined {
  const clause = clauseOf(rule, facts)
  if (clause === undefined) return undefined
  const { name, place, says } = clause
  const then = { name, place, text: control.ruleWording(says.version)?.text }
  const now = control.rules().find((one) => one.is !== 'built-in' && one.name === name)
  if (now === undefined) return { ...then, now: 'gone' }
  if (now.says?.version === says.version) return { ...then, now: 'same', nowPlace: now.place }
  return { ...then, now: 'changed', nowPlace: now.place, nowText: now.says?.text }
}

/** `rule`: that of the checkpoint, or the clause itself where it only reports. */
function clauseOf(rule: string | undefined, facts: object): z.output<typeof Clause> | undefined {
  const { success, data } = Kept.safeParse(facts)
  if (!success) return undefined
  const { whom, authors = [] } = data
  const standings = [whom, ...authors.map((author) => author.whom)]
  const all = standings.flatMap((standing) => (standing ? [standing.decides, ...(standing.reports ?? [])] : []))
  const clauses = all.flatMap((one) => Clause.safeParse(one).data ?? [])
  const reporting = clauses.find(({ name }) => name === rule)
  if (reporting !== undefined) return reporting
  if (rule === 'authors-admitted') {
    const decided = authors.flatMap((author) => Clause.safeParse(author.whom?.decides).data ?? [])
    return decided.find(({ is, allow }) => is === 'wall' || allow === 'none')
  }
  return rule === 'walls' || rule === 'who-with-whom' ? Clause.safeParse(whom?.decides).data : undefined
}
