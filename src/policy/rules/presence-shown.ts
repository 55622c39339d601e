// What the partner asks for is among what it is shown of our users. Presence itself is cut down where it goes out
// (`gateway/showing.ts`); this is about questions, which get an answer.
//
// SECURITY: nothing here depends on the user, and whoever is outside hears the same of it as of walls and rules, so that nobody learns
//           from a refusal whether there is such a user.

import type { StanzaFacts } from '../facts.ts'
import type { Finding, StanzaRule } from '../rule.ts'
import { areNodesShown, askedFor, isAnswered, isPublished, type Shown } from '../shown.ts'
import { TO_OUTSIDERS } from '../whom/clause.ts'

export const presenceShown: StanzaRule = {
  id: 'presence-shown',
  about: 'The partner is shown what it asks for of our users: presence, clients, vCards, and what they publish.',
  find(facts) {
    const { shown } = facts
    if (shown === undefined) return undefined
    if (facts.kind === 'presence') return shown.detail === 'none' ? presence(facts) : undefined
    if (facts.direction === 'outbound') return undefined
    const isAsked = facts.kind === 'iq' && (facts.type === 'get' || facts.type === 'set')
    const isForRoom = facts.kind === 'message' && facts.type === 'groupchat'
    if (!isAsked && !isForRoom) return undefined
    if (shown.detail === 'none' && isForClient(facts)) return NOBODY
    return isAsked ? question(facts, shown) : undefined
  },
}

/**
 * SECURITY: who is shown nobody hears of every client what a server answers for one that is not there (RFC 6121 §8.5.3.2.1 of what
 *           is said to a room, §8.5.3.2.3), be it there or not, and whatever it is asked: any other answer would tell, and so would none.
 */
const NOBODY: Finding = { reason: 'SP-166', detail: 'detail=none', ends: 'stanza' }

/** Is it for a client of somebody, or a nick, but not in a room that both are in? There everybody sees who is there. */
const isForClient = ({ to = '', inRoom }: StanzaFacts): boolean => isSomebody(to) && to.includes('/') && inRoom !== true

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
  const asked = payloads
    .map((payload) => askedFor(payload, to.includes('/')))
    .find((part) => part && !isAnswered(part, shown))
  // What a client has at its nodes is what it can do; at those of an account its user publishes.
  const ofNodes = isPublished(payloads) || (!to.includes('/') && nodes !== undefined && nodes.length > 0)
  const part = asked ?? (ofNodes && !areNodesShown(nodes ?? [], shown) ? 'pep' : undefined)
  return part && { reason: 'SP-170', detail: `part=${part}`, ends: 'stanza', ...TO_OUTSIDERS }
}

const isSomebody = (address: string): boolean => {
  const slash = address.indexOf('/')
  return (slash === -1 ? address : address.slice(0, slash)).includes('@')
}
