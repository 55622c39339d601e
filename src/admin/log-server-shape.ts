// The shape of how a log server stands. It mirrors `net/log-server.ts`.

import * as z from 'zod'

const Count = z.number().nonnegative()

export const LogServerShape = z.object({
  server: z.string(),
  isUp: z.boolean(),
  /** Why it is not. */
  detail: z.string().optional(),
  waiting: Count,
  waitingBytes: Count,
  sent: Count,
  lost: Count,
})
