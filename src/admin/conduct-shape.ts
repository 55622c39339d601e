// The shape of what is known of the conduct of a domain outside. It mirrors `gateway/conduct.ts`.

import * as z from 'zod'
import { CONDUCT_STATES, OFFENCES } from '../policy/conduct/conduct.ts'

/** How a domain outside behaves. */
export const ConductShape = z.object({
  domain: z.string(),
  state: z.enum(CONDUCT_STATES),
  /** False: it has an entry, so it is only told. */
  counts: z.boolean(),
  /** What it is by what it does. */
  found: z.enum(CONDUCT_STATES),
  since: z.string(),
  sum: z.number(),
  points: z.partialRecord(z.enum(OFFENCES), z.number()).readonly(),
  held: z
    .object({ at: z.string(), until: z.string().optional(), by: z.string(), why: z.string().optional() })
    .optional(),
})

export type ConductOutput = z.output<typeof ConductShape>
