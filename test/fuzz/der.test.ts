// Certificates, right and broken, read by us and by OpenSSL: whoever reads one must see the same in it, or the signature
// that OpenSSL checks is on something else than what we act on. Then what is fetched from where certificates point to:
// CRLs, answers of responders, certificates of issuers in PKCS #7. `FUZZ_ROUNDS` and `FUZZ_SEED` make it longer or replay it.
//
// Rule 1: we may refuse what OpenSSL reads; what we read, OpenSSL reads and sees alike.
// Rule 2: nothing throws, whatever the bytes: not reading, not judging, not putting it in words.

import assert from 'node:assert/strict'
import { X509Certificate, type KeyObject } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { anchorsOf } from '../../src/trust/anchors.ts'
import { readCertificate } from '../../src/trust/certificate.ts'
import type { Certificate } from '../../src/trust/certificate.ts'
import { chainWords } from '../../src/trust/chain-words.ts'
import { writeOid } from '../../src/trust/der.ts'
import { KEY_USAGE } from '../../src/trust/extensions.ts'
import { certificatesIn, issuerPlaces } from '../../src/trust/issuers.ts'
import { OID_ANY_POLICY } from '../../src/trust/policy-extensions.ts'
import { readPublicKey } from '../../src/trust/public-key.ts'
import { judgeRevocation } from '../../src/trust/revocation/crl-judge.ts'
import { readCrl } from '../../src/trust/revocation/crl.ts'
import { judgeResponse, ocspRequest } from '../../src/trust/revocation/ocsp.ts'
import type { Asked } from '../../src/trust/revocation/ocsp.ts'
import { verifyPeer } from '../../src/trust/verify.ts'
import { STANDARD } from '../../src/trust/demands.ts'
import { answerTo, RESPONDER } from '../support/ocsp.ts'
import { openssl as program } from '../support/openssl.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder } from '../support/pki.ts'
import { mutate, seeded } from './der-mutations.ts'

const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 6000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 1)
const SUITE = join(import.meta.dirname, '../cases/pkits')
const PKITS = join(SUITE, 'certs')
const NOW = Date.UTC(2026, 0, 1)

const CRL_POINTS = writeOid('2.5.29.31')

const corpus: Buffer[] = readdirSync(PKITS).map((file) => readFileSync(join(PKITS, file)))
const trust = {
  anchors: anchorsOf([readFileSync(join(PKITS, 'TrustAnchorRootCertificate.crt'))], 'PKITS'),
  pins: [],
  demands: { ...STANDARD, policies: [OID_ANY_POLICY] },
}

before(async () => {
  const ca = await makeCa({
    excluded: ['corp.test', 'IP:c0000200ffffff00'],
    permitted: ['EMAIL:.a.test'],
    pathLength: 1,
  })
  const names = [
    'a.test',
    '*.a.test',
    'SRV:_xmpp-server.a.test',
    'XMPP:a.test',
    '192.0.2.1',
    'EMAIL:x@a.test',
    'URI:xmpp://a.test',
  ]
  const leaves = await Promise.all(
    (['p256', 'rsa2048', 'ed25519'] as const).map((key) =>
      issue({ ca, names, key, ekus: ['serverAuth', '2.5.29.37.0'] }),
    ),
  )
  // As many as the others together, so that our own kinds of name are met as often.
  for (let i = 0; i < 100; i++) corpus.push(ca.der, ...leaves.map(({ der }) => der))
})

function openssl(der: Buffer): X509Certificate | undefined {
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

/** DNS names as OpenSSL lists them; undefined where its list is quoted or cannot be told apart. */
function dnsNames({ subjectAltName }: X509Certificate): readonly string[] | undefined {
  if (subjectAltName === undefined) return []
  if (subjectAltName.includes('"')) return undefined
  return subjectAltName.split(', ').flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4)] : []))
}

/** The key as OpenSSL hands it out; undefined where it does not. */
function keyIn(certificate: X509Certificate): KeyObject | undefined {
  try {
    return certificate.publicKey
  } catch {
    return undefined
  }
}

