// `federation:` in `federation-config/gateway.yaml`: on what terms we federate, and what entries of partners must and may say.

import { flag, list, neverEmpty, oneOf, section, written } from './fields.ts'
import { CLASS } from './partner-values.ts'

/** Keys of a partner's file that can be required. */
export const REQUIRABLE = ['owner', 'purpose', 'contact', 'review', 'expires'] as const

export const FederationSection = section(
  {
    mode: oneOf(['closed', 'ask', 'limited', 'open'])
      .default('closed')
      .describe(
        'Who may federate. closed: only the partners in federation-config/partners/. ask: nobody else either, but a domain that has proven its name is written down and waits until somebody admits it. limited: who has proven its name gets in, within limits.discoveredStanzas and limits.discoveredRecipients, and only to those of ours who know them. open: who has proven its name gets in, and is held down or turned away for what it does.',
      ),
    profile: oneOf(['standard', 'nato', 'dod'])
      .default('standard')
      .describe(
        'The rules of protocol and cryptography by which every partner is met, from lax to strict: standard, nato or dod. A partner may have a stricter one of its own.',
      )
      .meta(neverEmpty('write the profile')),
    fips: oneOf(['required', 'reported'])
      .optional()
      .describe(
        'required: start only on a provider of cryptography validated under FIPS 140 (the default of the profile dod). reported: start without it too, and say so in the status.',
      )
      .meta({ example: 'required' })
      .meta(neverEmpty('write required or reported, or take it out')),
    conceal: flag()
      .default(true)
      .describe(
        'Refuse a name only after it has been proven, so that nobody can read the partner list by claiming names.',
      ),
    bidi: flag()
      .default(true)
      .describe(
        'Let one stream carry stanzas both ways (XEP-0288) where the other server can, partner or core. false: for a server that does it wrongly; streams that are up stay as they are.',
      ),
    required: list(oneOf(REQUIRABLE), '[owner, purpose]')
      .prefault([])
      .describe(
        'What the entry of every partner that is allowed must say: some of owner, purpose, contact, review and expires.',
      )
      .meta(neverEmpty('write what is required, or []')),
    classes: list(written(CLASS), '[coalition]')
      .prefault([])
      .describe(
        'Classes of partners of your own, beside federated: names for the class: of entries, by which rules find them together.',
      ),
  },
  'write mode: closed below federation:',
)
  .prefault({})
  .describe('On what terms we federate.')
