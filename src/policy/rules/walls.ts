// No wall stands between a user of ours and whom they talk to. Asked before anything else that policies say, so that no rule
// can allow what a wall forbids.

import type { StanzaRule } from '../rule.ts'
import { objection } from '../whom/clause.ts'

export const walls: StanzaRule = {
  id: 'walls',
  about: 'No wall of policy.yaml stands between our user and the partner.',
  find(facts) {
    const { whom } = facts
    return whom?.decides.is === 'wall' ? objection(whom.decides, whom.user, facts) : undefined
  },
}
