// The part of `status` about remote users.

import type { StatusOutput } from '../admin/schemas.ts'
import { type Output, tone } from './output.ts'
import { bytes, count, duration } from './text.ts'

/** So many sessions are shown to people; `--json` has more. */
const MOST = 200

/** Who is logged in from outside, and who is about to be. */
export function showSessions(output: Output, { remote }: StatusOutput, now: number): void {
  if (!remote) return
  const { open, loggedIn, waiting, resumable, gate, sessions } = remote
  output.heading(`Remote users (${loggedIn} logged in, ${open - loggedIn} not yet; ${resumable} could resume)`)
  if (gate.locks > 0) {
    const names = count(gate.locks, 'account, address or network is', 'accounts, addresses or networks are')
    output.line(tone('careful', `  ${names} locked: \`sallyport remote locks\``))
  }
  if (waiting > 0)
    output.line(`  ${count(waiting, 'session waits', 'sessions wait')} for the core to be dialled: limits.coreDials`)
  if (gate.answersWaiting > 0)
    output.line(`  ${count(gate.answersWaiting, 'failed log-in waits', 'failed log-ins wait')} for an answer`)
  if (gate.blurred)
    output.line(tone('careful', '  more names fail than are counted exactly: limits.remoteFailuresKept'))
  if (sessions.length === 0) return
  output.table(
    ['user', 'client', 'from', 'by', 'TLS', 'cipher', 'stanzas', 'refused', 'in hand', 'state', 'since'],
    sessions.slice(0, MOST).map((session) => {
      const hand = bytes(session.unreadBytes + session.unsentBytes)
      return [
        tone('strong', session.address ?? session.user ?? 'nobody yet'),
        session.software,
        `${session.clientAddress} ${session.transport}`,
        session.mechanism,
        `${session.tls.version} ${session.tls.start}`,
        session.tls.cipher,
        session.stanzasIn + session.stanzasOut,
        session.refused === 0 ? session.refused : tone('careful', String(session.refused)),
        session.held ? tone('careful', `${hand}, held`) : hand,
        session.phase,
        duration(now - Date.parse(session.since)),
      ]
    }),
  )
  if (sessions.length > MOST) output.line(`  and ${open - MOST} more`)
}