/** What both must see alike. */
function compare(ours: Certificate, theirs: X509Certificate): void {
  assert.equal(ours.notAfter, theirs.validToDate.getTime())
  assert.equal(ours.notBefore, theirs.validFromDate.getTime())
  const { basicConstraints, extendedKeyUsage, keyUsage = KEY_USAGE.keyCertSign, names } = ours.extensions
  const ca = basicConstraints?.ca === true && (keyUsage & KEY_USAGE.keyCertSign) !== 0
  // OpenSSL takes a self-signed one before version 3 for a CA; and it says no where a CRL distribution point does not
  // read, which we leave to who asks for it.
  if (ours.version >= 3 && !ours.raw.includes(CRL_POINTS)) assert.equal(ca, theirs.ca)
  const usages = theirs.keyUsage as readonly string[] | undefined // The extended one, whatever Node calls it.
  assert.deepEqual(extendedKeyUsage, usages)
  const key = keyIn(theirs)
  if (key) {
    const { modulusLength = 0, namedCurve = 'unnamed', publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
    const { type, bits, curve, exponent } = readPublicKey(ours)
    assert.deepEqual([type, bits, curve, exponent], [key.asymmetricKeyType, modulusLength, namedCurve, publicExponent])
  }
  const seen = dnsNames(theirs)
  if (seen)
    assert.deepEqual(
      names.flatMap((name) => (name.kind === 'dns' ? [name.value] : [])),
      seen,
    )
}

test(`broken certificates are seen alike by us and by OpenSSL (seed ${SEED})`, () => {
  const random = seeded(SEED)
  const pick = (): Buffer => corpus[random(corpus.length)]!
  const count = { both: 0, neither: 0, openssl: 0, judged: new Set<string>() }
  for (let round = 0; round < ROUNDS; round++) {
    const der = mutate(pick(), pick(), random)
    const ours = readCertificate(der)
    const theirs = openssl(der)
    if (typeof ours === 'string') count[theirs ? 'openssl' : 'neither']++
    else {
      assert.ok(theirs, `OpenSSL does not read ${der.toString('hex')}`)
      count.both++
      try {
        compare(ours, theirs)
      } catch (cause) {
        throw new Error(`seen otherwise: ${der.toString('hex')}`, { cause })
      }
    }
    // As leaf, and as what stands above one.
    const chain = random(2) === 0 ? [der, pick(), pick()] : [pick(), der, pick()]
    const verdict = verifyPeer(chain, { domain: 'a.test', trust, now: NOW })
    count.judged.add(verdict.proven ? 'proven' : verdict.reason)
    assert.ok(chainWords(chain, 'a.test').certificates.length <= 3)
  }
  // Below a tenth, it would no longer be our reading that is tested.
  assert.ok(count.both > ROUNDS / 10 && count.openssl > ROUNDS / 20, JSON.stringify(count))
  assert.ok(count.judged.size > 6, [...count.judged].join(' '))
  assert.ok(!count.judged.has('proven'))
})

/** What responders say of a certificate, and what a CA hands out. */
async function published(
  folder: string,
): Promise<{ readonly asked: Asked; readonly answers: readonly Buffer[]; readonly bag: Buffer }> {
  const ca = await makeCa()
  const [leaf, signer] = [await issue({ ca, names: ['a.test'] }), await issue({ ca, ekus: RESPONDER })]
  const [certificate, issuer] = [leaf.der, ca.der].map(readCertificate)
  assert.ok(typeof certificate === 'object' && typeof issuer === 'object')
  const asked = { certificate, issuer }
  const request = ocspRequest(asked) ?? assert.fail()
  const answers: Buffer[] = []
  for (const more of [{ good: [leaf] }, { good: [leaf], signer }, { revoked: [leaf], days: 0 }, { bare: true }])
    answers.push(await answerTo(folder, request, { ca, ...more }))
  await writeFile(join(folder, 'chain.pem'), leaf.pem + ca.pem)
  await program(folder, ['crl2pkcs7', '-nocrl', '-certfile', 'chain.pem', '-outform', 'DER', '-out', 'bag.p7b'])
  return { asked, answers, bag: await readFile(join(folder, 'bag.p7b')) }
}

test(`broken CRLs, answers and bags throw nothing (seed ${SEED})`, needsPeer('openssl'), async (t) => {
  const random = seeded(SEED)
  const from = <T>(all: readonly T[]): T => all[random(all.length)]!
  const { asked, answers, bag } = await published(await temporaryFolder(t))
  const crls = readdirSync(join(SUITE, 'crls')).map((file) => readFileSync(join(SUITE, 'crls', file)))
  const certificates = corpus.map(readCertificate).filter((one) => typeof one !== 'string')
  const count = { read: 0, found: 0, said: new Set<string>(), answered: new Set<string>() }
  for (let round = 0; round < ROUNDS / 3; round++) {
    const [list, answer] = [mutate(from(crls), from(crls), random), mutate(from(answers), from(answers), random)]
    const crl = readCrl(list)
    if (typeof crl !== 'string') {
      count.read++
      // Its own issuer among those above: the signature is looked at too.
      const above = certificates.filter(({ subject }) => subject.key === crl.issuer.key).slice(0, 2)
      const below = certificates.filter(({ issuer }) => issuer.key === crl.issuer.key)
      const whole = below.length > 0 ? from(below) : from(certificates)
      const broken = readCertificate(mutate(whole.raw, from(corpus), random))
      if (typeof broken === 'object') assert.ok(issuerPlaces(broken).every((place) => /^http:/i.test(place)))
      const path = [typeof broken === 'object' && random(2) === 0 ? broken : whole, ...above, asked.issuer]
      const standing = judgeRevocation({ path, crls: [crl], at: NOW, others: [from(certificates)] })
      count.said.add(standing.status === 'good' ? 'good' : standing.reason)
    }
    const standing = judgeResponse(answer, asked, Date.now())
    count.answered.add(standing.status === 'good' ? 'good' : standing.reason)
    for (const der of [mutate(bag, from(corpus), random), list, answer])
      count.found += certificatesIn(der).filter((one) => typeof readCertificate(one) !== 'string').length
  }
  const words = JSON.stringify({ ...count, said: [...count.said], answered: [...count.answered] })
  assert.ok(count.read > ROUNDS / 60 && count.found > ROUNDS / 30, words)
  assert.ok(count.said.size > 3 && count.answered.size > 3, words)
})
