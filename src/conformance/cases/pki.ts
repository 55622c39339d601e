// Certificates (PKI): which of them prove a name, and which do not; what ends a stream whose certificate no longer holds.
// RFC 5280, RFC 9525, RFC 6120 §13.7

import type { TestCase } from '../case.ts'
import { TEST_POLICY } from '../stage/making.ts'
import { CHAT } from './making.ts'
import { proves, provesNothing, type Row, toldNothing, trusted } from './showing.ts'

const NAMES_THAT_PROVE: readonly Row[] = [
  ['good', 'that has its domain as a DNS-ID', ['PKI-04']],
  ['srv-id', 'that has an SRV-ID for servers of XMPP alone', ['PKI-04']],
  ['xmpp-addr', 'that has an XmppAddr alone', ['PKI-04']],
  ['wildcard', 'that has a wildcard for its left-most label', ['PKI-06']],
]

const NAMES_THAT_DO_NOT: readonly Row[] = [
  ['common-name', 'that has its domain as a common name alone', ['PKI-04']],
  ['other-service', 'that has an SRV-ID for another service', ['PKI-04']],
  ['wildcard-part', 'with a wildcard for part of a label', ['PKI-06']],
  ['wildcard-twice', 'with two wildcards', ['PKI-06']],
  ['wildcard-too-high', 'with a wildcard that would have to stand for two labels', ['PKI-06']],
  ['wildcard-xmpp-addr', 'with a wildcard as an XmppAddr', ['PKI-06']],
]

const PATHS_THAT_FAIL: readonly Row[] = [
  ['not-yet-valid', 'that is not valid yet', ['PKI-01']],
  ['damaged', 'whose signature is wrong', ['PKI-01']],
  ['strange-extension', 'with a critical extension that nobody knows', ['PKI-01']],
  ['no-signing', 'whose key is not for handshakes', ['PKI-01']],
  ['below-no-ca', 'issued by what is no CA', ['PKI-01']],
  ['below-no-signing', 'issued by a CA whose key is not for signing certificates', ['PKI-01']],
  ['below-too-long', 'below more CAs than one of them permits', ['PKI-01']],
  ['below-excluded', 'of a CA that may not vouch for this name', ['PKI-01']],
  ['below-explicit', 'under no policy, of a CA that demands one', ['PKI-01', 'PKI-17']],
  ['below-expired', 'of a CA that has expired', ['PKI-01']],
  ['below-missing', 'whose CA was not sent along', ['PKI-01']],
  ['below-revoked', 'of a CA that was revoked', ['PKI-11', 'PKI-08']],
]

/** Where it must be known that nothing was revoked. */
const HARD = { profiles: ['nato', 'dod'] } as const
const ONLY_ALLOWED = { profiles: ['standard'] } as const

const POLICY = { entry: { certificatePolicies: [TEST_POLICY] } } as const
const OWN_ANCHOR = { entry: { anchors: ['certs/partner-ca.pem'] } } as const

