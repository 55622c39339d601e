// The rules of the checkpoint, and the walls and rules of who may talk to whom, as they are shown to an operator.

import type { Judging } from '../policy/judging.ts'
import { aboutClause } from '../policy/whom/trail.ts'
import type { Whom } from '../policy/whom/whom.ts'
import type { RuleStatus } from './control.ts'

/** Those of the checkpoint first, then walls and rules, each in the order in which they are asked. */
export const rulesStatus = (judging: Judging, whom: Whom): readonly RuleStatus[] => [
  ...judging.figures().map(({ rule, asked, refused, costNs, lastAt }): RuleStatus => ({
    ...{ is: 'built-in', name: rule.id, place: undefined, about: rule.about, report: false },
    ...{ asked, matched: refused, refused, reported: 0, costNs },
    lastAt: timeOf(lastAt),
  })),
  ...whom.all().map((one): RuleStatus => {
    const { clause, report, count } = one
    const { asked, matched, refused, reported, costNs, lastAt } = count
    return {
      ...{ is: clause.is, name: clause.name, place: clause.place, about: aboutClause(one), report },
      ...{ asked, matched, refused, reported, costNs },
      lastAt: timeOf(lastAt),
      ...(clause.says && { says: clause.says }),
    }
  }),
]

const timeOf = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString()
