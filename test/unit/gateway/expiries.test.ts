// The end of certificates is told at its steps, once for each, whoever they belong to.

import { deepEqual, equal, match } from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Expiries, type ExpiriesOptions } from '../../../src/gateway/expiries.ts'
import type { EndingFacts, RotationFacts } from '../../../src/observe/certificate-events.ts'
import { readCertificate } from '../../../src/trust/certificate.ts'
import type { Rotation } from '../../../src/trust/minting-ca.ts'
import { endingOf } from '../../../src/trust/expiry.ts'
import { type Issued, issue, makeCa } from '../../support/pki.ts'

const DAY = 86_400_000
const START = Date.now()
const PARTNERS = new Set(['partner.test', 'other.test'])

let ours: Issued
let renewed: Issued
let theirs: Issued
let all: Expiries
let now = START
const told: EndingFacts[] = []
const rotations: RotationFacts[] = []
const streams: ReturnType<ExpiriesOptions['streams']> extends Iterable<infer S> ? S[] : never = []
let own: Issued[]

const certificate = ({ der }: Issued) => {
  const read = readCertificate(der)
  if (typeof read === 'string') throw new Error(read)
  return read
}

const ends = (days: number): { notBefore: Date; notAfter: Date } => ({
  notBefore: new Date(START - 300 * DAY),
  notAfter: new Date(START + days * DAY),
})

/** A stream of a partner, who showed this. */
function show(remote: string, shown: Issued, method: 'certificate' | 'dialback' = 'certificate'): void {
  const info = { leg: 'partner', chain: shown.chain }
  const stream = { info, proven: [{ pair: { local: 'corp.test', remote }, method }] }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a stream as is looked at
  streams.push(stream as unknown as (typeof streams)[number])
}

const steps = (): readonly string[] => told.splice(0).map(({ whose, name, step }) => `${whose} ${name} ${step}`)

before(async () => {
  const ca = await makeCa()
  const intermediate = await makeCa({ ca, commonName: 'Below', ...ends(20) })
  ours = await issue({ ca, names: ['corp.test'], ...ends(40) })
  renewed = await issue({ ca, names: ['corp.test'], ...ends(400) })
  theirs = await issue({ ca: intermediate, names: ['partner.test'], ...ends(90) })
  own = [ours]
  let rotation: Rotation | undefined = { phase: 'begun', file: 'ca.pem', signsFrom: START }
  const house = {
    partners: { find: (domain: string) => (PARTNERS.has(domain) ? { domain } : undefined) },
    coreEndings: [{ ...endingOf(certificate(await makeCa(ends(50)))), file: 'core.pem' }],
  }
  all = new Expiries({
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a house as is asked
    house: () => house as unknown as ReturnType<ExpiriesOptions['house']>,
    streams: () => streams,
    own: () => ({
      chains: () => [
        {
          domain: 'corp.test',
          chains: own.map((one) => ({ certFile: 'x.pem', chain: [certificate(one)], issuer: undefined })),
        },
      ],
    }),
    authorities: () => [
      {
        whose: 'users-ca',
        ca: {
          endings: [],
          findings: () => [],
          tend: () => Promise.resolve(rotation).finally(() => (rotation = undefined)),
        },
      },
    ],
    now: () => now,
    events: {
      certificateEnding: (facts) => told.push(facts),
      caRotates: (facts) => rotations.push(facts),
    },
  })
})
after(() => all[Symbol.dispose]())

test('nothing is told while all ends are far; the internal CA is tended', async () => {
  await all.look()
  deepEqual(steps(), [])
  deepEqual(
    rotations.map(({ phase }) => phase),
    ['begun'],
  )
})

test('each step is told once, and the next one when it comes', async () => {
  now = START + 11 * DAY
  for (const _ of [1, 2, 3]) await all.look()
  deepEqual(steps(), ['own corp.test 30'])
  now = START + 34 * DAY
  await all.look()
  deepEqual(steps(), ['own corp.test 7', 'core core.pem 30'])
  match(all.findings()[0]?.message ?? '', /expires at .*, in 16 days; put the new one there/)
  own = [renewed]
  await all.look()
  deepEqual(steps(), [], 'a renewed one begins anew')
})

test('of a partner counts what it showed last, its CA included, and only where it proved anything', async () => {
  now = START
  show('other.test', theirs, 'dialback')
  show('stranger.test', theirs)
  show('partner.test', theirs)
  await all.look()
  deepEqual(steps(), ['partner partner.test 30'], 'the CA ends in 20 days')
  streams.length = 0
  now = START + 19.5 * DAY
  await all.look()
  deepEqual(
    steps().filter((one) => one.startsWith('partner')),
    ['partner partner.test 1'],
    'no stream need be up for it',
  )
  const finding = all.findings().find(({ path }) => path === 'partner.test')
  match(
    `${finding?.file} ${finding?.message}`,
    /partners\/partner\.test\.yaml .*CN=Below expires at .*; remind the partner/,
  )
  const newer = { notBefore: new Date(START), notAfter: new Date(START + 365 * DAY) }
  show('partner.test', await issue({ names: ['partner.test'], ...newer }))
  show('partner.test', theirs)
  await all.look()
  deepEqual(steps(), [])
  equal(
    all.left().find(({ whose }) => whose === 'partner')?.notAfter,
    Math.floor(newer.notAfter.getTime() / 1000) * 1000,
  )
  PARTNERS.delete('partner.test')
  await all.look()
  equal(
    all.left().some(({ whose }) => whose === 'partner'),
    false,
    'who is no partner any more is forgotten',
  )
})
