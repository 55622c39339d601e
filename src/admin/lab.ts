// Operations on the embedded lab of an evaluation set-up: say something there, and see what arrived.

import * as z from 'zod'
import { operation, OperationError } from './operation.ts'

/** What the embedded lab offers; a gateway without one does not have it. */
export interface LabControl {
  /** Sends a stanza, given as XML, from one of the lab's servers. Returns why it could not be sent, if so. */
  send(domain: string, stanza: string): string | undefined
  /** Somebody logs in from outside, in place of whoever has before. */
  logIn(user: string, password: string): Promise<LogInOutcome>
  /** What happened after event number `after`; waits for it, `waitMs` at the longest. */
  events(after: number, waitMs: number): Promise<readonly LabNews[]>
  /** The number of the newest event. */
  readonly lastEvent: number
}

type LogInOutcome = { readonly address: string } | { readonly condition?: string | undefined; readonly detail: string }

/** What arrived at a lab server, or why the gateway refused it. */
export type LabNews = z.infer<typeof News>

const News = z.discriminatedUnion('kind', [
  z.object({ number: z.int(), kind: z.literal('received'), domain: z.string(), stanza: z.string() }),
  z.object({
    number: z.int(),
    kind: z.literal('refused'),
    domain: z.string(),
    remote: z.string(),
    condition: z.string().optional(),
    detail: z.string(),
  }),
])

const LONGEST_WAIT_MS = 10_000

export const labSend = operation({
  name: 'lab.send',
  about: 'Sends a stanza from a server of the embedded lab.',
  role: 'operate',
  input: z.strictObject({ domain: z.string().max(255), stanza: z.string().max(100_000) }),
  output: z.object({ lastEvent: z.int() }),
  run({ lab }, { domain, stanza }) {
    const { lastEvent } = present(lab)
    const fault = present(lab).send(domain, stanza)
    if (fault !== undefined)
      throw new OperationError('bad-input', fault, 'Name a server of the lab, and write a stanza.')
    return { lastEvent }
  },
})

export const labLogIn = operation({
  name: 'lab.login',
  about: 'Lets somebody log in from outside, over WebSocket, at the core of the embedded lab.',
  role: 'operate',
  input: z.strictObject({ user: z.string().max(255), password: z.string().max(255) }),
  output: z.object({ address: z.string().optional(), condition: z.string().optional(), detail: z.string().optional() }),
  run: ({ lab }, { user, password }) => present(lab).logIn(user, password),
})

export const labEvents = operation({
  name: 'lab.events',
  about: 'What arrived at the servers of the embedded lab after an event, as soon as something did.',
  role: 'read',
  input: z.strictObject({ after: z.int().min(0), waitMs: z.int().min(0).max(LONGEST_WAIT_MS).default(1000) }),
  output: z.object({ events: z.array(News).readonly() }),
  async run({ lab }, { after, waitMs }) {
    return { events: await present(lab).events(after, waitMs) }
  },
})

function present(lab: LabControl | undefined): LabControl {
  if (lab) return lab
  throw new OperationError(
    'unavailable',
    'this gateway runs without the lab',
    'The lab belongs to evaluation set-ups: run `npm start` in a fresh checkout.',
  )
}
