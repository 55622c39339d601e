// What `check --online` says of our certificates by what responders say of them.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { before, suite, test, type TestContext } from 'node:test'
import { checkResponders } from '../../../src/cli/check-responders.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Fetch } from '../../../src/trust/revocation/fetch.ts'
import { installation } from '../../support/installation.ts'
import { answerTo, responders, type ResponderOptions } from '../../support/ocsp.ts'
import { needsPeer } from '../../support/peers.ts'
import { issue, makeCa, temporaryFolder, writeIdentity, type Issued } from '../../support/pki.ts'

const DOMAIN = 'corp.example'
const URL = 'http://ocsp.ca.example/'
let ca: Issued
let named: Issued
let nameless: Issued

before(async () => {
  ca = await makeCa({ commonName: 'CA' })
  named = await issue({ ca, names: [DOMAIN], extensions: [responders(URL)] })
  nameless = await issue({ ca, names: [DOMAIN] })
})

/** What is said where this certificate is in use. */
async function said(t: TestContext, own: Issued, obtain: Fetch, fetch = true) {
  const directory = await installation(t)
  const anchors = join(directory, 'anchors.pem')
  await writeFile(anchors, ca.pem)
  const { settings } = await loadConfig(join(directory, 'federation-config'))
  assert.ok(settings?.domains[0])
  await writeIdentity(dirname(settings.domains[0].certFile), own)
  const trust = { ...settings.trust, anchors: [anchors], fetch }
  const checked = await checkResponders({ settings: { ...settings, trust }, now: Date.now, obtain })
  return checked.map(({ severity, subject, message }) => `${severity} ${subject}: ${message}`)
}

const never: Fetch = () => assert.fail('somebody was asked')

/** The responder of the CA, by the `openssl` program. */
const responder =
  (t: TestContext, o: Omit<ResponderOptions, 'ca'>): Fetch =>
  async ({ url, body }) => {
    assert.equal(url, URL)
    assert.ok(body)
    return { ok: true, octets: await answerTo(await temporaryFolder(t), body.octets, { ca, ...o }) }
  }

suite('the responders of our certificates', needsPeer('openssl'), () => {
  test('one that says good is fine', async (t) => {
    const [line, ...more] = await said(t, named, responder(t, { good: [named] }))
    assert.deepEqual(more, [])
    assert.equal(line, `ok ${DOMAIN}: the OCSP responder ${URL} says that the certificate is good`)
  })
  test('one that says revoked is an error', async (t) => {
    const [line = ''] = await said(t, named, responder(t, { revoked: [named] }))
    assert.match(line, /^error corp\.example: the CA has revoked the certificate: /)
  })
  test('one that does not know the certificate is a warning', async (t) => {
    const [line = ''] = await said(t, named, responder(t, {}))
    assert.match(line, /^warning corp\.example: the OCSP responder of the certificate does not say that it is good: /)
  })
})

test('a responder that does not answer is a warning', async (t) => {
  const silent: Fetch = ({ url }) => Promise.resolve({ ok: false, reason: 'SP-344', detail: `${url}: nothing` })
  const [line = ''] = await said(t, named, silent)
  assert.match(line, /^warning corp\.example: .*does not say that it is good: http:\/\/ocsp\.ca\.example\/: nothing$/)
})

test('nobody is asked about a certificate that names no responder, or where nothing is to be fetched', async (t) => {
  assert.deepEqual(await said(t, nameless, never), [])
  assert.deepEqual(await said(t, named, never, false), [])
})
