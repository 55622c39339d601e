// The options of `sallyport partner …` that say what stands in a partner's file.

import type { PartnerFieldsInput } from '../admin/partner-fields.ts'
import { HOST_PORT } from '../config/values.ts'
import { UsageError, type Arguments } from './arguments.ts'
import { caller } from './caller.ts'
import type { Option } from './command.ts'

/** What may be said of an entry, by every verb that writes one. */
export const FIELDS: Readonly<Record<string, Option>> = {
  reason: { value: 'TEXT', about: 'Why: for the history, and in the file of an entry whose status it is about.' },
  owner: { value: 'WHO', about: 'Who answers for the entry.' },
  purpose: { value: 'TEXT', about: 'Why the entry exists.' },
  contact: { value: 'WHO', about: 'Whom to ask at the partner.' },
  review: { value: 'DATE', about: 'The day by which its owner looks at it again, such as 2027-01-31 (UTC).' },
  notes: { value: 'TEXT', about: 'Whatever else is to be known.' },
  tag: { value: 'TAG', about: 'A name by which rules and people find it together with others.', many: true },
  class: {
    value: 'NAME',
    about: 'federated (default), public-verified, public-unverified, or one of federation.classes in gateway.yaml.',
  },
  until: { value: 'DATE', about: 'The last day on which it admits anything, such as 2027-06-30 (UTC).' },
  direction: { value: 'WAY', about: 'both, inbound (only from the partner to us) or outbound.' },
  authentication: {
    value: 'PROOF',
    about: 'The weakest proof of its name: certificate (default) or dialback-over-tls.',
  },
  also: { value: 'DOMAIN', about: 'A further domain under the same terms, or *.domain for all below it.', many: true },
  pin: { value: 'sha256/…', about: "A public key that the partner's certificate may have.", many: true },
  anchor: { value: 'FILE', about: 'A PEM file whose certificates alone vouch for the partner.', many: true },
  policy: { value: 'NAME', about: 'Who of ours may talk to it, about what: a policy of policy.yaml (default).' },
  presence: {
    value: 'DETAIL',
    about: 'What it is shown of our users: full, availability, online or none; and parts, such as full,-notes,-vcard.',
  },
  'certificate-policy': {
    value: 'OID',
    about: 'A certificate policy under which its chain may hold, in place of those of the gateway.',
    many: true,
  },
  usage: {
    value: 'HOW',
    about: 'own-side or both: more than the gateway asks for, what its certificates must be for.',
  },
  revocation: {
    value: 'HOW',
    about: 'soft or hard: more than the gateway asks for, whether its certificates were revoked.',
  },
  profile: { value: 'NAME', about: 'nato or dod: a stricter profile than that of the gateway.' },
  'certificate-change': {
    value: 'HOW',
    about: 'report, hold-unusual or hold: stricter than the gateway is, when its key changes.',
  },
  reauthenticate: {
    value: 'TIME',
    about: 'After how long, such as 1h, it proves its name anew, if that is sooner than the gateway asks for.',
  },
  provider: { value: 'HOST', about: 'A provider whose certificate proves the names of the entry too.' },
  decorates: {
    value: 'DOMAIN',
    about: 'A domain whose users it serves under decorated names (XEP-0106); as often as there are domains.',
    many: true,
  },
  connect: { value: 'HOST:PORT', about: 'Where to connect instead of what DNS says.', many: true },
}

/** The options that say why and how long, for the verbs that only change the status. */
export const STATUS_FIELDS: Readonly<Record<string, Option>> = {
  reason: FIELDS['reason']!,
  owner: FIELDS['owner']!,
  purpose: FIELDS['purpose']!,
  until: FIELDS['until']!,
}

/** Options → keys of the partner file. @throws UsageError */
export function fields(words: Arguments, command: string): PartnerFieldsInput {
  const connect = words.options('connect')?.map((text) => {
    const route = HOST_PORT.read(text)
    if (route === undefined) throw new UsageError(`--connect: ${HOST_PORT.how}`, command)
    return route
  })
  const given: Record<keyof PartnerFieldsInput, unknown> = {
    alsoKnownAs: words.options('also'),
    class: words.option('class'),
    direction: words.option('direction'),
    authentication: words.option('authentication'),
    pins: words.options('pin'),
    anchors: words.options('anchor'),
    certificatePolicies: words.options('certificate-policy'),
    extendedKeyUsage: words.option('usage'),
    revocation: words.option('revocation'),
    profile: words.option('profile'),
    certificateChange: words.option('certificate-change'),
    reauthenticate: words.option('reauthenticate'),
    connect,
    provider: words.option('provider'),
    decorates: words.options('decorates'),
    policy: words.option('policy'),
    presence: presence(words, command),
    reason: words.option('reason'),
    owner: words.option('owner'),
    purpose: words.option('purpose'),
    contact: words.option('contact'),
    notes: words.option('notes'),
    tags: words.options('tag'),
    review: words.option('review'),
    expires: words.option('until'),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** `full,-notes` → what stands in the file. */
function presence(words: Arguments, command: string): PartnerFieldsInput['presence'] {
  const text = words.option('presence')
  if (text === undefined) return undefined
  const [detail, ...parts] = text.split(',')
  const said = parts.map((part): readonly [string, boolean] => {
    const [, sign, name] = /^([+-])([a-z]+)$/.exec(part) ?? []
    if (name !== undefined && PARTS.some((one) => one === name)) return [name, sign === '+']
    const all = PARTS.join(', ')
    throw new UsageError(`--presence: write the detail, and + or - before one of ${all}, such as full,-notes`, command)
  })
  return { detail, ...Object.fromEntries(said) }
}

const PARTS = ['notes', 'capabilities', 'idle', 'vcard', 'pep'] as const

/** Who changes something, and why. */
export const askedBy = (words: Arguments): { readonly by: string; readonly why: string | undefined } => ({
  by: caller(),
  why: words.option('reason'),
})
