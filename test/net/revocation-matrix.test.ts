// Everything that can be said, or not said, about the revocation of a partner's certificate: each case as a real stream in
// both directions, under each mode and each profile, all of them through one gateway with one PKI.
//
// Rule 1: all cases share the gateway, its clock and the servers of the PKI; each has certificates and places of its own in
//         each direction, and bears the names of all columns.
// Rule 2: the gateway is two days ahead, so that answers which OpenSSL made for one day are out of date.

import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openStream } from '../../src/gateway/opening.ts'
import { FEDERATION_PORT } from '../../src/lab/places.ts'
import { DEFAULT_LIMITS } from '../../src/net/limits.ts'
import { Listener } from '../../src/net/listener.ts'
import type { StreamFailure } from '../../src/net/reception.ts'
import type { Partner, ProfileName } from '../../src/policy/partner.ts'
import { readCertificate } from '../../src/trust/certificate.ts'
import type { Identity } from '../../src/trust/identity.ts'
import { ocspRequest } from '../../src/trust/revocation/ocsp.ts'
import { crl, distributionPoints, extension, freshest } from '../support/crl.ts'
import type { CrlOptions } from '../support/crl.ts'
import { Dialog } from '../support/dialog.ts'
import { answerTo, RESPONDER, responders, serveOcsp } from '../support/ocsp.ts'
import type { ResponderOptions } from '../support/ocsp.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder, writeAnchors, writeIdentity } from '../support/pki.ts'
import type { Issued, IssueOptions } from '../support/pki.ts'
import { drips, floods, keepsSilent, Places, redirects, says, sends } from '../support/pki-places.ts'
import type { Act } from '../support/pki-places.ts'
import { ldapUrl, slapd } from '../support/slapd.ts'
import { eventually } from '../support/within.ts'
import { evaluation } from './evaluation.ts'
import { AUTH, header, identityOf, STARTTLS } from './gate.ts'

const HOST = '127.0.67.1'
const PKI = '127.0.67.2'
const PARTNER = '127.0.67.3'
const PORT = 5269
const US = 'corp.example'
const DAY = 86_400_000
/** Cases that are under way at the same time, beside those that do nothing but wait. */
const AT_ONCE = 4

/** Everything that CNSA asks for, so that under no profile there is anything else to say. */
const STRONG = { key: 'p384', hash: 'SHA-384' } as const

const STRONG_HASH = { hash: STRONG.hash } as const

/** By column: what the partner's entry says. */
const COLUMNS: Readonly<Record<string, Pick<Partner, 'revocation' | 'profile'>>> = {
  off: { revocation: 'off' },
  soft: { revocation: 'soft' },
  hard: { revocation: 'hard' },
  dod: { profile: 'dod' satisfies ProfileName },
  nato: { profile: 'nato' },
}
type Way = 'in' | 'out'

const nextUpdate = new Date(Date.now() + 9 * DAY)
/** The same for OpenSSL. */
const LONG = { days: 9 }

