// `trust.cards` of gateway.yaml: who vouches for users that log in by certificate, and how a certificate names them.

import * as z from 'zod'
import { CARD_FIELDS, groupsIn, isAltName, patternFault } from '../trust/card/fields.ts'
import type { CardField } from '../trust/card/fields.ts'
import { file, list, neverEmpty, oneOf, say, section, written } from './fields.ts'
import { OID, type Written } from './values.ts'

const ISSUERS = 'write the PEM files of the CAs that issue cards, such as [certs/cards-ca.pem]'
const ONE_ISSUER = 'one of the files of issuers:'
const MOST_RULES = 50
const LONGEST_PATTERN = 200

const PATTERN: Written<string> = {
  how: 'write a regular expression for the whole field, such as ".*\\\\.(\\\\d{10})"',
  read: (text) => (text === '' || text.length > LONGEST_PATTERN || patternFault(text) !== undefined ? undefined : text),
  hint: (text) => {
    const fault = patternFault(text)
    return fault === undefined ? undefined : `not a regular expression: ${fault}`
  },
}

const TEMPLATE: Written<string> = {
  how: 'write an address with {0} for the whole field and {1} for what is in the first brackets, such as "{1}@corp.example"',
  read: (text) => (text.includes('@') && /\{\d\}/.test(text) ? text : undefined),
}

const Rule = section(
  {
    from: oneOf(CARD_FIELDS).describe(
      'What of the certificate: a name of its subjectAltName, or a field of its subject.',
    ),
    matches: written(PATTERN).optional().describe('A regular expression that the whole field must match.'),
    to: written(TEMPLATE).optional().describe('The address that is made of what matches.'),
    issuer: file(ONE_ISSUER)
      .optional()
      .describe('The rule holds only for certificates of the CAs in this file of issuers:.')
      .meta(neverEmpty('write the file, or take it out')),
    pairs: file('a file with pairs: what is on the card, a space, the address')
      .optional()
      .describe('A file in which what matches (its first brackets) is looked up.'),
  },
  'write { from: xmppAddr }, or { from: CN, matches: ".*\\\\.(\\\\d{10})", pairs: federation-config/cards.txt }',
).superRefine(({ from, matches, to, pairs }, context) => {
  const complain = (path: string, message: string): void => context.addIssue({ code: 'custom', message, path: [path] })
  if (to !== undefined && pairs !== undefined) return complain('pairs', 'write to: or pairs:, not both')
  const isPlain = to === undefined && pairs === undefined
  if (isPlain && !isAltName(from))
    return complain('from', `${from} is no address by itself; add matches: and to: or pairs:`)
  if (isPlain && matches !== undefined) return complain('matches', 'add to: or pairs: for what matches')
  if (!isPlain && matches === undefined) return complain('from', 'add matches: for to: or pairs:')
  const groups = groupsIn(matches ?? '')
  const beyond = [...(to ?? '').matchAll(/\{(\d)\}/g)].find(([, group]) => Number(group) > groups)
  if (beyond) complain('to', `${beyond[0]} is of no brackets: matches: has ${groups}`)
  return undefined
})

export const CardsSection = section(
  {
    issuers: z
      .array(file('a PEM file'), { error: say(ISSUERS) })
      .min(1, { error: ISSUERS })
      .max(100, { error: 'write at most 100 files' })
      .readonly()
      .describe(
        'PEM files with the CAs that vouch for users; they vouch for no partner, and those of partners for no user.',
      ),
    addresses: list(Rule, '[{ from: xmppAddr }]')
      .refine((rules) => rules.length > 0 && rules.length <= MOST_RULES, { error: `write 1 to ${MOST_RULES} rules` })
      .prefault([{ from: 'xmppAddr' }])
      .describe('Rules that find the address, in order; the first one that finds any of ours decides.')
      .meta(neverEmpty('write the rules, or take it out')),
    policies: list(written(OID), '["2.16.840.1.101.3.2.1.3.13"]')
      .prefault([])
      .describe('Certificate policies of which one must hold for the whole chain; none: nothing is demanded.')
      .meta(neverEmpty('write the policies, or []')),
  },
  'write issuers: below cards:',
).superRefine(({ issuers, addresses }, context) => {
  for (const [index, { issuer }] of addresses.entries())
    if (issuer !== undefined && !issuers.includes(issuer))
      context.addIssue({ code: 'custom', message: `write ${ONE_ISSUER}`, path: ['addresses', index, 'issuer'] })
})

export type CardsFile = z.output<typeof CardsSection>

/** How users that log in by certificate are known. Files are absolute. */
export interface CardsSettings {
  readonly issuers: readonly string[]
  readonly addresses: readonly AddressRule[]
  readonly policies: readonly string[]
}

export type AddressRule = {
  readonly from: CardField
  /** One of the files of issuers, which it holds for; undefined: for all. */
  readonly issuer: string | undefined
} & (
  | { readonly kind: 'name' }
  | { readonly kind: 'template'; readonly matches: string; readonly to: string }
  | { readonly kind: 'pairs'; readonly matches: string; readonly file: string }
)

/** A checked section → settings. */
export function toCards(read: CardsFile, path: (name: string) => string): CardsSettings {
  return {
    issuers: read.issuers.map((name) => path(name)),
    addresses: read.addresses.map(({ from, matches = '', to, pairs, issuer: name }): AddressRule => {
      const issuer = name === undefined ? undefined : path(name)
      if (to !== undefined) return { kind: 'template', from, issuer, matches, to }
      if (pairs === undefined) return { kind: 'name', from, issuer }
      return { kind: 'pairs', from, issuer, matches, file: path(pairs) }
    }),
    policies: read.policies,
  }
}
