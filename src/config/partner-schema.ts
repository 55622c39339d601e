// `federation-config/partners/<domain>.yaml`: one file per partner, read into the `Partner` that policy judges by.
// What partners can get wrong together, and with our own domains, is in `cross-checks.ts`.

import { resolve } from 'node:path'
import type * as z from 'zod'
import type { Partner } from '../policy/partner.ts'
import {
  date,
  domain,
  domainPattern,
  duration,
  file,
  lines,
  list,
  neverEmpty,
  oneOf,
  port,
  section,
  text,
  written,
} from './fields.ts'
import { PartnerLimitsField } from './sending-schema.ts'
import { PARTNER_CLASS, TAG } from './partner-values.ts'
import { POLICY_NAME } from './policy-values.ts'
import { PresenceField } from './presence-schema.ts'
import { PartnerRoomsField } from './rooms-schema.ts'
import { Purposes } from './purposes.ts'
import { HOST, OID, PIN } from './values.ts'

const Route = section(
  {
    host: written(HOST).describe('Host name or IP address.'),
    port: port().default(5269).describe('Port; for direct TLS mostly 5270.'),
    tls: oneOf(['starttls', 'direct'])
      .default('starttls')
      .describe('How TLS begins: starttls, or direct (from the first byte, XEP-0368).'),
  },
  'write { host: xmpp.partner.example, port: 5269 }',
)

export const PartnerSchema = section(
  {
    domain: domain().describe("The partner's domain; the file is named after it.").meta({ example: 'partner.example' }),
    alsoKnownAs: list(domainPattern(), '[conference.partner.example, "*.labs.partner.example"]')
      .prefault([])
      .describe(
        'Further domains under the same terms; *.labs.partner.example means all names below, not labs.partner.example itself.',
      )
      .meta({ example: ['conference.partner.example'] }),
    status: oneOf(['allowed', 'blocked', 'pending', 'suspended'])
      .describe('allowed, blocked, pending (not yet decided, refused until then) or suspended (refused for a while).')
      .meta({ example: 'allowed' }),
    class: written(PARTNER_CLASS)
      .default('federated')
      .describe(
        'What kind of partner this is: federated, public-verified (not shown notes), public-unverified (only whom ours have added or written to gets through), or one of federation.classes in gateway.yaml.',
      )
      .meta(neverEmpty('write the class')),
    direction: oneOf(['both', 'inbound', 'outbound'])
      .default('both')
      .describe('Whose stanzas may cross: both, inbound (only from the partner to us) or outbound.')
      .meta(neverEmpty('write both, inbound or outbound')),
    authentication: oneOf(['certificate', 'dialback-over-tls'])
      .default('certificate')
      .describe(
        "The weakest proof of the partner's name that is accepted: certificate, or dialback-over-tls (only as good as DNS, XEP-0220).",
      ),
    pins: list(written(PIN), '["sha256/…"]')
      .prefault([])
      .describe("Public keys of which the partner's certificate must have one; none: no pinning.")
      .meta({ example: ['sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='] })
      .meta(neverEmpty('write the keys, or [] for none')),
    anchors: list(file('a PEM file'), '[certs/partner-ca.pem]')
      .prefault([])
      .describe("PEM files whose certificates alone vouch for this partner; none: the gateway's trust.anchors.")
      .meta({ example: ['certs/partner-ca.pem'] })
      .meta(neverEmpty('write the PEM files, or [] for none of its own')),
    certificatePolicies: list(written(OID), '["2.16.840.1.101.3.2.1.48.1"]')
      .prefault([])
      .describe(
        "Certificate policies of which one must hold for this partner's chain; none: those of the gateway's trust.",
      )
      .meta({ example: ['2.16.840.1.101.3.2.1.48.1'] })
      .meta(neverEmpty('write the policies, or [] for none of its own')),
    extendedKeyUsage: Purposes.optional()
      .describe("Asks more of this partner's certificates than the gateway's trust.extendedKeyUsage does, never less.")
      .meta({ example: 'own-side' })
      .meta(neverEmpty('write own-side or both, or take it out')),
    profile: oneOf(['standard', 'nato', 'dod'])
      .optional()
      .describe("Meets this partner by a stricter profile than the gateway's federation.profile.")
      .meta({ example: 'nato' })
      .meta(neverEmpty('write the profile, or take it out')),
    revocation: oneOf(['off', 'soft', 'hard'])
      .optional()
      .describe("Asks more of this partner than the gateway's trust.revocation does, never less.")
      .meta({ example: 'hard' })
      .meta(neverEmpty('write soft or hard, or take it out')),
    certificateChange: oneOf(['accept', 'report', 'hold-unusual', 'hold'])
      .optional()
      .describe("Stricter with keys of this partner that are not known than the gateway's trust.certificateChange.")
      .meta({ example: 'hold' })
      .meta(neverEmpty('write what becomes of other keys, or take it out')),
    reauthenticate: duration('1s', '30d')
      .optional()
      .describe(
        "After so long at most this partner proves its name anew, if that is sooner than by the gateway's trust.reauthenticate.",
      )
      .meta({ example: '1h' })
      .meta(neverEmpty('write a duration, or take it out')),
    connect: list(Route, '[{ host: xmpp.partner.example, port: 5269 }]')
      .prefault([])
      .describe('Where to connect, in order, instead of what DNS says.')
      .meta({ example: [{ host: 'xmpp.partner.example', port: 5269 }] })
      .meta(neverEmpty('write where to connect, or [] for what DNS says')),
    provider: domain()
      .optional()
      .describe(
        'The host of a provider that serves all names of this entry: a certificate with its name, written out, proves them, and no others.',
      )
      .meta({ example: 'xmpp.hosting.example' })
      .meta(neverEmpty('write the host, or take it out')),
    decorates: list(domain(), '[example.org]')
      .prefault([])
      .describe(
        'Domains whose users it serves under names of its own, decorated by XEP-0106: anna@example.org is anna\\40example.org at this domain.',
      )
      .meta({ example: ['example.org'] })
      .meta(neverEmpty('write the domains, or [] for none')),
    limits: PartnerLimitsField,
    policy: written(POLICY_NAME)
      .default('default')
      .describe('Who of ours may talk to it, about what: a policy of policy.yaml.')
      .meta(neverEmpty('write the name of the policy')),
    rooms: PartnerRoomsField,
    presence: PresenceField.optional()
      .describe('What it is shown of our users: this, and not what policy.yaml says of its class.')
      .meta({ example: { detail: 'availability' } })
      .meta(neverEmpty('write what is shown, or take it out')),
    reason: text()
      .optional()
      .describe('Why the status is what it is, such as why the partner was blocked.')
      .meta({ example: 'Spam from many accounts' }),
    owner: text().optional().describe('Who answers for this entry.').meta({ example: 'it-security@corp.example' }),
    purpose: text().optional().describe('Why it exists.').meta({ example: 'Joint project Aurora' }),
    contact: text().optional().describe('Whom to ask at the partner.').meta({ example: 'noc@partner.example' }),
    tags: list(written(TAG), '[project-aurora]')
      .prefault([])
      .describe('Names in lower case by which rules and people find the entry together with others.')
      .meta({ example: ['project-aurora'] }),
    notes: lines()
      .optional()
      .describe('Whatever else is to be known; may have several lines.')
      .meta({ example: 'Their servers move in spring.' }),
    review: date()
      .optional()
      .describe('The day by which its owner looks at it again (UTC); told beforehand, and nothing ends with it.')
      .meta({ example: '2027-01-31' }),
    expires: date()
      .optional()
      .describe('The last day on which the entry admits anything (UTC).')
      .meta({ example: '2027-06-30' })
      .meta(neverEmpty('write the last day, or take it out')),
  },
  'write the entry as lines of name: value, at least domain: and status:',
)

