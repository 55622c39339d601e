// Certificates of CAs fetched from where certificates say they lie: what completes a chain, and what it may cost.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { readCertificate } from '../../../src/trust/certificate.ts'
import type { Certificate } from '../../../src/trust/certificate.ts'
import { TAG, writeDer, writeOid } from '../../../src/trust/der.ts'
import { writeGeneralName } from '../../../src/trust/general-name.ts'
import type { ExtensionValue } from '../../../src/trust/issue.ts'
import { Issuers, issuerPlaces } from '../../../src/trust/issuers.ts'
import { verifyPeer } from '../../../src/trust/verify.ts'
import { issue, makeCa } from '../../support/pki.ts'
import type { Issued } from '../../support/pki.ts'

const CA_ISSUERS = '1.3.6.1.5.5.7.48.2'
const OCSP = '1.3.6.1.5.5.7.48.1'

/** Authority information access: `[method, url]`. */
const access = (...places: readonly (readonly [string, string])[]): ExtensionValue => ({
  oid: '1.3.6.1.5.5.7.1.1',
  critical: false,
  value: writeDer(
    TAG.sequence,
    ...places.map(([method, value]) =>
      writeDer(TAG.sequence, writeOid(method), writeGeneralName({ kind: 'uri', value })),
    ),
  ),
})

const lies = (...urls: readonly string[]): ExtensionValue => access(...urls.map((url) => [CA_ISSUERS, url] as const))

const bundleOf = (...certificates: readonly Issued[]): Buffer => {
  const data = [writeDer(2, Buffer.of(1)), writeDer(TAG.set), writeDer(TAG.sequence, writeOid('1.2.840.113549.1.7.1'))]
  const list = writeDer(0xa0, ...certificates.map(({ der }) => der))
  const signed = writeDer(TAG.sequence, ...data, list, writeDer(TAG.set))
  return writeDer(TAG.sequence, writeOid('1.2.840.113549.1.7.2'), writeDer(0xa0, signed))
}

let root: Issued
let upper: Issued
let lower: Issued
let leaf: Issued

before(async () => {
  root = await makeCa({ commonName: 'Root' })
  upper = await makeCa({ ca: root, commonName: 'Upper', extensions: [lies('http://pki.test/root')] })
  lower = await makeCa({ ca: upper, commonName: 'Lower', extensions: [lies('http://pki.test/upper')] })
  leaf = await issue({ ca: lower, names: ['partner.test'], extensions: [lies('http://pki.test/lower')] })
})

class Web {
  readonly asked: string[] = []
  readonly issuers = new Issuers(() => this.now)
  now = 0
  readonly #files: Readonly<Record<string, Buffer>>

  constructor(files: Readonly<Record<string, Buffer>>) {
    this.#files = files
  }

