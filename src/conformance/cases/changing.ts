// What becomes of streams when something changes in the installation while the gateway runs (PKI-21, TLS-20, STR-15, TLS-05):
// certificates and anchors are taken anew, and domains are given up. RFC 6120 §4.9.3.5, §5.4.2.2

import type { Change, Step, TestCase } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import { CHAT, EXTERNAL, OPENING, STARTTLS, STARTTLS_REQUIRED } from './making.ts'
import { PROVES_ONCE_MORE } from './showing.ts'

/** Anchors are looked at every ten seconds, and nothing tells when they were taken. */
const UNTIL_TAKEN_MS = 15_000
/** Files come to rest before they are read, and where nobody tells of them they are looked at twice a minute. */
const UNTIL_NOTICED_MS = 60_000
/** The ends of certificates are looked at once a minute. */
const UNTIL_LOOKED_MS = 90_000

const alone = (one: Omit<TestCase, 'own' | 'role'>): TestCase => ({ ...one, role: 'receiving', own: true })

const arrives = (id: string): readonly Step[] => [
  { say: CHAT.replace("'{id}'", `'${id}'`) },
  { coreHears: { name: 'message', attributes: { id } } },
]
const OFFERED = { hear: { kind: 'features', with: [EXTERNAL] } } as const

const announced = (as: string, changes: Change, step: string, when: string): TestCase =>
  alone({
    ...{ id: `PKI-21/announced${as}`, requirements: ['PKI-21'], phase: 'authenticated', ip: 4 },
    title: `That a certificate of ours ends ${when} is logged.`,
    steps: [
      { changes },
      { logs: { event: 'certificate.reloaded', domain: '{us}' }, withinMs: UNTIL_NOTICED_MS },
      {
        logs: { event: 'certificate.ending', whose: 'own', domain: '{us}', step, notAfter: true },
        withinMs: UNTIL_LOOKED_MS,
      },
    ],
  })

export const CHANGING: readonly TestCase[] = [
  alone({
    ...{ id: 'PKI-21/certificate', requirements: ['PKI-21'], phase: 'authenticated' },
    title:
      'A new certificate of ours is shown on streams that begin after it, and those that are up go on as if nothing had been.',
    steps: [
      { changes: 'our certificate is another' },
      { logs: { event: 'certificate.reloaded', domain: '{us}' }, withinMs: UNTIL_NOTICED_MS },
      ...arrives('{id}'),
      ...PROVES_ONCE_MORE,
      { showsAnother: true },
      ...arrives('{id}-2'),
    ],
  }),
  alone({
    ...{ id: 'PKI-21/anchor', requirements: ['PKI-21'], phase: 'secured', certificate: 'partner-ca' },
    title:
      'A CA that is trusted from now on counts within 15 seconds: before that its certificates prove nothing, after it they do.',
    steps: [
      { say: OPENING },
      { hear: { kind: 'header' } },
      {
        hearOneOf: [
          { kind: 'features', without: [EXTERNAL] },
          { kind: 'stream-error', condition: 'not-authorized' },
        ],
      },
      { changes: 'a further CA is trusted' },
      { silence: UNTIL_TAKEN_MS, at: 'core' },
      { another: 'secured' },
      { say: OPENING },
      { hear: { kind: 'header' } },
      OFFERED,
    ],
  }),
  alone({
    ...{ id: 'PKI-21/anchor-others', requirements: ['PKI-21'], phase: 'authenticated' },
    title: 'Where a further CA is trusted, streams that are up go on as if nothing had been.',
    steps: [{ changes: 'a further CA is trusted' }, { silence: UNTIL_TAKEN_MS, at: 'peer' }, ...arrives('{id}')],
  }),
  announced('', 'our certificate is for a day', '1', 'within a day'),
  announced('-7', 'our certificate is for a week', '7', 'within a week'),
  announced('-30', 'our certificate is for a month', '30', 'within 30 days'),
  alone({
    ...{ id: 'TLS-20/key-goes', requirements: ['TLS-20'], phase: 'authenticated' },
    title:
      'Where the key goes away while the gateway runs, that is logged as an error, TLS is demanded as before, and shown is what was read.',
    steps: [
      { changes: 'our key is gone' },
      { logs: { event: 'certificate.faulty', domain: '{us}' }, withinMs: UNTIL_NOTICED_MS },
      ...arrives('{id}'),
      { another: 'connected' },
      { say: OPENING },
      { hear: { kind: 'header' } },
      { hear: { kind: 'features', with: [STARTTLS_REQUIRED] } },
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'proceed' } } },
      { tls: 'TLSv1.3' },
      { shows: '{us}' },
    ],
  }),
  alone({
    ...{ id: 'STR-15/host-gone', requirements: ['STR-15', 'STR-13'], phase: 'authenticated', with: 'rooms' },
    title: 'When a domain of ours is given up, streams to it end with host-gone, and so do those that are begun later.',
    steps: [
      { changes: 'our domain is given up' },
      { hear: { kind: 'stream-error', condition: 'host-gone' }, withinMs: UNTIL_NOTICED_MS },
      { another: 'connected' },
      { say: OPENING },
      { hear: { kind: 'stream-error', condition: 'host-gone' } },
    ],
  }),
  alone({
    ...{ id: 'TLS-05/cannot-go-on', requirements: ['TLS-05'], phase: 'opened', with: 'rooms' },
    title:
      'Where the gateway has nothing to show any more when STARTTLS comes, it says so by failure, closes the stream and ends the connection.',
    steps: [
      { changes: 'our domain is given up' },
      { logs: { event: 'config.applied' }, withinMs: UNTIL_NOTICED_MS },
      { say: STARTTLS },
      { hear: { kind: 'element', like: { name: 'failure', ns: NAMESPACES.TLS } } },
      { hear: { kind: 'end' } },
      { hear: { kind: 'closed' } },
    ],
  }),
]