export const CERTIFICATES: readonly TestCase[] = [
  ...NAMES_THAT_PROVE.map((row) => proves(row)),
  ...NAMES_THAT_DO_NOT.map((row) => provesNothing(row)),
  trusted(['srv-id', 'that has an SRV-ID for servers of XMPP alone', ['PKI-04']]),
  trusted(['xmpp-addr', 'that has an XmppAddr alone', ['PKI-04']]),
  toldNothing(['common-name', 'that has its domain as a common name alone', ['PKI-04']]),
  toldNothing(['other-service', 'that has an SRV-ID for another service', ['PKI-04']]),

  proves(['below', 'of a CA below the anchor', ['PKI-01', 'PKI-11']]),
  proves(['below-two', 'two CAs below the anchor', ['PKI-01', 'PKI-11']]),
  ...PATHS_THAT_FAIL.map((row) => provesNothing(row)),
  toldNothing(['below-revoked', 'of a CA that was revoked', ['PKI-11', 'PKI-08']]),
  toldNothing(['below-missing', 'whose CA was not sent along', ['PKI-01']]),

  proves(['any-purpose', 'that says nothing of what it is for', ['PKI-07']]),
  proves(['client-only', 'for clients of TLS alone', ['PKI-07']]),
  provesNothing(['server-only', 'for servers of TLS alone', ['PKI-07']], HARD),
  proves(['server-only', 'for servers of TLS alone', ['PKI-07']], ONLY_ALLOWED),
  provesNothing(['other-purpose', 'for e-mail alone', ['PKI-07']]),
  trusted(['server-only', 'for servers of TLS alone', ['PKI-07']]),
  toldNothing(['client-only', 'for clients of TLS alone', ['PKI-07']], HARD),

  proves(['below', 'of CAs whose lists are at hand, where nobody can be asked', ['PKI-09', 'PKI-10']], HARD),
  provesNothing(['below-no-list', 'of a CA of whose revocations nobody knows', ['PKI-10']], HARD),
  provesNothing(['below-stale-list', 'of a CA whose list of revocations is out of date', ['PKI-10']], HARD),
  toldNothing(['below-stale-list', 'of a CA whose list of revocations is out of date', ['PKI-10']], HARD),

  proves(['partner-ca', 'of the CA that its entry names', ['PKI-03']], OWN_ANCHOR),
  provesNothing(['partner-ca', 'of the CA that the entry of another partner names', ['PKI-03', 'PKI-02']], {
    as: '-of-another',
  }),
  provesNothing(['good', 'of a CA for all, where its entry names another', ['PKI-03']], {
    as: '-not-own-anchor',
    ...OWN_ANCHOR,
  }),
  proves(['policy', 'under the policy that its entry wants', ['PKI-17', 'PKI-03']], POLICY),
  provesNothing(['good', 'under no policy, where its entry wants one', ['PKI-17', 'PKI-03']], {
    as: '-no-policy',
    ...POLICY,
  }),

  {
    ...{ id: 'PKI-05/request', requirements: ['PKI-05'], role: 'receiving', phase: 'connected' },
    title: 'What is ordered for a domain, and for its rooms, asks for it as a DNS-ID and as an SRV-ID.',
    steps: ['{us}', 'conference.{us}'].map((domain) => ({
      runs: ['cert', 'csr', domain, '--json'],
      ends: 'well' as const,
      says: [],
      requests: [`DNS:${domain}`, `SRV:_xmpp-server.${domain}`],
    })),
  },
  {
    ...{ id: 'PKI-05/older-peers', requirements: ['PKI-05'], role: 'receiving', phase: 'connected' },
    title: 'For peers from before RFC 6120 it asks for the domain as an XmppAddr too, where that is wanted.',
    steps: [
      {
        ...{ runs: ['cert', 'csr', '{us}', '--second', '--xmpp-addr', '--json'], ends: 'well', says: [] },
        requests: ['DNS:{us}', 'SRV:_xmpp-server.{us}', 'XMPP:{us}'],
      },
    ],
  },
  {
    ...{ id: 'PKI-20/imported', requirements: ['PKI-20'], role: 'receiving', phase: 'connected' },
    title: 'What a CA hands out is brought in beside its key, which is found; what was there before is kept.',
    steps: [
      {
        runs: ['cert', 'import', '{us}', 'certs/{us}/fullchain.pem', '--json'],
        ends: 'well',
        says: ['"DNS:{us}"', 'certs/{us}/privkey.pem', '"kept"'],
      },
    ],
  },
  {
    ...{ id: 'PKI-20/not-imported', requirements: ['PKI-20'], role: 'receiving', phase: 'connected' },
    title: 'A certificate that is not for the domain is not brought in.',
    steps: [{ runs: ['cert', 'import', '{us}', 'certs/partner-ca.pem'], ends: 'badly', says: ['{us}'] }],
  },
  {
    ...{ id: 'PKI-20/shown', requirements: ['PKI-20'], role: 'receiving', phase: 'connected' },
    title: 'A certificate is shown with its names, its key, its end and who issued it.',
    steps: [
      {
        runs: ['cert', 'show', '{us}', '--files'],
        ends: 'well',
        says: ['DNS:{us}', 'sha256/', 'valid', 'issuer', 'leads to'],
      },
    ],
  },
  {
    ...{ id: 'PKI-18/open-key', requirements: ['PKI-18'], role: 'receiving', phase: 'connected' },
    title: 'A private key that others can read is reported.',
    steps: [{ runs: ['check'], open: 'certs/{us}/privkey.pem', ends: 'well', says: ['privkey.pem', 'chmod'] }],
  },
  {
    ...{ id: 'TLS-20/no-key', requirements: ['TLS-20'], role: 'receiving', phase: 'connected' },
    title: 'Without its private key the gateway does not start.',
    steps: [{ runs: ['serve'], without: 'certs/{us}/privkey.pem', ends: 'badly', says: ['privkey.pem'] }],
  },
  {
    ...{ id: 'TLS-20/no-certificate', requirements: ['TLS-20'], role: 'receiving', phase: 'connected' },
    title: 'Without its certificate the gateway does not start.',
    steps: [{ runs: ['serve'], without: 'certs/{us}/fullchain.pem', ends: 'badly', says: ['fullchain.pem'] }],
  },
  {
    id: 'PKI-12/expires',
    requirements: ['PKI-12'],
    title: 'A stream is ended by reset when the certificate that proved it expires.',
    role: 'receiving',
    phase: 'authenticated',
    certificate: 'brief',
    steps: [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      { hear: { kind: 'stream-error', condition: 'reset' }, withinMs: 30_000 },
    ],
  },
  {
    id: 'PKI-13/revoked-live',
    requirements: ['PKI-13', 'PKI-15', 'PKI-21'],
    title: 'A stream is ended by reset when a new list is brought by which the certificate that proved it was revoked.',
    role: 'receiving',
    phase: 'authenticated',
    steps: [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      { silence: 12_000, at: 'peer' },
      { revoke: 'peer' },
      { hear: { kind: 'stream-error', condition: 'reset' }, withinMs: 30_000 },
    ],
  },
  {
    id: 'PKI-21/others-stay',
    requirements: ['PKI-21'],
    title: 'A new list leaves the streams alone whose certificates are not on it.',
    role: 'receiving',
    phase: 'authenticated',
    steps: [
      { revoke: 'nobody' },
      { silence: 12_000, at: 'peer' },
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
    ],
  },
]
