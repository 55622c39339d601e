// Opening hours in policy.yaml: days and times by the clock of a time zone.

import { list, section, written } from './fields.ts'
import { OPEN_HOURS, ZONE } from './policy-values.ts'

export const OpenTimes = section(
  {
    zone: written(ZONE).describe('Time zone by its name, Europe/Berlin.'),
    open: list(written(OPEN_HOURS), '["mon-fri 07:00-19:00"]')
      .refine((hours) => hours.length > 0, { error: 'never open; write times, or take hours: out' })
      .describe('Days and times; a time before the one it follows is on the next day.'),
  },
  'write { zone: Europe/Berlin, open: ["mon-fri 07:00-19:00"] }',
)
