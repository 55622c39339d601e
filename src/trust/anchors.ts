// Trust anchors: the certificates a path may end at, found by subject. RFC 5280 §6.1.1 (d).
//
// Rule 1: `system` is the store of the operating system; only where that is empty, the list that comes with Node.
// Rule 2: a file that does not read, or has no certificate in it, is an error: fewer anchors than the operator meant is
//         a fault, more is never the answer.
// Rule 3: an anchor is read into our own form at once and into OpenSSL's when it is first needed.

import tls from 'node:tls'
import { readAnchor, readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { readText } from './files.ts'
import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import { decodePem } from './pem.ts'

export interface Anchors {
  /** Where they came from, in words. */
  readonly source: string
  readonly size: number
  /** By the key of their subject. */
  readonly bySubject: ReadonlyMap<string, readonly Certificate[]>
  readonly byFingerprint: ReadonlyMap<string, Certificate>
  /** Where they are from files: what each holds, DER. */
  readonly files?: ReadonlyMap<string, readonly Buffer[]>
}

/** Anchors from certificates (DER). What does not read is left out. */
export function anchorsOf(certificates: readonly Buffer[], source: string): Anchors {
  const bySubject = new Map<string, Certificate[]>()
  const byFingerprint = new Map<string, Certificate>()
  for (const der of certificates) {
    const certificate = readAnchor(der)
    if (typeof certificate === 'string' || byFingerprint.has(certificate.fingerprint)) continue
    byFingerprint.set(certificate.fingerprint, certificate)
    const same = bySubject.get(certificate.subject.key)
    if (same) same.push(certificate)
    else bySubject.set(certificate.subject.key, [certificate])
  }
  return { source, size: byFingerprint.size, bySubject, byFingerprint }
}

/** The same, with more certificates (DER) among them. */
export function withMore(anchors: Anchors, certificates: readonly Buffer[]): Anchors {
  if (certificates.length === 0) return anchors
  return anchorsOf([...[...anchors.byFingerprint.values()].map(({ raw }) => raw), ...certificates], anchors.source)
}

/**
 * The system's anchors, or those in PEM files, with what is wrong with the files. Of a file that cannot be read, what the
 * `former` anchors had from it; of one that is not named any more, nothing.
 */
export async function loadAnchors(
  source: 'system' | readonly string[],
  former?: Anchors,
): Promise<{ readonly anchors: Anchors; readonly findings: readonly CertificateFinding[] }> {
  if (source === 'system') return loadSystem()
  const findings: CertificateFinding[] = []
  const files = new Map<string, readonly Buffer[]>()
  for (const file of source) {
    const { certificates, finding } = await readCertificateFile(file)
    files.set(file, finding ? (former?.files?.get(file) ?? []) : certificates)
    if (finding) findings.push(finding)
  }
  return { anchors: { ...anchorsOf([...files.values()].flat(), source.join(', ')), files }, findings }
}

function loadSystem(): { anchors: Anchors; findings: readonly CertificateFinding[] } {
  const system = tls.getCACertificates('system')
  if (system.length > 0) return { anchors: anchorsOf(system.flatMap(decodePem), 'system'), findings: [] }
  const message =
    'the system has no store of CA certificates, so those that come with Node are used; install `ca-certificates`, or list PEM files'
  return {
    anchors: anchorsOf(tls.rootCertificates.flatMap(decodePem), 'system'),
    findings: [certificateFinding('warning', '', 'trust.anchors', message)],
  }
}

/** All certificates of a PEM file, or a finding that says why there are none. */
export async function readCertificateFile(
  file: string,
): Promise<{ readonly certificates: readonly Buffer[]; readonly finding: CertificateFinding | undefined }> {
  const fail = (message: string): { certificates: []; finding: CertificateFinding } => ({
    certificates: [],
    finding: certificateFinding('error', file, '', message),
  })
  const read = await readText(file)
  if ('fault' in read) return fail(`${read.fault}; put the certificates there, in PEM`)
  const certificates = decodePem(read.text)
  if (certificates.length === 0) return fail('no certificate in it; write it in PEM (`-----BEGIN CERTIFICATE-----`)')
  for (const der of certificates) {
    const certificate = readCertificate(der)
    if (typeof certificate === 'string') return fail(certificate)
  }
  return { certificates, finding: undefined }
}
