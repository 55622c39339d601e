// From a partner whose class does not let strangers begin, from who is in no entry where the mode is limited, and from who is watched,
// only those get through whom our user has added, approved or written
// to. Users of ours are asked about one by one: who is known to one of them is a stranger to all others.
//
// SECURITY: it is answered as every wall and rule is, and for every address of ours alike: whether anybody has it is not asked.

import { TO_OUTSIDERS } from '../whom/clause.ts'
import type { StanzaRule } from '../rule.ts'

export const acquainted: StanzaRule = {
  id: 'acquainted',
  about: 'Who writes is of a class whose users may begin, or our user has added, approved or written to them.',
  find({ acquainted: isKnown, partner, from, to }) {
    if (isKnown !== false) return undefined
    const whose = partner === undefined ? 'in no entry' : `class=${partner.class}`
    const detail = `${whose}, user=${to}, stranger=${from}`
    return { reason: 'SP-147', detail, ends: 'stanza', ...TO_OUTSIDERS }
  },
}
