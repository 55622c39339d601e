// How much somebody may send: the same few limits wherever they stand.

import { count, neverEmpty, section, size } from './fields.ts'

const allowance = () => ({
  stanzasPerSecond: count(1, 1_000_000).optional().describe('Most stanzas in a second.').meta({ example: 50 }),
  bytesPerSecond: size('1KiB', '16GiB').optional().describe('Most bytes in a second.').meta({ example: '1MiB' }),
  recipientsPerDay: count(1, 1_000_000)
    .optional()
    .describe('Most different addresses in a day (UTC) to which something is begun; what only answers is not counted.')
    .meta({ example: 5000 }),
  requestsPerDay: count(1, 1_000_000)
    .optional()
    .describe('Most different addresses in a day that are asked for their presence (subscription requests).')
    .meta({ example: 200 }),
  roomsPerDay: count(1, 1_000_000)
    .optional()
    .describe('Most different rooms in a day that are entered.')
    .meta({ example: 50 }),
})

const pendingRequests = (about: string) => count(1, 1_000_000).optional().describe(about).meta({ example: 100 })

/** How many streams there may be at a time. */
export const CONNECTIONS = { least: 2, most: 10_000 } as const

const connections = () =>
  count(CONNECTIONS.least, CONNECTIONS.most)
    .optional()
    .describe(
      'Most streams that a partner has opened to us at a time; one more than it needs, for when one follows another.',
    )
    .meta({ example: 20 })

const HOW = 'write limits as lines of name: value, such as stanzasPerSecond: 50'

/** `limits:` of a partner. */
export const PartnerLimitsField = section(
  {
    ...allowance(),
    connections: connections(),
    pendingRequests: pendingRequests('Most requests for presence of it that wait for an answer at a time.'),
    eachUser: section(allowance(), HOW)
      .optional()
      .describe('The same of each of its users; a room counts as one.')
      .meta(neverEmpty('write the limits, or take it out')),
  },
  HOW,
)
  .optional()
  .describe(
    'How much it may send: stanzasPerSecond, bytesPerSecond, recipientsPerDay, requestsPerDay, roomsPerDay, connections (streams to us at a time), and pendingRequests, which may wait for an answer (see limits of policy.yaml, which hold for all), and below eachUser the same of each of its users, a room being one; what is not said is without limit.',
  )
  .meta({ example: { stanzasPerSecond: 50, eachUser: { recipientsPerDay: 100 } } })
  .meta(neverEmpty('write the limits, or take it out'))

/** `limits:` of policy.yaml. */
export const LimitsField = section(
  {
    partner: section(
      {
        ...allowance(),
        connections: connections(),
        pendingRequests: pendingRequests('Most requests for presence of a partner that wait for an answer at a time.'),
      },
      HOW,
    )
      .prefault({})
      .describe('What each partner may send, where its entry says nothing else.'),
    outsideUser: section(allowance(), HOW)
      .prefault({})
      .describe(
        'What each user outside may send, where the entry of the partner says nothing else (eachUser); a room counts as one.',
      ),
    insideUser: section(
      {
        ...allowance(),
        pendingRequests: pendingRequests(
          'Most requests for presence of all partners that wait for an answer of one of ours at a time.',
        ),
      },
      HOW,
    )
      .prefault({})
      .describe('What each of ours may send to all partners together, and how many requests may wait for one.'),
  },
  'write partner:, outsideUser: or insideUser: below limits:',
)
  .prefault({})
  .describe('How much may be sent; what is not said is without limit.')
