// `rooms:` of a partner's entry, and of policy.yaml for all: on what terms partners may be in rooms of ours.

import { count, neverEmpty, section } from './fields.ts'

const HOW = 'write { organisations: 2 }'

const terms = {
  organisations: count(2, 1000)
    .optional()
    .describe('Most organisations in one room of ours, ours included: with 2 it is alone there with ours.')
    .meta({ example: 2 }),
}

/** Of a partner. */
export const PartnerRoomsField = section(terms, HOW)
  .optional()
  .describe('Among how many organisations it may be in a room of ours: this, and not what policy.yaml says of all.')
  .meta({ example: { organisations: 2 } })
  .meta(neverEmpty('write organisations:, or take it out'))

/** Of all, where an entry says nothing else. */
export const RoomsField = section(terms, HOW)
  .prefault({})
  .describe('On what terms partners may be in rooms of ours, where an entry says nothing else.')
