// What the demonstration shows of remote users: who may log in from outside and who may not, and what crosses once somebody
// has.

import { AURORA, BOREALIS, CORE, PASSWORDS, REMOTE } from './places.ts'
import { arrives, chat, type Scene } from './conversation.ts'

/** Somebody logs in from outside, over WebSocket. */
export interface LogIn {
  readonly title: string
  readonly user: string
  readonly password: string
  /** How they are refused; undefined: they are not. */
  readonly refused: string | undefined
}

const alice = `${CORE.user}@${CORE.domain}`
const carol = `${REMOTE.user}@${CORE.domain}`
const bob = `${AURORA.user}@${AURORA.domain}`
const mallory = `${BOREALIS.user}@${BOREALIS.domain}`

const logIn = (user: string, password: string, title: string, refused?: string): LogIn => ({
  title,
  user,
  password,
  refused,
})

/** Log-ins; the last of them holds for what follows. */
export const LOG_INS: readonly LogIn[] = [
  logIn(REMOTE.user, 'let me in', `${carol} logs in from outside with a wrong password`, 'not-authorized'),
  logIn(
    CORE.user,
    PASSWORDS.get(CORE.user)!,
    `${alice} logs in from outside with the right one, and nothing grants it`,
    'not-authorized',
  ),
  logIn(REMOTE.user, PASSWORDS.get(REMOTE.user)!, `${carol} logs in from outside, over WebSocket`),
]

/** What is said then. @param run makes the ids of one performance its own */
export function fromOutside(run: string): readonly Scene[] {
  return [
    {
      title: `${carol}, outside → ${alice}: Hello from the train`,
      at: REMOTE.place,
      stanza: chat(carol, alice, `${run}-21`, 'Hello from the train'),
      ends: [arrives(CORE.domain, `${run}-21`, 'reached the core')],
    },
    {
      title: `${alice} → ${carol}, outside: Mind the gap`,
      at: CORE.domain,
      stanza: chat(alice, carol, `${run}-22`, 'Mind the gap'),
      ends: [arrives(REMOTE.place, `${run}-22`, 'reached the remote user')],
    },
    {
      title: `${carol}, outside → ${bob}: through the house and out again`,
      at: REMOTE.place,
      stanza: chat(carol, bob, `${run}-23`, 'Are you there too?'),
      ends: [arrives(AURORA.domain, `${run}-23`, 'reached the partner')],
    },
    {
      title: `${carol}, outside → ${mallory}, whose domain is blocked for her too`,
      at: REMOTE.place,
      stanza: chat(carol, mallory, `${run}-24`, 'And you?'),
      ends: [{ kind: 'error', at: REMOTE.place, condition: 'not-allowed', reason: 'SP-102' }],
    },
  ]
}