/** Who issues, and where things lie. */
async function makePki(t: TestContext) {
  const places = await Places.open(t, PKI)
  const rootList = distributionPoints(`${places.base}/root.crl`)
  const below = { ...STRONG, ca: await makeCa({ ...STRONG, commonName: 'Root' }), extensions: [rootList] }
  const names = ['CA', 'Fallen CA', 'Brought CA', 'Forgotten CA', 'Modest CA']
  const [ca, fallen, brought, forgotten, modest] = await Promise.all(
    names.map((commonName) => makeCa({ ...below, commonName })),
  )
  assert.ok(ca && fallen && brought && forgotten && modest)
  const root = below.ca
  places.on('/root.crl', listOf({ ca: root, revoked: [fallen] }))
  const stranger = await makeCa({ ...STRONG, commonName: 'Stranger' })
  const folder = await temporaryFolder(t)
  const dropped = join(folder, 'dropped')
  await mkdir(dropped)
  let paths = 0
  let turn: Promise<unknown> = Promise.resolve()
  return {
    ...{ root, ca, fallen, brought, forgotten, modest, stranger, places, folder, dropped },
    /** What the servers that run later are to know. */
    served: { good: [] as Issued[], revoked: [] as Issued[] },
    listed: { directory: [] as Issued[], brought: [] as Issued[] },
    /** A place of its own. */
    place: (act: Act): string => places.on(`/${++paths}`, act),
    /** A place whose act is known once the certificate that names it is. */
    later(): { readonly url: string; readonly acts: (act: Act) => void } {
      const path = `/${++paths}`
      return { url: places.base + path, acts: (act) => void places.on(path, act) }
    },
    /** What OpenSSL's responder says of a certificate. One at a time, for it works with files of fixed names. */
    async says(leaf: Issued, o: Omit<ResponderOptions, 'ca'>): Promise<Buffer> {
      const [certificate, issuer] = [leaf, ca].map(({ der }) => readCertificate(der))
      assert.ok(typeof certificate === 'object' && typeof issuer === 'object')
      const request = ocspRequest({ certificate, issuer }) ?? assert.fail()
      const answer = turn.then(() => answerTo(folder, request, { ca, ...LONG, ...STRONG_HASH, ...o }))
      turn = answer
      return answer
    },
  }
}

type Pki = Awaited<ReturnType<typeof makePki>>

const listOf = (o: CrlOptions): Act => sends(() => crl({ nextUpdate, ...STRONG_HASH, ...o }))

/** What is shown: the leaf, and what is stapled to it. */
interface Shown {
  readonly leaf: Issued
  readonly staple?: Buffer
}

interface Case {
  readonly what: string
  /** What comes of it: `admitted`, or the reason why not. */
  readonly soft: string
  readonly hard: string
  /** Where a profile says more. */
  readonly dod?: string
  readonly nato?: string
  /** Somebody keeps us waiting. */
  readonly slow?: true
  /** Only servers staple. */
  readonly ways?: readonly Way[]
  /** @param bear issues the leaf of the case */
  make(pki: Pki, bear: (o?: IssueOptions) => Promise<Issued>): Promise<Shown>
}

/** It listens on every address, and other files have one too. */
const OPENSSL_PORT = 2561
const OPENSSL = `http://${PKI}:${OPENSSL_PORT}/`

const ocsp = (what: string, soft: string, hard: string, act: (pki: Pki, leaf: Issued) => Act | Promise<Act>): Case => ({
  ...{ what: `OCSP: ${what}`, soft, hard },
  async make(pki, bear) {
    const { url, acts } = pki.later()
    const leaf = await bear({ extensions: [responders(url)] })
    acts(await act(pki, leaf))
    return { leaf }
  },
})

const listed = (what: string, soft: string, hard: string, act: (pki: Pki, leaf: Issued) => Act): Case => ({
  ...{ what: `CRL: ${what}`, soft, hard },
  async make(pki, bear) {
    const { url, acts } = pki.later()
    const leaf = await bear({ extensions: [distributionPoints(url)] })
    acts(act(pki, leaf))
    return { leaf }
  },
})

const naming = (what: string, soft: string, hard: string, o: (pki: Pki) => IssueOptions): Case => ({
  ...{ what, soft, hard },
  make: async (pki, bear) => ({ leaf: await bear(o(pki)) }),
})

const served = (what: string, soft: string, hard: string, knows: (pki: Pki, leaf: Issued) => void): Case => ({
  ...{ what: `OpenSSL's responder: ${what}`, soft, hard },
  async make(pki, bear) {
    const leaf = await bear({ extensions: [responders(OPENSSL)] })
    knows(pki, leaf)
    return { leaf }
  },
})