  complete(...chain: readonly Issued[]): Promise<boolean> {
    const trusted = anchorsOf([root.der], 'test')
    return this.issuers.complete(chain.map(read), {
      has: (subject) => trusted.bySubject.has(subject),
      obtain: (url) => {
        const file = url.replace('http://pki.test/', '')
        this.asked.push(file)
        return Promise.resolve(this.#files[file])
      },
    })
  }

  said(...chain: readonly Issued[]): string {
    const issuers = (subject: string): readonly Certificate[] => this.issuers.of(subject)
    const trust = { anchors: anchorsOf([root.der], 'test'), pins: [], issuers }
    const sent = chain.map(({ der }) => der)
    const verdict = verifyPeer(sent, { domain: 'partner.test', trust, now: Date.now() })
    return verdict.proven ? 'proven' : verdict.reason
  }
}

function read({ der }: Issued): Certificate {
  const certificate = readCertificate(der)
  assert.ok(typeof certificate === 'object')
  return certificate
}

test('a chain is completed step by step, and nothing is fetched twice', async () => {
  const web = new Web({ lower: lower.der, upper: upper.der, root: root.der })
  assert.equal(web.said(leaf), 'SP-306')
  assert.equal(await web.complete(leaf), true)
  assert.deepEqual(web.asked, ['lower', 'upper'])
  assert.equal(web.said(leaf), 'proven')
  assert.equal(await web.complete(leaf), false)
  assert.equal(web.asked.length, 2)
  web.now = 86_400_001
  assert.equal(await web.complete(leaf), false)
  assert.equal(web.asked.length, 4)
})

test('where an anchor or a certificate that was sent is the issuer, nothing is fetched', async () => {
  const web = new Web({})
  assert.equal(await web.complete(leaf, lower, upper), false)
  assert.deepEqual(web.asked, [])
})

const FORMS: readonly (readonly [form: string, octets: () => Buffer, found: boolean])[] = [
  ['DER', () => lower.der, true],
  ['PEM', () => Buffer.from(`# a CA\n${lower.pem}`), true],
  ['PKCS #7', () => bundleOf(root, lower, upper), true],
  ['a bundle that is cut short', () => bundleOf(lower).subarray(0, -3), false],
  ['another certificate', () => upper.der, false],
  ['HTML', () => Buffer.from('<html>404</html>'), false],
  ['nothing', () => Buffer.alloc(0), false],
]

for (const [form, octets, found] of FORMS)
  test(`what lies there may be ${form}: ${found ? 'taken' : 'left'}`, async () => {
    const web = new Web({ lower: octets() })
    assert.equal(await web.complete(leaf), found)
  })

test('what is no CA, or bears another name, is not kept', async () => {
  const impostor = await issue({ ca: root, commonName: 'Lower' })
  const web = new Web({ lower: bundleOf(impostor, root, upper) })
  assert.equal(await web.complete(leaf), false)
  assert.equal(web.issuers.figures.kept, 0)
})

test('what was fetched vouches for nobody', async () => {
  const stranger = await makeCa({ commonName: 'Stranger' })
  const theirs = await issue({ ca: stranger, names: ['partner.test'], extensions: [lies('http://pki.test/stranger')] })
  const web = new Web({ stranger: stranger.der })
  assert.equal(await web.complete(theirs), true)
  assert.equal(web.said(theirs), 'SP-305')
})

test('a place that had nothing is not asked again for ten minutes', async () => {
  const web = new Web({})
  await web.complete(leaf)
  web.now = 599_999
  await web.complete(leaf)
  assert.equal(web.asked.length, 1)
  web.now = 600_000
  await web.complete(leaf)
  assert.equal(web.asked.length, 2)
})

test('two places of a certificate are asked, and three steps are gone', async () => {
  const many = await issue({
    ca: lower,
    extensions: [lies(...Array.from({ length: 50 }, (_, i) => `http://pki.test/${i}`))],
  })
  const web = new Web({})
  await web.complete(many)
  assert.deepEqual(web.asked, ['0', '1'])
  let ca = root
  const files: Record<string, Buffer> = {}
  for (let i = 0; i < 8; i++) {
    ca = await makeCa({ ca, commonName: `Rung ${i}`, extensions: [lies(`http://pki.test/rung${i - 1}`)] })
    files[`rung${i}`] = ca.der
  }
  const high = new Web(files)
  await high.complete(await issue({ ca, extensions: [lies('http://pki.test/rung7')] }))
  assert.deepEqual(high.asked, ['rung7', 'rung6', 'rung5'])
})

test('one place is asked once, however many wait, and no more than eight at once', async () => {
  const answers: (() => void)[] = []
  const asked: string[] = []
  const issuers = new Issuers(() => 0)
  const how = {
    has: () => false,
    obtain(url: string): Promise<undefined> {
      asked.push(url)
      return new Promise((resolve) => void answers.push(() => resolve(undefined)))
    },
  }
  const one = read(leaf)
  const waiting = Promise.all([issuers.complete([one], how), issuers.complete([one], how)])
  assert.equal(asked.length, 1)
  const others = await Promise.all(
    Array.from({ length: 20 }, (_, i) => issue({ ca: lower, extensions: [lies(`http://pki.test/other${i}`)] })),
  )
  const more = others.map((other) => issuers.complete([read(other)], how))
  assert.equal(asked.length, 8)
  assert.equal(issuers.figures.underWay, 8)
  for (const answer of answers) answer()
  await Promise.all([waiting, ...more])
  assert.equal(issuers.figures.underWay, 0)
})

test('places are http: URLs of issuers, in their order', async () => {
  const places = access(
    [OCSP, 'http://ocsp.test/'],
    [CA_ISSUERS, 'ldap://pki.test/cn=x'],
    [CA_ISSUERS, 'file:///etc/passwd'],
    [CA_ISSUERS, 'HTTP://pki.test/a'],
    [CA_ISSUERS, 'http://pki.test/b'],
  )
  assert.deepEqual(issuerPlaces(read(await issue({ extensions: [places] }))), [
    'HTTP://pki.test/a',
    'http://pki.test/b',
  ])
  const broken = { oid: '1.3.6.1.5.5.7.1.1', critical: false, value: Buffer.from('3003', 'hex') }
  assert.deepEqual(issuerPlaces(read(await issue({ extensions: [broken] }))), [])
  assert.deepEqual(issuerPlaces(read(await issue({}))), [])
})
