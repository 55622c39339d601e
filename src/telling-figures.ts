// What is measured when somebody asks for metrics, rather than when it happens.

import type { Authorities } from './gateway/authorities.ts'
import type { Expiries } from './gateway/expiries.ts'
import { flowOf } from './gateway/flow.ts'
import type { Gateway } from './gateway/gateway.ts'
import { rulesStatus } from './gateway/rules-status.ts'
import type { Groups } from './gateway/groups/groups.ts'
import type { Reminders } from './gateway/reminders.ts'
import type { Telling } from './telling.ts'

interface Parts {
  readonly telling: Pick<Telling, 'events' | 'relations' | 'logServers'>
  readonly gateway: Gateway
  readonly authorities: Authorities
  readonly expiries: Expiries
  readonly reminders: Reminders
  readonly groups: Groups
  readonly ready: boolean
}

/** Tells how things stand now. */
export function tellFigures(parts: Parts): void {
  const { telling, gateway, authorities, expiries, reminders, groups, ready } = parts
  const { events, relations, logServers } = telling
  events.rulesNow(rulesStatus(gateway.house.judging, gateway.house.whom))
  events.linksNow(gateway.ways.now())
  events.flowNow(flowOf(gateway, authorities.minted))
  events.sessionsNow(gateway.remote?.figures)
  events.dnsAnswers(gateway.lookups.kept)
  events.conductNow(gateway.conduct.figures)
  events.pendingNow(gateway.pending.figures)
  events.keysNow(gateway.proving.keys.status)
  events.revocationKept(gateway.revocations.figures)
  events.certificatesLeft(expiries.left())
  events.partnersDue(reminders.figures)
  events.groupsNow(groups.figures)
  events.relationsNow(relations.figures)
  events.logServersNow(logServers.status())
  events.readiness(ready)
}
