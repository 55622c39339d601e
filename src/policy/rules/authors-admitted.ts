// Nobody who is kept out comes in by the words of another: in what is forwarded, copied or archived, and behind a nick of a
// room. The carrier is a partner in good standing; whoever is behind it is judged by their own entry, and by walls and rules.
// Of whom there is no entry, the carrier answers for.
//
// What is found is not answered: a room takes an error for a sign that the recipient is gone. XEP-0045 §18.1.2

import type { StanzaRule } from '../rule.ts'

export const authorsAdmitted: StanzaRule = {
  id: 'authors-admitted',
  about: 'Nobody whose words it carries is blocked, suspended, past their last day, or kept from our user.',
  find({ authors }) {
    for (const { address, refused, whom } of authors ?? []) {
      const kept = whom !== undefined && (whom.decides.is === 'wall' || whom.decides.allow === 'none')
      if (refused === undefined && !kept) continue
      const because = refused ?? whom?.decides.name ?? ''
      return { reason: 'SP-146', detail: `author=${address}, because of ${because}`, ends: 'stanza', silent: true }
    }
    return undefined
  },
}
