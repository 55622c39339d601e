// Limits of sending, as the operations give them.

import * as z from 'zod'

const AllowanceFields = {
  stanzasPerSecond: z.number().optional(),
  bytesPerSecond: z.number().optional(),
  recipientsPerDay: z.number().optional(),
  requestsPerDay: z.number().optional(),
  roomsPerDay: z.number().optional(),
}

export const PartnerLimitsShape = z.object({
  ...AllowanceFields,
  connections: z.number().optional(),
  pendingRequests: z.number().optional(),
  eachUser: z.object(AllowanceFields).optional(),
})

const Count = z.int().nonnegative()

export const SendingShape = z.object({
  senders: Count,
  recipients: Count,
  requests: Count,
  waiting: z.object({ streams: Count, stanzas: Count }),
  smoothed: Count,
})

export const RoomsShape = z.object({ rooms: Count, occupants: Count })

/** How it stands with the limits of one partner. */
export const PartnerSendingShape = z.object({
  domain: z.string(),
  limits: z
    .array(
      z.object({
        limit: z.enum(['stanzasPerSecond', 'bytesPerSecond', 'recipientsPerDay', 'requestsPerDay', 'roomsPerDay']),
        now: Count,
        most: Count,
      }),
    )
    .readonly(),
  eachUser: z.object(AllowanceFields),
  users: Count,
  pendingRequests: z.object({ now: Count, most: Count.optional() }),
  connections: z.object({ now: Count, most: Count.optional() }),
  rooms: z.object({ now: Count, organisations: Count.optional() }),
  smoothed: Count,
  refused: z.record(z.string(), Count),
})
