import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { checkCertificates, type CertificateCheck } from '../../../src/cli/check-certificates.ts'
import type { Checked } from '../../../src/cli/checked.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { anchorsOf } from '../../../src/trust/anchors.ts'
import { TAG, writeDer } from '../../../src/trust/der.ts'
import { issueEvaluation, makeEvaluationCa } from '../../../src/trust/evaluation.ts'
import { installation } from '../../support/installation.ts'
import { responders } from '../../support/ocsp.ts'
import { issue, makeCa, writeAnchors, writeIdentity, type Issued } from '../../support/pki.ts'

const DOMAIN = 'corp.example'
const ca = await makeCa()
const intermediate = await makeCa({ ca })

/** What is said about strangers who meet this certificate of ours. */
async function strangers(
  t: TestContext,
  shown: Issued,
  {
    evaluation = false,
    about = 'public CAs',
    ...more
  }: Partial<CertificateCheck> & { readonly evaluation?: boolean; readonly about?: string } = {},
): Promise<readonly Checked[]> {
  const directory = await installation(t)
  await writeIdentity(join(directory, 'certs', DOMAIN), shown)
  const { settings, partners } = await loadConfig(join(directory, 'federation-config'))
  assert.ok(settings)
  const checked = await checkCertificates({
    settings: { ...settings, evaluation },
    partners,
    directory,
    now: Date.now,
    ...more,
  })
  assert.ok(checked.some(({ subject, severity }) => subject === DOMAIN && severity === 'ok'))
  return checked.filter(({ message }) => message.includes(about))
}

const publicCas = anchorsOf([ca.der], 'test')

const ALONE: readonly (readonly [what: string, shown: () => Promise<Issued>, detail: RegExp])[] = [
  ['of a CA of our own', () => issue({ ca, names: [DOMAIN] }), /issued by CN=Test Root/],
  ['of an intermediate of a CA of our own', () => issue({ ca: intermediate, names: [DOMAIN] }), /chain ends at/],
  ['that is self-signed', () => issue({ names: [DOMAIN] }), /is self-signed/],
]

for (const [what, shown, detail] of ALONE) {
  test(`a certificate ${what} is one that strangers refuse, which is said`, async (t) => {
    const [found, ...more] = await strangers(t, await shown())
    assert.ok(found)
    assert.deepEqual(more, [])
    assert.deepEqual([found.severity, found.subject], ['warning', DOMAIN])
    assert.match(found.message, /^partners that trust only public CAs will refuse it: /)
    assert.match(found.message, detail)
    assert.match(found.act ?? '', /get one from a public CA/)
  })
}

test('nothing is said where the chain reaches a CA that strangers trust', async (t) => {
  assert.deepEqual(await strangers(t, await issue({ ca, names: [DOMAIN] }), { publicCas }), [])
  assert.deepEqual(await strangers(t, await issue({ ca: intermediate, names: [DOMAIN] }), { publicCas }), [])
})

test('nothing is said where strangers are not to be met: in an evaluation', async (t) => {
  assert.deepEqual(await strangers(t, await issue({ ca, names: [DOMAIN] }), { evaluation: true }), [])
  const now = Date.now()
  const { fullchain, privkey } = await issueEvaluation(await makeEvaluationCa({ now }), { domains: [DOMAIN], now })
  const shown = { ...(await issue({ ca, names: [DOMAIN] })), fullchainPem: fullchain, keyPem: privkey }
  assert.deepEqual(await strangers(t, shown), [])
})

/** The extension by which a certificate asks to be shown with a staple. RFC 7633 */
const MUST_STAPLE = {
  oid: '1.3.6.1.5.5.7.1.24',
  critical: false,
  value: writeDer(TAG.sequence, writeDer(TAG.integer, Buffer.from([5]))),
}

test('a certificate that must be shown with a staple, and cannot be, is a warning', async (t) => {
  const about = 'OCSP staple'
  const [found, ...more] = await strangers(t, await issue({ ca, names: [DOMAIN], extensions: [MUST_STAPLE] }), {
    about,
  })
  assert.deepEqual([found?.severity, more], ['warning', []])
  assert.match(
    found?.message ?? '',
    /must be shown with an OCSP staple, and none can be had: it names no OCSP responder/,
  )
  const extensions = [MUST_STAPLE, responders('http://ocsp.test/')]
  assert.deepEqual(await strangers(t, await issue({ ca, names: [DOMAIN], extensions }), { about }), [])
})

test('the end of the certificate by which the core is known is announced', async (t) => {
  const directory = await installation(t)
  const { settings, partners } = await loadConfig(join(directory, 'federation-config'))
  assert.ok(settings)
  const file = await writeAnchors(join(directory, 'core.pem'), await issue({ expired: true, commonName: 'core' }))
  const core = { ...settings.core, trust: { files: [file], pins: [] } }
  const checked = await checkCertificates({ settings: { ...settings, core }, partners, directory, now: Date.now })
  const [found, ...more] = checked.filter(({ subject }) => subject === 'core.pem')
  assert.deepEqual([found?.severity, more], ['warning', []])
  assert.match(found?.message ?? '', /^CN=core expired at /)
})