const stapled = (
  what: string,
  soft: string,
  hard: string,
  staple: (pki: Pki, leaf: Issued) => Promise<Buffer>,
  act: (pki: Pki, leaf: Issued) => Act | Promise<Act> = () => says(500),
): Case => ({
  ...{ what: `stapled: ${what}`, soft, hard, ways: ['out'] },
  async make(pki, bear) {
    const { url, acts } = pki.later()
    const leaf = await bear({ extensions: [responders(url)] })
    acts(await act(pki, leaf))
    return { leaf, staple: await staple(pki, leaf) }
  },
})

const answers = async (pki: Pki, leaf: Issued, o: Omit<ResponderOptions, 'ca'>): Promise<Act> => {
  const answer = await pki.says(leaf, o)
  return sends(() => answer)
}

/** Headers that never end. */
const headers: Act = ({ socket }) => {
  if (!socket) return
  const line = `x-${'y'.repeat(1000)}: z\r\n`
  const more = (): void => {
    for (let room = true; room && !socket.destroyed;) room = socket.write(line)
  }
  socket.on('error', () => {}).on('drain', more)
  socket.write('HTTP/1.1 200 OK\r\n')
  more()
}

/** A small body that says it unpacks to a large one. */
const bomb: Act = (response) =>
  void response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(32 * 2 ** 20)))

/** Signed well enough for `standard`, and too weakly for a stricter profile. */
const below = (one: Case, weak: Pick<Case, 'dod' | 'nato'> = { dod: 'SP-323' }): Case => ({ ...one, ...weak })

const slow = (one: Case): Case => ({ ...one, slow: true })

