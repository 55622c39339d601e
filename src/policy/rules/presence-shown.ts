// What the partner asks for is among what it is shown of our users. Presence itself is cut down where it goes out
// (`gateway/showing.ts`); this is about questions, which get an answer.
//
// SECURITY: nothing here depends on the user, and whoever is outside hears the same of it as of walls and rules, so that nobody learns
//           from a refusal whether there is such a user.

import type { StanzaFacts } from '../facts.ts'
import type { Finding, StanzaRule } from '../rule.ts'
import { areNodesShown, askedFor, isPublished, type Shown } from '../shown.ts'
import { TO_OUTSIDERS } from '../whom/clause.ts'

export const presenceShown: StanzaRule = {
  id: 'presence-shown',
  about: 'The partner is shown what it asks for of our users: presence, vCards, and what they publish.',
  find(facts) {
    const shown = facts.partner?.shown
    if (shown === undefined) return undefined
    if (facts.kind === 'presence') return shown.detail === 'none' ? presence(facts) : undefined
    const isAsked =
      facts.direction === 'inbound' && facts.kind === 'iq' && (facts.type === 'get' || facts.type === 'set')
    return isAsked ? question(facts, shown) : undefined
  },
}

/** Of nobody presence is shown: it cannot be asked for, nor promised. */
function presence({ direction, type }: StanzaFacts): Finding | undefined {
  if (direction === 'outbound')
    return type === 'subscribed' ? { reason: 'SP-169', detail: `type=${type}`, ends: 'stanza' } : undefined
  if (type !== 'probe' && type !== 'subscribe') return undefined
  return { reason: 'SP-169', detail: `type=${type}`, ends: 'stanza', ...TO_OUTSIDERS }
}

function question({ to = '', payloads, nodes }: StanzaFacts, shown: Shown): Finding | undefined {
  // Servers and services are nobody.
  if (!isSomebody(to)) return undefined
  const asked = payloads.map((payload) => askedFor(payload, to.includes('/'))).find((part) => part && !shown[part])
  const part = asked ?? (isPublished(payloads) && !areNodesShown(nodes ?? [], shown) ? 'pep' : undefined)
  return part && { reason: 'SP-170', detail: `part=${part}`, ends: 'stanza', ...TO_OUTSIDERS }
}

const isSomebody = (address: string): boolean => {
  const slash = address.indexOf('/')
  return (slash === -1 ? address : address.slice(0, slash)).includes('@')
}
