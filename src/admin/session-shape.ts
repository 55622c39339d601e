// The shape of a session of a remote user, as `status` and `remote sessions` tell of it. It mirrors `gateway/remote/status.ts`.

import * as z from 'zod'

export const SessionShape = z.object({
  id: z.string(),
  user: z.string().optional(),
  address: z.string().optional(),
  software: z.string().optional(),
  phase: z.string(),
  mechanism: z.string().optional(),
  clientAddress: z.string(),
  listener: z.string(),
  transport: z.enum(['tcp', 'websocket']),
  tls: z.object({
    start: z.enum(['starttls', 'direct']),
    version: z.string(),
    cipher: z.string(),
    group: z.string().optional(),
  }),
  since: z.string(),
  resumable: z.boolean(),
  stanzasIn: z.number().nonnegative(),
  stanzasOut: z.number().nonnegative(),
  refused: z.number().nonnegative(),
  unsentBytes: z.number().nonnegative(),
  unreadBytes: z.number().nonnegative(),
  held: z.boolean(),
})