const CASES: readonly Case[] = [
  slow(ocsp('silent', 'admitted', 'SP-344', () => keepsSilent)),
  slow(ocsp('dripping', 'admitted', 'SP-344', () => drips)),
  slow(listed('silent', 'admitted', 'SP-344', () => keepsSilent)),
  slow(listed('dripping', 'admitted', 'SP-344', () => drips)),
  naming('a responder that is silent, and a CRL', 'admitted', 'admitted', ({ ca, place }) => ({
    extensions: [responders(place(keepsSilent)), distributionPoints(place(listOf({ ca })))],
  })),
  {
    ...{ what: 'a responder that is silent, and a CRL that has it', soft: 'SP-332', hard: 'SP-332' },
    async make(pki, bear) {
      const { url, acts } = pki.later()
      const leaf = await bear({ extensions: [responders(pki.place(keepsSilent)), distributionPoints(url)] })
      acts(listOf({ ca: pki.ca, revoked: [leaf] }))
      return { leaf }
    },
  },
  served('good', 'admitted', 'admitted', (pki, leaf) => pki.served.good.push(leaf)),
  served('revoked', 'SP-332', 'SP-332', (pki, leaf) => pki.served.revoked.push(leaf)),
  served('unknown', 'admitted', 'SP-335', () => {}),
  ocsp('out of date', 'admitted', 'SP-336', (pki, leaf) => answers(pki, leaf, { good: [leaf], days: 1 })),
  ocsp('out of date, and revoked', 'admitted', 'SP-336', (pki, leaf) =>
    answers(pki, leaf, { revoked: [leaf], days: 1 }),
  ),
  ocsp('wrong signer', 'admitted', 'SP-337', (pki, leaf) => answers(pki, leaf, { good: [leaf], signer: pki.stranger })),
  ocsp('of another certificate', 'admitted', 'SP-338', (pki) => answers(pki, pki.brought, { good: [pki.brought] })),
  ocsp('garbage', 'admitted', 'SP-338', () => sends(() => Buffer.from('<html>'))),
  ocsp('packed', 'admitted', 'SP-338', () => bomb),
  ocsp('an error', 'admitted', 'SP-343', () => says(500)),
  ocsp('headers without end', 'admitted', 'SP-343', () => headers),
  ocsp('flooding', 'admitted', 'SP-345', () => floods),
  ocsp('redirecting without end', 'admitted', 'SP-346', ({ place }) => {
    let hops = 0
    const on: Act = (response) => redirects(place(on))(response, Buffer.of(++hops))
    return on
  }),
  ocsp('redirecting to a file', 'admitted', 'SP-346', () => redirects('file:///etc/passwd')),
  ocsp('redirecting inside', 'admitted', 'SP-346', () => redirects(`http://${HOST}:5222/`)),
  ocsp('redirecting to the machine itself', 'admitted', 'SP-346', () => redirects('http://localhost:8443/metrics')),
  ocsp('redirecting to a good answer', 'admitted', 'admitted', async (pki, leaf) =>
    redirects(pki.place(await answers(pki, leaf, { good: [leaf] }))),
  ),
  naming('OCSP: nobody there', 'admitted', 'SP-343', () => ({ extensions: [responders(`http://${PKI}:1/`)] })),
  naming('OCSP: a place inside', 'admitted', 'SP-346', () => ({ extensions: [responders(`http://${HOST}:1/`)] })),
  naming('OCSP: a place inside, written otherwise', 'admitted', 'SP-346', () => ({
    extensions: [responders('http://[::ffff:7f00:4301]/')],
  })),
  listed('good', 'admitted', 'admitted', ({ ca }) => listOf({ ca })),
  listed('revoked', 'SP-332', 'SP-332', ({ ca }, leaf) => listOf({ ca, revoked: [leaf] })),
  listed('out of date', 'admitted', 'SP-339', ({ ca }) => listOf({ ca, nextUpdate: new Date(Date.now() + DAY) })),
  listed('wrong signer', 'admitted', 'SP-340', ({ ca, stranger }) => listOf({ ca, signer: stranger })),
  listed('garbage', 'admitted', 'SP-341', () => sends(() => Buffer.from('<html>'))),
  listed('packed', 'admitted', 'SP-341', () => bomb),
  listed('too large', 'admitted', 'SP-345', () => (response) => {
    response.writeHead(200, { 'content-length': 2 ** 24 }).write('0')
  }),
  listed('a delta alone', 'admitted', 'SP-342', ({ ca }) => listOf({ ca, number: 2, base: 1 })),
  listed('a delta beside the one it goes with', 'SP-332', 'SP-332', ({ ca, place }, leaf) =>
    listOf({
      ...{ ca, number: 1 },
      extensions: [freshest(place(listOf({ ca, revoked: [leaf], number: 2, base: 1 })))],
    }),
  ),
  listed('indirect', 'admitted', 'SP-342', ({ ca }) => listOf({ ca, scope: [Buffer.of(0x84, 1, 0xff)] })),
  listed('critical and not understood', 'admitted', 'SP-342', ({ ca }) =>
    listOf({ ca, extensions: [extension('1.2.3.4', Buffer.of(5, 0), true)] }),
  ),
  naming('CRL: by https', 'admitted', 'SP-334', () => ({ extensions: [distributionPoints(`https://${PKI}/x.crl`)] })),
  naming('CRL: a thousand places', 'admitted', 'SP-343', ({ places }) => ({
    extensions: [distributionPoints(...Array.from({ length: 1000 }, (_, i) => `${places.base}/nothing/${i}`))],
  })),
  naming('LDAP: good', 'admitted', 'admitted', () => ({ extensions: [distributionPoints(ldapUrl(PKI))] })),
  {
    ...{ what: 'LDAP: revoked', soft: 'SP-332', hard: 'SP-332' },
    async make(pki, bear) {
      const leaf = await bear({ extensions: [distributionPoints(ldapUrl(PKI))] })
      pki.listed.directory.push(leaf)
      return { leaf }
    },
  },
  naming('LDAP: no such entry', 'admitted', 'SP-343', () => ({
    extensions: [distributionPoints(ldapUrl(PKI).replace('CA', 'nobody'))],
  })),
  naming('LDAP: nobody there', 'admitted', 'SP-343', () => ({
    extensions: [distributionPoints(ldapUrl(PKI).replace('3890', '1'))],
  })),
  naming('LDAP: a place inside', 'admitted', 'SP-346', () => ({ extensions: [distributionPoints(ldapUrl(HOST))] })),
  naming('brought by hand: good', 'admitted', 'admitted', ({ brought }) => ({ ca: brought })),
  {
    ...{ what: 'brought by hand: revoked', soft: 'SP-332', hard: 'SP-332' },
    async make(pki, bear) {
      const leaf = await bear({ ca: pki.brought })
      pki.listed.brought.push(leaf)
      return { leaf }
    },
  },
  naming('brought by hand: out of date', 'admitted', 'SP-339', ({ forgotten }) => ({ ca: forgotten })),
  naming('a CA above it was revoked', 'SP-333', 'SP-333', ({ fallen, place }) => ({
    ca: fallen,
    extensions: [distributionPoints(place(listOf({ ca: fallen })))],
  })),
  naming('a CA above it was revoked, and nothing is known of itself', 'SP-333', 'SP-333', ({ fallen }) => ({
    ca: fallen,
  })),
  naming('a responder that is down, and a CRL', 'admitted', 'admitted', ({ ca, place }) => ({
    extensions: [responders(`http://${PKI}:1/`), distributionPoints(place(listOf({ ca })))],
  })),
  naming('nothing to ask', 'admitted', 'SP-334', () => ({})),
  stapled('good, and nobody else knows', 'admitted', 'admitted', (pki, leaf) => pki.says(leaf, { good: [leaf] })),
  stapled('revoked', 'SP-332', 'SP-332', (pki, leaf) => pki.says(leaf, { revoked: [leaf] })),
  stapled('unknown', 'admitted', 'SP-335', (pki, leaf) => pki.says(leaf, {})),
  stapled('wrong signer', 'admitted', 'SP-337', (pki, leaf) => pki.says(leaf, { good: [leaf], signer: pki.stranger })),
  stapled(
    'wrong signer, and the responder says revoked',
    'SP-332',
    'SP-332',
    (pki, leaf) => pki.says(leaf, { good: [leaf], signer: pki.stranger }),
    (pki, leaf) => answers(pki, leaf, { revoked: [leaf] }),
  ),
  stapled('out of date', 'admitted', 'SP-336', (pki, leaf) => pki.says(leaf, { good: [leaf], days: 1 })),
  stapled('garbage', 'admitted', 'SP-338', () => Promise.resolve(Buffer.from('<html>'))),
  ocsp('signed with SHA-1', 'admitted', 'SP-323', (pki, leaf) => answers(pki, leaf, { good: [leaf], hash: 'SHA-1' })),
  below(
    ocsp('signed with SHA-256', 'admitted', 'admitted', (pki, leaf) =>
      answers(pki, leaf, { good: [leaf], hash: 'SHA-256' }),
    ),
  ),
  below(
    ocsp('signed by a responder with a key on P-256', 'admitted', 'admitted', async (pki, leaf) =>
      answers(pki, leaf, { good: [leaf], signer: await issue({ hash: 'SHA-384', ca: pki.ca, ekus: RESPONDER }) }),
    ),
  ),
  ocsp('signed with SHA-256, and says revoked', 'SP-332', 'SP-332', (pki, leaf) =>
    answers(pki, leaf, { revoked: [leaf], hash: 'SHA-256' }),
  ),
  listed('signed with SHA-1', 'admitted', 'SP-323', ({ ca }) => listOf({ ca, hash: 'SHA-1' })),
  below(listed('signed with SHA-256', 'admitted', 'admitted', ({ ca }) => listOf({ ca, hash: 'SHA-256' }))),
  below(
    listed('signed with SHA-512', 'admitted', 'admitted', ({ ca }) => listOf({ ca, hash: 'SHA-512' })),
    { dod: 'SP-323', nato: 'SP-323' },
  ),
  below(naming('brought by hand: signed with SHA-256', 'admitted', 'admitted', ({ modest }) => ({ ca: modest }))),
  stapled('signed with SHA-1', 'admitted', 'SP-323', (pki, leaf) => pki.says(leaf, { good: [leaf], hash: 'SHA-1' })),
  below(
    stapled('signed with SHA-256', 'admitted', 'admitted', (pki, leaf) =>
      pki.says(leaf, { good: [leaf], hash: 'SHA-256' }),
    ),
  ),
]

