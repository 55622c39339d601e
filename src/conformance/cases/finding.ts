// What cases have in common in which the gateway has to find a partner.

import type { ServiceAt, Step, TestCase } from '../case.ts'
import { CHAT } from './making.ts'

export const SRV = 'SRV _xmpp-server._tcp.{peer}'
export const DIRECT = 'SRV _xmpps-server._tcp.{peer}'

export const at = (place: ServiceAt['place'], priority = 10, weight = 0) => ({ place, priority, weight })

/** The core says something to the peer. */
export const WAKES: Step = {
  coreSays: CHAT.replace('{contact}/desk', '{user}/desk').replace("to='{user}'", "to='{contact}'"),
}

type Zone = Pick<TestCase, 'id' | 'requirements' | 'title' | 'dns' | 'steps'> & Partial<TestCase>

/** The core says something to a peer of which DNS tells this. */
export const found = (zone: Zone): TestCase => ({
  ...{ role: 'initiating', phase: 'none' },
  ...zone,
  steps: [WAKES, ...zone.steps],
})
