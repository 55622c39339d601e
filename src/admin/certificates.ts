// What an administrator says of the keys that a partner shows: they are theirs, or not.

import * as z from 'zod'
import { DOMAIN, PIN } from '../config/values.ts'
import type { Partner } from '../policy/partner.ts'
import { PartnerList } from '../policy/partners.ts'
import { reason as catalogued } from '../xmpp/reasons.ts'
import { operation, OperationError } from './operation.ts'
import { KeyShape, list } from './schemas.ts'

/** So many may be refused of one domain. */
const MOST_PINS = 32

export const confirmCertificate = operation({
  name: 'partner.confirm',
  about: "Says that keys are a partner's, seen or not yet, or that they are not; held links try again at once.",
  role: 'operate',
  input: z.strictObject({
    domain: z.string().max(255),
    pins: z.array(z.string().max(100)).min(1, { error: 'name a key, as sha256/…' }).max(MOST_PINS).readonly(),
    say: z.enum(['confirm', 'refuse']).default('confirm'),
    /** Who says so: their own word, for the record. */
    by: z.string().max(64).optional(),
  }),
  output: z.object({
    domain: z.string(),
    say: z.enum(['confirm', 'refuse']),
    /** The keys that were decided about, for each name that they are kept of. */
    keys: list(KeyShape),
    notes: list(z.string()),
  }),
  run({ control }, { pins, say, by, ...input }) {
    const domain = DOMAIN.read(input.domain)
    if (domain === undefined)
      throw new OperationError('bad-input', `"${input.domain}" is no domain of a partner`, `Please ${DOMAIN.how}.`)
    const partner = new PartnerList(control.partners()).find(domain)
    if (partner === undefined)
      throw new OperationError('not-found', `${domain} is not in the partner list`, 'See `sallyport partner list`.')
    for (const pin of pins) {
      if (PIN.read(pin) !== undefined) continue
      throw new OperationError('bad-input', `"${pin}" is no key`, `Please ${PIN.how}.`)
    }
    const keys = control.keys.decide({ domain, pins, say, by })
    if (keys === undefined) throw new OperationError('conflict', catalogued('SP-390').means, catalogued('SP-390').act)
    control.retry(domain)
    return { domain, say, keys, notes: notesOn(partner, pins, say) }
  },
})

/** What may surprise whoever has decided. */
function notesOn(partner: Partner, pins: readonly string[], say: 'confirm' | 'refuse'): string[] {
  const { domain, authentication } = partner
  const unpinned = partner.pins.length > 0 ? pins.filter((pin) => !partner.pins.includes(pin)) : []
  const pinned = pins.filter((pin) => partner.pins.includes(pin))
  if (say === 'confirm')
    return unpinned.map(
      (pin) => `${pin} is not among the pins of the entry, which alone count: add it with \`sallyport partner set\``,
    )
  return [
    ...pinned.map((pin) => `${pin} still stands among the pins of the entry: take it out`),
    ...(authentication === 'certificate'
      ? []
      : [`${domain} may prove itself by dialback all the same; block it, or write authentication: certificate`]),
  ]
}