/** A case in one direction, ready to be met: by column, the domain under which. */
interface Staged extends Shown {
  readonly one: Case
  readonly way: Way
  readonly domains: ReadonlyMap<string, string>
}

async function stage(pki: Pki): Promise<readonly Staged[]> {
  return Promise.all(
    (['in', 'out'] as const).flatMap((way) =>
      CASES.filter(({ ways }) => ways?.includes(way) ?? true).map(async (one, i) => {
        const domains = new Map(Object.keys(COLUMNS).map((column) => [column, `${way}-${i}-${column}.example`]))
        const names = [...domains.values()]
        const shown = await one.make(pki, (o) => issue({ ...STRONG, ca: pki.ca, names, ...o }))
        return { ...shown, one, way, domains }
      }),
    ),
  )
}

/** What runs once it is known what is to be said. */
async function serve(t: TestContext, pki: Pki): Promise<void> {
  const { ca, served: known, listed: lists, brought, forgotten, modest, dropped } = pki
  const past = new Date(Date.now() + DAY)
  await writeFile(
    join(dropped, 'brought.crl'),
    crl({ ca: brought, nextUpdate, ...STRONG_HASH, revoked: lists.brought }),
  )
  await writeFile(join(dropped, 'forgotten.crl'), crl({ ca: forgotten, nextUpdate: past }))
  await writeFile(join(dropped, 'modest.crl'), crl({ ca: modest, nextUpdate, hash: 'SHA-256' }))
  const signer = await issue({ ...STRONG, ca, commonName: 'Responder', ekus: RESPONDER })
  await serveOcsp(t, await temporaryFolder(t), PKI, { ca, signer, ...LONG, ...STRONG_HASH, ...known }, OPENSSL_PORT)
  await slapd(t, await temporaryFolder(t), PKI, crl({ ca, nextUpdate, ...STRONG_HASH, revoked: lists.directory }))
}

