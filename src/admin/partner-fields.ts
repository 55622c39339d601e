// What may be said about a partner over the socket: the keys of its file, each optional, in the form they are written
// there. `config/` checks the values; here is only the shape, so that nothing else can be asked for.

import * as z from 'zod'
import { list } from './schemas.ts'

const Text = z.string().max(1000)
const Texts = list(Text)

/** Keys of a partner file other than `domain` and `status`. */
export const PartnerFields = z.strictObject({
  alsoKnownAs: Texts.optional(),
  class: Text.optional(),
  direction: Text.optional(),
  authentication: Text.optional(),
  pins: Texts.optional(),
  anchors: Texts.optional(),
  certificatePolicies: Texts.optional(),
  extendedKeyUsage: Text.optional(),
  revocation: Text.optional(),
  profile: Text.optional(),
  certificateChange: Text.optional(),
  reauthenticate: Text.optional(),
  connect: list(z.strictObject({ host: Text, port: z.int().optional(), tls: Text.optional() })).optional(),
  provider: Text.optional(),
  decorates: Texts.optional(),
  policy: Text.optional(),
  presence: z
    .strictObject({
      detail: Text.optional(),
      notes: z.boolean().optional(),
      capabilities: z.boolean().optional(),
      idle: z.boolean().optional(),
      vcard: z.boolean().optional(),
      pep: z.boolean().optional(),
    })
    .optional(),
  reason: Text.optional(),
  owner: Text.optional(),
  purpose: Text.optional(),
  contact: Text.optional(),
  notes: z.string().max(4000).optional(),
  tags: Texts.optional(),
  review: Text.optional(),
  expires: Text.optional(),
})

export type PartnerFieldsInput = z.output<typeof PartnerFields>

/** Keys that can be taken out of an entry again. */
export const UNSETTABLE = [
  'alsoKnownAs',
  'class',
  'direction',
  'authentication',
  'pins',
  'anchors',
  'certificatePolicies',
  'extendedKeyUsage',
  'revocation',
  'profile',
  'certificateChange',
  'reauthenticate',
  'connect',
  'provider',
  'decorates',
  'policy',
  'presence',
  'reason',
  'owner',
  'purpose',
  'contact',
  'notes',
  'tags',
  'review',
  'expires',
] as const satisfies readonly (keyof PartnerFieldsInput)[]
