// What partners are shown of our users: the key `presence:` of a partner's entry, and of policy.yaml by class. What it means is in
// `policy/shown.ts`.

import * as z from 'zod'
import { flag, neverEmpty, oneOf, say, section, written } from './fields.ts'
import { CLASS_OR_BUILT_IN } from './partner-values.ts'

const MAX_CLASSES = 100

const part = (about: string) =>
  flag().optional().describe(`${about} By default as with detail: full or not.`).meta(neverEmpty('write true or false'))

export const PresenceField = section(
  {
    detail: oneOf(['full', 'availability', 'online', 'none'])
      .default('full')
      .describe(
        'How much of presence: full; availability (there, and whether away); online (there or not); none (nothing outside of rooms, no subscriptions from there, and no answers of clients).',
      )
      .meta(neverEmpty('write full, availability, online or none')),
    notes: part('What users write about their presence (`<status/>`).'),
    capabilities: part('What their clients are and can do (XEP-0115, XEP-0390).'),
    idle: part('Since when they have done nothing (XEP-0319, XEP-0012).'),
    vcard: part('Their vCards and photos (XEP-0054, XEP-0153, XEP-0292).'),
    pep: part('What they publish of themselves (XEP-0163); keys for encryption cross in any case.'),
  },
  'write { detail: availability } or { detail: full, notes: false }',
)

export const PresenceByClass = z
  .record(written(CLASS_OR_BUILT_IN), PresenceField, {
    error: (issue) =>
      issue.code === 'invalid_type'
        ? say('write each class on a line of its own, such as federated: { detail: availability }')(issue)
        : undefined,
  })
  .refine((classes) => Object.keys(classes).length <= MAX_CLASSES, { error: `write at most ${MAX_CLASSES} classes` })
  .prefault({})
  .describe('What partners are shown of our users, by class; the entry of a partner may say otherwise.')
  .meta({ example: { federated: { detail: 'full', notes: false } } })
  .meta(neverEmpty('write the classes, or {}'))