/** The servers of all partners: each domain with its certificate, and its staple. */
async function servePartners(t: TestContext, staged: readonly Staged[]): Promise<void> {
  const identities = new Map<string, Identity>()
  for (const { leaf, staple, domains } of staged) {
    const identity = identityOf(leaf)
    if (staple) identity.staples[0]?.put(staple, Infinity)
    for (const domain of domains.values()) identities.set(domain, identity)
  }
  const certificate = identities.values().next().value?.certificate ?? assert.fail()
  const listener = await Listener.open({
    name: 'partners',
    host: PARTNER,
    port: PORT,
    limits: () => DEFAULT_LIMITS,
    reception: {
      rules: () => ({ opens: () => undefined, admits: () => undefined }),
      leg: () => 'partner',
      identity: ({ local }) => Promise.resolve(identities.get(local) ?? assert.fail(local)),
      verify: () => Promise.resolve({ proven: true, certificate, anchor: 'a test' }),
      ready: () => ({ frame() {}, drained() {}, closed() {} }),
      failed() {},
      reference: () => 'partner',
    },
  })
  t.after(() => listener[Symbol.asyncDispose]())
}

async function lab(t: TestContext) {
  const pki = await makePki(t)
  const staged = await stage(pki)
  await serve(t, pki)
  await servePartners(
    t,
    staged.filter(({ way }) => way === 'out'),
  )
  const world = await evaluation(t, HOST, (settings) => {
    const trust = { ...settings.trust, revocation: 'off', fetchFrom: [`${PKI}/32`], crls: pki.dropped } as const
    const times = { revocationMs: 5000, revocationWaitMs: 3000, closeMs: 100, drainMs: 100 }
    const limits = { ...settings.limits, ...times, connections: 1000, connectionsPerAddress: 1000 }
    return { ...settings, trust, limits, evaluation: false }
  })
  const { gateway } = world
  const model = world.partners.find(({ domain }) => domain === 'aurora.example') ?? assert.fail()
  const anchors = [await writeAnchors(join(world.root, 'root.pem'), pki.root)]
  const connect = [{ host: PARTNER, port: PORT, tls: 'starttls' }] as const
  const entries = staged.flatMap(({ domains }) =>
    Array.from(domains, ([column, domain]) => ({ ...model, domain, anchors, connect, ...COLUMNS[column] })),
  )
  gateway.apply(await world.build([...world.partners, ...entries]))
  world.later(2 * DAY)
  // Ours is shown to whoever is called; that of an evaluation is below CNSA.
  const ours = await issue({ ...STRONG, ca: pki.ca, names: [US] })
  await writeIdentity(join(world.root, 'certs', US), ours)
  await world.own.reload()

  /** The partner opens a stream to us. */
  const knock = async (from: string, leaf: Issued): Promise<string> => {
    const dialog = await Dialog.open({ host: HOST, port: FEDERATION_PORT })
    await using _ = dialog
    await dialog.say(header({ from, to: US })).expect(/<\/(?:stream:)?features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ certificate: leaf, servername: US })
    const [answer] = await dialog
      .say(header({ from, to: US }))
      .expect(/<mechanism>EXTERNAL<\/mechanism>|<\/(?:stream:)?stream>/, 20_000)
    if (!answer.includes('EXTERNAL')) {
      const isTold = ({ pair }: StreamFailure): boolean => pair?.remote === from
      const failures = () => world.told('failed').map((told) => told.with[0] as StreamFailure)
      return (await eventually('the failure', () => failures().find(isTold))).reason
    }
    await dialog.say(AUTH).expect(/<success/)
    await dialog.say(header({ from, to: US })).expect(/<\/?(?:stream:)?features\/?>/)
    return 'admitted'
  }
  /** We open a stream to the partner. */
  const call = async (remote: string): Promise<string> => {
    const result = await openStream({
      leg: 'partner',
      pair: { local: US, remote },
      house: gateway.house,
      proving: gateway.proving,
      resolver: gateway.lookups.on('partner'),
      reference: 'call',
      signal: AbortSignal.timeout(60_000),
      key: () => assert.fail('no dialback'),
      observer: () => undefined,
      handler: () => ({ frame() {}, drained() {}, closed() {} }),
      bug: (error) => assert.fail(String(error)),
    })
    if (!result.ok) return result.failure.reason
    result.stream.destroy()
    return 'admitted'
  }
  return { ...world, pki, staged, knock, call }
}

