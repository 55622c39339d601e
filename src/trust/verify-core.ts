// Is it really the core? `core.trust` says by what it is known: its CA, its very certificate, or the key in it.
//
// Rule 1: known by its CA, it must also name the domain it speaks for: others have certificates of that CA too.
// Rule 2: known by certificate or by key, the operator has pointed at this one thing. Then neither its names nor its
//         issuer count, so that a self-signed core needs no CA; the handshake has proven the key. Dates do count.

import type { Anchors } from './anchors.ts'
import { anchorsOf, readCertificateFile } from './anchors.ts'
import { readAnchor } from './certificate.ts'
import { endingOf } from './expiry.ts'
import type { Ending } from './expiry.ts'
import type { CertificateFinding } from './finding.ts'
import { STANDARD } from './demands.ts'
import type { KnownProofs } from './known-proofs.ts'
import { findFault } from './path-rules.ts'
import { summarise } from './summary.ts'
import type { Verdict } from './verdict.ts'
import { judgeChain, readChain, refuse, type VerifyOptions } from './verify.ts'

/** Who may be the core; one of the three is enough. */
export interface CoreTrust {
  readonly anchors: Anchors
  /** SHA-256 over the DER, hex. */
  readonly certificates: ReadonlySet<string>
  /** `sha256/<base64>` over the SPKI. */
  readonly pins: readonly string[]
  /** When what the files hold ends, and where it lies. */
  readonly endings: readonly (Ending & { readonly file: string })[]
  /** What each file holds, DER. */
  readonly files: ReadonlyMap<string, readonly Buffer[]>
}

/**
 * Reads what `core.trust` says: PEM files of CA certificates or of the core's own, and pins. Of a file that cannot be read,
 * what was read `before`.
 */
export async function loadCoreTrust(
  { files, pins }: { readonly files: readonly string[]; readonly pins: readonly string[] },
  before?: CoreTrust,
): Promise<{ readonly trust: CoreTrust; readonly findings: readonly CertificateFinding[] }> {
  const findings: CertificateFinding[] = []
  const held = new Map<string, readonly Buffer[]>()
  const endings: CoreTrust['endings'][number][] = []
  for (const file of files) {
    const read = await readCertificateFile(file)
    const ders = read.finding ? (before?.files.get(file) ?? []) : read.certificates
    held.set(file, ders)
    for (const one of ders.map(readAnchor)) if (typeof one !== 'string') endings.push({ ...endingOf(one), file })
    if (read.finding) findings.push({ ...read.finding, path: 'core.trust' })
  }
  const certificates = [...held.values()].flat()
  const fingerprints = certificates.map(readAnchor).map((one) => (typeof one === 'string' ? '' : one.fingerprint))
  const anchors = anchorsOf(certificates.filter(isCa), 'core.trust')
  return { trust: { anchors, certificates: new Set(fingerprints), pins, endings, files: held }, findings }
}

function isCa(der: Buffer): boolean {
  const certificate = readAnchor(der)
  return (
    typeof certificate !== 'string' && (certificate.version < 3 || certificate.extensions.basicConstraints?.ca === true)
  )
}

export interface CoreQuestion {
  readonly domain: string
  readonly trust: CoreTrust
  readonly now: number
  readonly proofs?: Pick<KnownProofs, 'verify'>
}

/**
 * Judges the certificates that the core showed.
 * @param chain DER, the core's own first
 * @param o.domain the domain it speaks for on this stream, canonical
 * @param o.now milliseconds since 1970
 * @param o.proofs what was proven before in this trust
 */
export function verifyCore(chain: readonly Buffer[], { domain, trust, now, proofs }: CoreQuestion): Verdict {
  const read = readChain(chain)
  if (!Array.isArray(read)) return read
  const [leaf] = read
  const known = trust.certificates.has(leaf.fingerprint)
  if (known || trust.pins.includes(leaf.pin)) {
    const fault = findFault([leaf], { demands: STANDARD, side: undefined, now })
    if (fault) return refuse(fault.reason, fault.detail, leaf)
    return { proven: true, certificate: summarise(leaf), anchor: known ? 'this very certificate' : leaf.pin }
  }
  const options: VerifyOptions = { domain, trust: { anchors: trust.anchors, pins: [] }, now }
  if (trust.anchors.size > 0) return proofs?.verify(chain, options) ?? judgeChain(read, options)
  return refuse('SP-331', `its key is ${leaf.pin}`, leaf)
}
