// Nobody who is kept out comes in by the words of another, and nobody behind a wall is heard beyond it: in what is forwarded, copied
// or archived, and behind a nick of a room. The carrier is a partner in good standing, or a room of ours; whoever is behind it is
// judged by their own entry, by the conduct of their domain, and by walls and rules. Of whom there is no entry and nothing bad is
// known, the carrier answers for.
//
// What is found in messages and presence is not answered: a room takes an error for a sign that the recipient is gone (XEP-0045
// §18.1.2). A question gets its answer (RFC 6120 §8.2.3), and so does who writes to somebody behind a nick.

import { type Author, keptBy } from '../authors.ts'
import type { StanzaFacts } from '../facts.ts'
import type { Finding, StanzaRule } from '../rule.ts'

export const authorsAdmitted: StanzaRule = {
  id: 'authors-admitted',
  about:
    'Nobody whose words it carries, or who is behind its nicks, is blocked, suspended, past their last day, or kept apart.',
  find(facts) {
    for (const author of facts.authors ?? []) {
      const because = keptBy(author)
      if (because !== undefined) return wordsOf(author, because, facts)
    }
    return undefined
  },
}

/** What is found where somebody has a part in a stanza who must have none. */
export function wordsOf({ address, hears }: Author, because: string, { kind }: StanzaFacts): Finding {
  const detail = `${hears ? 'recipient' : 'author'}=${address}, because of ${because}`
  const isSilent = kind !== 'iq' && hears !== true
  return { reason: 'SP-146', detail, ends: 'stanza', ...(isSilent && { silent: true }) }
}
