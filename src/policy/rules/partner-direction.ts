// An entry for one direction says who may start. The other side may still answer, so that whoever starts gets what
// XMPP promises: each iq its result or error, each error to its sender, each subscription its presence.
//
// Starts: a message other than an error; an iq get or set; a presence subscribe or probe; entering a room (presence that
// carries XEP-0045's `<x/>`). Everything else answers, or tells presence to those who were let have it.

import { NS } from '../../xmpp/namespaces.ts'
import type { Facts } from '../facts.ts'
import type { StanzaRule } from '../rule.ts'

export const partnerDirection: StanzaRule = {
  id: 'partner-direction',
  about: 'The partner entry lets this side start, or the stanza answers something.',
  find(facts) {
    const { partner, direction } = facts
    if (partner === undefined || partner.direction === 'both' || partner.direction === direction) return undefined
    if (!starts(facts)) return undefined
    return { reason: 'SP-106', detail: `entry=${partner.domain} is ${partner.direction} only`, ends: 'stanza' }
  },
}

/** Does this stanza start something, rather than answer? */
export function starts({ kind, type, payloads }: Pick<Facts, 'kind' | 'type' | 'payloads'>): boolean {
  if (kind === 'message') return type !== 'error'
  if (kind === 'iq') return type !== 'result' && type !== 'error'
  if (type === undefined) return payloads.some((p) => p.namespace === NS.muc && p.name === 'x')
  return type === 'subscribe' || type === 'probe'
}
