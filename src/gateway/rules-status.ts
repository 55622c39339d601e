// The walls and rules of who may talk to whom as they are shown to an operator.

import { aboutClause } from '../policy/whom/trail.ts'
import type { Whom } from '../policy/whom/whom.ts'
import type { RuleStatus } from './control.ts'

export const rulesStatus = (whom: Whom): readonly RuleStatus[] =>
  whom.all().map((asked): RuleStatus => {
    const { clause, report, count } = asked
    const { asked: times, matched, refused, reported, spentNs, lastAt } = count
    return {
      ...{ name: clause.name, place: clause.place, about: aboutClause(asked), report },
      ...{ asked: times, matched, refused, reported, spentNs },
      lastAt: lastAt === undefined ? undefined : new Date(lastAt).toISOString(),
    }
  })