suite('what is said of a certificate, and what is not', needsPeer('openssl', 'slapd'), () => {
  test('each case, both ways, by mode and by profile', async (t) => {
    const { staged, knock, call, told } = await lab(t)
    const came = new Map<Staged, Promise<readonly (readonly [string, string])[]>>()
    const meet = async (one: Staged): Promise<void> => {
      const { domains, leaf, way } = one
      const each = Array.from(domains, async ([column, domain]) => {
        return [column, await (way === 'in' ? knock(domain, leaf) : call(domain))] as const
      })
      const all = Promise.all(each)
      came.set(one, all)
      await all.catch(() => {})
    }
    const rest = staged.filter(({ one }) => !one.slow)
    const worker = async (): Promise<void> => {
      for (let next = rest.shift(); next; next = rest.shift()) await meet(next)
    }
    const waiting = staged.filter(({ one }) => one.slow).map(meet)
    await Promise.all([...waiting, ...Array.from({ length: AT_ONCE }, worker)])
    for (const one of staged) {
      const { soft, hard, what, dod = hard, nato = hard } = one.one
      await t.test(`${what} (${one.way})`, async () => {
        const expected = { off: 'admitted', soft, hard, dod, nato }
        assert.deepEqual(Object.fromEntries((await came.get(one)) ?? []), expected)
      })
    }
    assert.deepEqual(told('bug'), [])
  })
})
