// The rule of the partner's policy that is made out to the user and the partner allows what is said, in this direction and now.

import type { StanzaRule } from '../rule.ts'
import { objection } from '../whom/clause.ts'

export const whoWithWhom: StanzaRule = {
  id: 'who-with-whom',
  about: "The partner's policy lets our user and the partner say such a thing to each other now.",
  find(facts) {
    const { whom } = facts
    return whom === undefined || whom.decides.is === 'wall' ? undefined : objection(whom.decides, whom.user, facts)
  },
}
