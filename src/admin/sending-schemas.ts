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
