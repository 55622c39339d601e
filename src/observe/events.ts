// What happens at the gateway, one function for each event. Each writes the log line and moves the metrics together, so
// that the two cannot drift.
//
// Rule 1: event names and field names are stable; programs read them.
// Rule 2: nothing here takes a stanza or a body: only names, numbers and reasons.
// Rule 3: addresses and domains of strangers go into log lines, never into metric labels.

import { certificateEvents, type CertificateEvents } from './certificate-events.ts'
import type { Desk } from './desk.ts'
import { flowFigures, type FlowFigures } from './flow-figures.ts'
import { linkFigures, type LinkFigures } from './link-figures.ts'
import { keyEvents, type KeyEvents } from './key-events.ts'
import { groupEvents, type GroupEvents } from './group-events.ts'
import { ledgerEvents, type LedgerEvents } from './ledger-events.ts'
import { logServerEvents, type LogServerEvents } from './log-server-events.ts'
import { conductEvents, type ConductEvents } from './conduct-events.ts'
import { pendingEvents, type PendingEvents } from './pending-events.ts'
import { relationEvents, type RelationEvents } from './relation-figures.ts'
import { houseEvents, type HouseEvents } from './house-events.ts'
import { ruleFigures, type RuleFigures } from './rule-figures.ts'
import { revocationEvents, type RevocationEvents } from './revocation-events.ts'
import { sessionEvents, type SessionEvents } from './session-events.ts'
import { stanzaEvents, type StanzaEvents } from './stanza-events.ts'
import { streamEvents, type StreamEvents } from './stream-events.ts'

export type Events = StreamEvents &
  StanzaEvents &
  LedgerEvents &
  RelationEvents &
  HouseEvents &
  LinkFigures &
  FlowFigures &
  RuleFigures &
  RevocationEvents &
  CertificateEvents &
  KeyEvents &
  PendingEvents &
  GroupEvents &
  LogServerEvents &
  ConductEvents &
  SessionEvents

/** Every event there is. */
export function createEvents(desk: Desk): Events {
  return {
    ...streamEvents(desk),
    ...stanzaEvents(desk),
    ...ledgerEvents(desk),
    ...relationEvents(desk),
    ...houseEvents(desk),
    ...linkFigures(desk),
    ...flowFigures(desk),
    ...ruleFigures(desk),
    ...revocationEvents(desk),
    ...certificateEvents(desk),
    ...keyEvents(desk),
    ...pendingEvents(desk),
    ...groupEvents(desk),
    ...logServerEvents(desk),
    ...conductEvents(desk),
    ...sessionEvents(desk),
  }
}
