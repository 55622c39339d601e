// Whether a certificate was revoked, as it is told by responders, by lists that are fetched, and by staples (PKI, TLS-16): what
// counts, who is asked how often, and what is done where nobody answers. RFC 6960, RFC 5280 §5, RFC 6066 §8

import type { Certificate, Listed, Responds, Step, TestCase } from '../case.ts'
import { CHAT, EXTERNAL, OPENING, PROCEED, STARTTLS } from './making.ts'
import { AUTH, proves, provesNothing, toldNothing, trusted } from './showing.ts'

/** Where it must be known that nothing was revoked, and where it is enough that nobody says it was. */
const HARD = ['nato', 'dod'] as const
const SOFT = ['standard'] as const

const asId = (words: string): string => `-${words.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`

/** A responder's answers that say nothing that counts, each in words. */
const NO_ANSWERS: readonly (readonly [says: Responds, words: string])[] = [
  ['unknown', 'that its responder does not know'],
  ['good, out of date', 'of which its responder says what is out of date'],
  ['good, of another certificate', 'whose responder speaks of another one'],
  ['good, by somebody not certified for it', 'whose responder has no certificate for that'],
  ['good, by another CA', 'whose responder is of another CA'],
  ['try later', 'whose responder says that it should be asked again later'],
  ['nothing', 'whose responder is silent'],
]

const NO_LISTS: readonly (readonly [listed: Listed, words: string])[] = [
  ['out of date', 'whose list, where it is fetched, is out of date'],
  ['by another CA', 'whose list, where it is fetched, is of another CA'],
  ['nothing', 'whose list is not to be had'],
]

const BY_RESPONDER: readonly TestCase[] = [
  proves(['asked', 'that its responder says is good', ['PKI-08']]),
  trusted(['asked', 'that its responder says is good', ['PKI-08']]),
  provesNothing(['asked', 'that its responder says was revoked', ['PKI-08']], { as: '-revoked', responds: 'revoked' }),
  toldNothing(['asked', 'that its responder says was revoked', ['PKI-08']], { as: '-revoked', responds: 'revoked' }),
  proves(['asked', 'that a delegate of its CA says is good', ['PKI-08']], {
    ...{ as: '-delegate', responds: 'good, by a delegate' },
  }),
  ...NO_ANSWERS.flatMap(([responds, words]) => [
    provesNothing(['asked', words, ['PKI-08', 'PKI-10']], { as: asId(responds), responds, profiles: HARD }),
    proves(['asked', words, ['PKI-08']], { as: asId(responds), responds, profiles: SOFT }),
  ]),
  toldNothing(['asked', 'whose responder is silent', ['PKI-08', 'PKI-10']], {
    ...{ as: '-nothing', responds: 'nothing', profiles: HARD },
  }),
]

const BY_LISTS: readonly TestCase[] = (['listed', 'listed-ldap'] as const).flatMap((certificate) => {
  const by = certificate === 'listed' ? 'by HTTP' : 'out of a directory by LDAP'
  const requirements = ['PKI-16', 'PKI-08']
  const revoked = { as: '-revoked', listed: 'revoked' } as const
  return [
    proves([certificate, `that is not on the list that is fetched ${by}`, requirements]),
    trusted([certificate, `that is not on the list that is fetched ${by}`, requirements]),
    provesNothing([certificate, `that is on the list that is fetched ${by}`, requirements], revoked),
    toldNothing([certificate, `that is on the list that is fetched ${by}`, requirements], revoked),
    ...NO_LISTS.map(([listed, words]) =>
      provesNothing([certificate, words, [...requirements, 'PKI-10']], { as: asId(listed), listed, profiles: HARD }),
    ),
  ]
})

const PROVING: readonly Step[] = [
  { say: OPENING },
  { hear: { kind: 'header' } },
  { hear: { kind: 'features', with: [EXTERNAL] } },
]
/** Whoever has to be asked takes longer than a case waits by itself. */
const PROVING_AGAIN: readonly Step[] = [
  { say: OPENING },
  { hear: { kind: 'header' }, withinMs: 10_000 },
  { hear: { kind: 'features', with: [EXTERNAL] }, withinMs: 10_000 },
]
const SUCCESS: Step = { hear: { kind: 'element', like: { name: 'success' } } }

/** The peer has shown its certificate once; it comes again after something has happened. */
const twice = (
  { id, requirements, title }: Pick<TestCase, 'id' | 'requirements' | 'title'>,
  certificate: Certificate,
  { before = [], after = [] }: { readonly before?: readonly Step[]; readonly after?: readonly Step[] },
): TestCase => ({
  ...{ id, requirements, title, certificate, role: 'receiving', phase: 'secured' },
  steps: [...PROVING, ...before, { another: 'secured' }, ...PROVING_AGAIN, { say: AUTH }, SUCCESS, ...after],
})