export type PartnerInput = z.input<typeof PartnerSchema>
export type PartnerFile = z.output<typeof PartnerSchema>

/** A checked file → the partner; names of files are taken from `root`, the directory that holds `federation-config/`. */
export function toPartner(read: PartnerFile, root: string): Partner {
  return {
    domain: read.domain,
    alsoKnownAs: read.alsoKnownAs,
    status: read.status,
    class: read.class,
    direction: read.direction,
    authentication: read.authentication,
    pins: read.pins,
    anchors: read.anchors.map((name) => resolve(root, name)),
    certificatePolicies: read.certificatePolicies,
    ...(read.extendedKeyUsage === undefined ? {} : { extendedKeyUsage: read.extendedKeyUsage }),
    ...(read.revocation === undefined ? {} : { revocation: read.revocation }),
    ...(read.profile === undefined ? {} : { profile: read.profile }),
    ...(read.certificateChange === undefined ? {} : { certificateChange: read.certificateChange }),
    ...(read.reauthenticate === undefined ? {} : { reauthenticateMs: read.reauthenticate }),
    connect: read.connect,
    ...(read.provider === undefined ? {} : { provider: read.provider }),
    ...(read.decorates.length === 0 ? {} : { decorates: read.decorates }),
    limits: read.limits ?? {},
    policy: read.policy,
    ...(read.rooms === undefined ? {} : { rooms: read.rooms }),
    ...(read.presence === undefined ? {} : { shown: read.presence }),
    ...(read.reason === undefined ? {} : { reason: read.reason }),
    owner: read.owner,
    purpose: read.purpose,
    contact: read.contact,
    ...(read.notes === undefined ? {} : { notes: read.notes }),
    tags: read.tags,
    ...(read.review === undefined ? {} : { review: read.review }),
    expires: read.expires,
  }
}
