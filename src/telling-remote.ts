// What happens to remote users, made into log lines, counts and records: the one place for it, as `telling.ts` is for the
// rest.

import type { RemoteJournal } from './gateway/remote/journal.ts'
import type { Session } from './gateway/remote/session.ts'
import type { Events } from './observe/events.ts'
import type { ClientFacts } from './observe/session-events.ts'
import type { Recorder } from './records/recorder.ts'
import type { DecisionRecord } from './store/store.ts'

/** The journal of remote users. */
export function remoteJournal(events: Events, recorder: Recorder, now: () => number): RemoteJournal {
  return {
    unsecured({ remoteAddress, listener }, { reason, detail, condition }, reference) {
      const end = { reason, detail, reference, condition }
      events.clientUnsecured({ remoteAddress, listener }, end)
      recorder.record(streamRecord({ remoteAddress, listener }, 'fail', end, now()))
    },
    logInFailed(session, claim, { reason, detail }) {
      const client = { ...clientOf(session), user: claim?.user, mechanism: claim?.mechanism }
      const end = { reason, detail, reference: session.transport.reference, condition: 'not-authorized' }
      events.logInFailed(client, end)
      recorder.record(streamRecord(client, 'fail', end, now()))
    },
    cardRefused(session, { reason, detail }) {
      const { reference } = session.transport
      events.cardRefused(clientOf(session), { reason, detail, reference })
    },
    loggedIn: (session) => events.loggedIn(clientOf(session), session.transport.reference),
    bound: (session) => events.sessionBound(clientOf(session), session.facts?.address ?? ''),
    ended(session, end) {
      const { since, counters } = session
      const client = clientOf(session)
      const loggedIn = session.facts !== undefined
      events.sessionEnded({ ...client, since }, end, { loggedIn, ...counters })
      recorder.record(streamRecord(client, loggedIn ? 'close' : 'fail', end, now()))
    },
    refused(session, { name: kind, type, id, from, to }, { reason, rule, reference, detail, condition, answer }) {
      const client = clientOf(session)
      const answered = answer !== undefined
      events.remoteRefused(client, { kind, type, to }, { reason, detail, reference, rule }, answered)
      recorder.record({
        ...{ at: now(), event: 'stanza', direction: 'outbound', verdict: answered ? 'refuse' : 'drop' },
        ...{ reference, reason, rule, detail, kind, type, id, to },
        from: from ?? session.facts?.address,
        peerAddress: client.remoteAddress,
        facts: { ...client, condition },
      })
    },
    bindsChannel: () => events.coreBindsChannel(),
    bug: (error, reference) => events.bug(error, reference),
  }
}

function clientOf({ id, transport: { facts }, facts: known }: Session): ClientFacts {
  const { remoteAddress, listener, transport, tls } = facts
  return { session: id, remoteAddress, listener, transport, tls, user: known?.user, mechanism: known?.mechanism }
}

function streamRecord(
  client: ClientFacts,
  verdict: 'fail' | 'close',
  { reason, detail, reference, condition }: Parameters<Events['logInFailed']>[1],
  at: number,
): DecisionRecord {
  return {
    ...{ at, event: 'stream', direction: 'inbound', verdict, reference, reason, detail },
    from: client.user,
    peerAddress: client.remoteAddress,
    facts: { ...client, condition },
  }
}