const REMEMBERED: readonly TestCase[] = [
  twice(
    {
      ...{ id: 'PKI-09/responder-silent', requirements: ['PKI-09'] },
      title: 'What a responder has said counts for as long as it holds, though it has fallen silent since.',
    },
    'asked',
    { before: [{ asks: 'responder', times: 1 }, { responds: 'nothing' }] },
  ),
  twice(
    {
      ...{ id: 'PKI-09/list-gone', requirements: ['PKI-09'] },
      title: 'A list that was fetched counts for as long as it holds, though it is not to be had any more.',
    },
    'listed',
    { before: [{ asks: 'list', times: 1 }, { listed: 'nothing' }] },
  ),
  twice(
    {
      ...{ id: 'PKI-14/asked-once', requirements: ['PKI-14'] },
      title: 'A responder is asked once about a certificate, however many streams are proven by it.',
    },
    'asked',
    { after: [{ asks: 'responder', times: 1 }] },
  ),
  twice(
    {
      ...{ id: 'PKI-14/fetched-once', requirements: ['PKI-14'] },
      title: 'A list is fetched once, however many streams are proven by certificates that it is about.',
    },
    'listed',
    { after: [{ asks: 'list', times: 1 }] },
  ),
  {
    ...{ id: 'PKI-14/responder-first', requirements: ['PKI-14'], certificate: 'asked-or-listed' },
    title: 'Where a certificate names both, the responder is asked, and the list is left where it is.',
    ...{ role: 'receiving', phase: 'secured' },
    steps: [...PROVING, { say: AUTH }, SUCCESS, { asks: 'responder', times: 1 }, { asks: 'list', times: 0 }],
  },
  {
    ...{ id: 'PKI-08/list-instead', requirements: ['PKI-08', 'PKI-09'], certificate: 'asked-or-listed' },
    title: 'Where the responder is silent, the list is fetched.',
    ...{ role: 'receiving', phase: 'secured', responds: 'nothing' },
    steps: [...PROVING_AGAIN, { asks: 'list', times: 1 }],
  },
  {
    id: 'PKI-13/responder-changes',
    requirements: ['PKI-13'],
    title:
      'A responder whose answer runs out is asked again; when it says then that the certificate was revoked, the stream is ended by reset.',
    ...{ role: 'receiving', phase: 'authenticated', certificate: 'asked', responds: 'good, for seconds' },
    steps: [
      { say: CHAT },
      { coreHears: { name: 'message', attributes: { id: '{id}' } } },
      // Some seconds after its start the gateway looks at all streams anew, whatever was said of them.
      { silence: 15_000, at: 'peer' },
      { responds: 'revoked' },
      { hear: { kind: 'stream-error', condition: 'reset' }, withinMs: 90_000 },
    ],
  },
]

/** The gateway asks for a staple; the certificate itself names nobody who could be asked. */
const stapledBy = (stapled: Responds): Pick<TestCase, 'stapled'> & { readonly as: string } => ({
  ...{ stapled, as: `-stapled${asId(stapled)}` },
})

const ours = (version: 'TLSv1.2' | 'TLSv1.3'): TestCase => ({
  id: `TLS-16/sent-${version}`,
  requirements: ['TLS-16'],
  title: `A peer that asks for it is sent what a responder says of the certificate of the gateway. (${version})`,
  ...{ role: 'receiving', phase: 'opened' },
  steps: [
    { say: STARTTLS },
    { hear: { kind: 'element', like: { name: 'proceed' } } },
    { tls: version, staple: true },
    { staples: true },
  ],
})

const STAPLES: readonly TestCase[] = [
  ours('TLSv1.2'),
  ours('TLSv1.3'),
  trusted(['below-no-list', 'that is stapled as good', ['TLS-16']], stapledBy('good')),
  trusted(['below-no-list', 'that is stapled as good by a delegate of its CA', ['TLS-16']], {
    ...stapledBy('good, by a delegate'),
  }),
  toldNothing(['below-no-list', 'that is stapled as revoked', ['TLS-16']], stapledBy('revoked')),
  ...(
    [
      ['good, out of date', 'with a staple that is out of date'],
      ['good, of another certificate', 'with a staple of another one'],
      ['good, by another CA', 'with a staple of another CA'],
      ['good, by somebody not certified for it', 'with a staple of somebody who has no certificate for that'],
    ] as const
  ).map(([stapled, words]) =>
    toldNothing(['below-no-list', words, ['TLS-16']], { ...stapledBy(stapled), profiles: HARD }),
  ),
  {
    ...{ id: 'TLS-16/spares-the-question', requirements: ['TLS-16'], role: 'initiating', phase: 'opened' },
    title: 'Where a staple says that the certificate is good, its responder is not asked.',
    ...{ certificate: 'asked', stapled: 'good' },
    steps: [
      { hear: { kind: 'element', like: { name: 'starttls' } } },
      { say: PROCEED },
      { tls: 'TLSv1.3' },
      { hear: { kind: 'header' } },
      { asks: 'responder', times: 0 },
    ],
  },
]

/** The operator says who is asked, whatever certificates say. */
const OVERRIDDEN = { own: true, settings: { trust: { responder: '{responder}' } } } as const
const BY_OPERATOR: readonly TestCase[] = [
  proves(['asked-nowhere', 'whose responder is nobody, where `trust.responder` names another', ['PKI-15']], {
    ...{ as: '-operator', ...OVERRIDDEN },
  }),
  provesNothing(['asked-nowhere', 'that the responder of `trust.responder` says is revoked', ['PKI-15']], {
    ...{ as: '-operator-revoked', responds: 'revoked', ...OVERRIDDEN },
  }),
  provesNothing(['asked-nowhere', 'whose responder is nobody', ['PKI-15']], { as: '-unanswered', profiles: HARD }),
]

export const REVOCATION: readonly TestCase[] = [
  ...[...BY_RESPONDER, ...BY_OPERATOR, ...BY_LISTS],
  ...[...REMEMBERED, ...STAPLES],
]
