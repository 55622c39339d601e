// The part of `check` that looks at certificates: ours, the internal CA, who may be the core, whom partners may be
// vouched for by.

import { stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { GATEWAY_FILE } from '../config/cross-checks.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Settings } from '../config/settings.ts'
import { isLoopback } from '../config/values.ts'
import { loadAnchors, type Anchors } from '../trust/anchors.ts'
import { stepOf } from '../trust/expiry.ts'
import { openInternalCa } from '../trust/internal-ca.ts'
import { readOwnCertificate, type OwnEntry } from '../trust/own-certificate.ts'
import { OwnCertificates } from '../trust/own-certificates.ts'
import { findPath } from '../trust/path.ts'
import { fipsOf } from '../trust/fips.ts'
import { deviations, missingFips, unfitCertificates } from '../trust/profiles/fitness.ts'
import { mustStaple, neverStapled } from '../trust/staple.ts'
import { loadCoreTrust } from '../trust/verify-core.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { checkCards } from './check-cards.ts'
import { fromCertificateFinding, type Checked } from './checked.ts'
import { duration } from './text.ts'

export interface CertificateCheck {
  readonly settings: Settings
  readonly partners: LoadedConfig['partners']
  readonly directory: string
  readonly now: () => number
  /** The CAs that strangers trust; default: those of the system. */
  readonly publicCas?: Anchors
}

/** Where the internal CA lives, below the installation directory. */
export const INTERNAL_CA = join('certs', 'internal-ca')

export async function checkCertificates(o: CertificateCheck): Promise<readonly Checked[]> {
  return [
    ...cryptography(o),
    ...(await ownCertificates(o)),
    ...(await internalCa(o)),
    ...(await coreTrust(o)),
    ...(await anchors(o)),
    ...(await checkCards(o)),
  ]
}

/** The profile, and what this machine computes with. */
function cryptography({ settings: { federation }, partners }: CertificateCheck): readonly Checked[] {
  const [wanted, fips, subject] = [{ ...federation, partners }, fipsOf(), `profile ${federation.profile}`]
  const missing = missingFips(wanted, fips, GATEWAY_FILE).map(fromCertificateFinding)
  if (missing.length > 0) return missing
  const short = deviations(wanted, fips)
  if (short.length === 0) return [{ area: 'certificates', severity: 'ok', subject, message: fips.detail }]
  const act = 'Start on a Node whose OpenSSL has the FIPS provider, with NODE_OPTIONS=--force-fips.'
  return [{ area: 'certificates', severity: 'warning', subject, message: `${short.join('; ')}; ${fips.detail}`, act }]
}

async function ownCertificates(o: CertificateCheck): Promise<readonly Checked[]> {
  const { settings, partners, directory, now } = o
  const { own, findings } = await OwnCertificates.load(settings.domains, { now, watch: false })
  await using _ = own
  const unfit = unfitCertificates({ ...settings.federation, partners }, settings.domains, own)
  const checked = [...findings, ...unfit].map(fromCertificateFinding)
  const { federation, core } = settings.listen
  const outside = [...federation, ...core].some(({ host }) => host === undefined || !isLoopback(host))
  for (const entry of settings.domains) {
    const { domain, certFile } = entry
    const identity = own.identity(domain)
    if (identity === undefined) continue
    const { notAfter, issuer } = identity.certificate
    checked.push({
      area: 'certificates',
      severity: 'ok',
      subject: domain,
      message: `${relative(directory, certFile)}, for another ${duration(Date.parse(notAfter) - now())} (until ${notAfter.slice(0, 10)}), from ${issuer}`,
    })
    for (const { certificate } of identity.staples) {
      const never = mustStaple(certificate) ? neverStapled(certificate, settings.trust) : undefined
      if (never === undefined) continue
      checked.push({
        area: 'certificates',
        severity: 'warning',
        subject: domain,
        message: `the certificate must be shown with an OCSP staple, and none can be had: ${never}`,
        act: 'Let the gateway ask the responder of the CA, or get a certificate without that demand (OCSP must-staple).',
      })
    }
    if (identity.evaluation && outside) {
      checked.push({
        area: 'certificates',
        severity: 'error',
        subject: domain,
        message: 'the certificate is for evaluation, and the gateway listens on a public address',
        act: `Order one with \`sallyport cert csr ${domain}\` and bring the answer in with \`sallyport cert import\`, or listen on 127.0.0.1 only.`,
      })
    }
    if (!identity.evaluation && !settings.evaluation) checked.push(...(await privateCa(entry, o)))
  }
  return checked
}

/** Nothing leads from the certificate to an anchor: RFC 5280 §6.1 does not begin. Other faults have been told. */
const NOWHERE: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-304', 'SP-305', 'SP-306'])

/** A certificate that strangers have no reason to trust. */
async function privateCa(entry: OwnEntry, { publicCas, now }: CertificateCheck): Promise<readonly Checked[]> {
  const cas = publicCas ?? (await loadAnchors('system')).anchors
  const { chains } = await readOwnCertificate(entry)
  const [leaf, ...others] = chains[0]?.chain ?? []
  const result = leaf && findPath([leaf, ...others], { anchors: cas, now: now() })
  if (result === undefined || !('reason' in result) || !NOWHERE.has(result.reason)) return []
  return [
    {
      area: 'certificates',
      severity: 'warning',
      subject: entry.domain,
      message: `partners that trust only public CAs will refuse it: ${result.detail}`,
      act: 'Fine where every partner trusts its CA by agreement; otherwise get one from a public CA, with its intermediates (fullchain.pem).',
    },
  ]
}

async function internalCa({ settings, directory, now }: CertificateCheck): Promise<readonly Checked[]> {
  const path = join(directory, INTERNAL_CA)
  const subject = INTERNAL_CA
  if ((await stat(join(path, 'ca.pem')).catch(() => undefined)) === undefined) {
    return [
      {
        area: 'certificates',
        severity: 'warning',
        subject,
        message: 'there is no internal CA yet',
        act: 'The first start makes it; the core must then trust its ca.pem.',
      },
    ]
  }
  const excludes = settings.domains.map(({ domain }) => domain)
  const { ca, findings } = await openInternalCa({ directory: path, excludes, now })
  const checked = findings.map(fromCertificateFinding)
  if (ca === undefined) return checked
  return [
    ...checked,
    {
      area: 'certificates',
      severity: 'ok',
      subject,
      message: `the internal CA cannot vouch for our own domains${ca.endings.map(({ notAfter }) => `; until ${new Date(notAfter).toISOString().slice(0, 10)}, and another one is made before that`).join('')}`,
    },
  ]
}

async function coreTrust({ settings, directory, now }: CertificateCheck): Promise<readonly Checked[]> {
  const { files, pins } = settings.core.trust
  const { findings, trust } = await loadCoreTrust({ files, pins })
  const checked = findings.map(fromCertificateFinding)
  for (const { file, subject, ...ending } of trust.endings) {
    const step = stepOf(ending, now())
    if (step === undefined) continue
    checked.push({
      area: 'certificates',
      severity: 'warning',
      subject: relative(directory, file),
      message: `${subject} ${step === 'expired' ? 'expired' : 'expires'} at ${new Date(ending.notAfter).toISOString()}`,
      act: 'Put the new certificate of the core, or of its CA, there, beside the old one.',
    })
  }
  if (findings.some(({ severity }) => severity === 'error')) return checked
  const proofs = [...files.map((file) => relative(directory, file)), ...pins]
  return [
    ...checked,
    { area: 'certificates', severity: 'ok', subject: 'core', message: `proven by ${proofs.join(', ')}` },
  ]
}

async function anchors({ settings, partners }: CertificateCheck): Promise<readonly Checked[]> {
  const loaded = await loadAnchors(settings.trust.anchors)
  const checked = loaded.findings.map(fromCertificateFinding)
  checked.push({
    area: 'certificates',
    severity: 'ok',
    subject: 'partners',
    message: `vouched for by ${loaded.anchors.source}, ${loaded.anchors.size} anchors`,
  })
  for (const files of [settings.trust.intermediates, ...partners.map((partner) => partner.anchors)]) {
    if (files.length === 0) continue
    const { findings } = await loadAnchors(files)
    checked.push(...findings.map(fromCertificateFinding))
  }
  return checked
}
