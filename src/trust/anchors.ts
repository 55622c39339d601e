// Trust anchors: the certificates a path may end at, found by subject. RFC 5280 §6.1.1 (d).
//
// Rule 1: `system` is the store of the operating system; only where that is empty, the list that comes with Node. It is read
//         anew when it has changed, and each time while something of it cannot be read.
// Rule 2: a file that does not read, or has no certificate in it, is an error: fewer anchors than the operator meant is
//         a fault, more is never the answer.
// Rule 3: an anchor is read into our own form at once and into OpenSSL's when it is first needed.

import { dirname } from 'node:path'
import tls from 'node:tls'
import { readAnchor, readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { readText } from './files.ts'
import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import { decodePem } from './pem.ts'
import { MOST_FILES, readStore, stampOfStore } from './system-store.ts'
import type { StorePlaces } from './system-store.ts'

export interface Anchors {
  /** Where they came from, in words. */
  readonly source: string
  readonly size: number
  /** By the key of their subject. */
  readonly bySubject: ReadonlyMap<string, readonly Certificate[]>
  readonly byFingerprint: ReadonlyMap<string, Certificate>
  /** Where they are from files: what each holds, DER. */
  readonly files?: ReadonlyMap<string, readonly Buffer[]>
  /** Where they are the system's: the stamp of what was read, unless something could not be, and what there was to tell of it. */
  readonly stamp?: string
  readonly told?: readonly CertificateFinding[]
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

export interface AnchorsOptions {
  /** Where the system's store is; absent: where it is on this system. */
  readonly store?: StorePlaces
  /** Milliseconds since 1970; absent: nobody will ask whether the store has changed. */
  readonly now?: number
}

/**
 * The system's anchors, or those in PEM files, with what is wrong with the files. Of a file, or a store, that cannot be read,
 * what the `former` anchors had from it; of one that is not named any more, nothing. Of a store that has not changed, the
 * `former` anchors themselves.
 */
export async function loadAnchors(
  source: 'system' | readonly string[],
  former?: Anchors,
  o: AnchorsOptions = {},
): Promise<{ readonly anchors: Anchors; readonly findings: readonly CertificateFinding[] }> {
  if (source === 'system') {
    const anchors = await loadSystem(former?.source === 'system' ? former : undefined, o)
    return { anchors, findings: anchors.told ?? [] }
  }
  const findings: CertificateFinding[] = []
  const files = new Map<string, readonly Buffer[]>()
  for (const file of source) {
    const { certificates, finding } = await readCertificateFile(file)
    files.set(file, finding ? (former?.files?.get(file) ?? []) : certificates)
    if (finding) findings.push(finding)
  }
  return { anchors: { ...anchorsOf([...files.values()].flat(), source.join(', ')), files }, findings }
}

async function loadSystem(former: Anchors | undefined, { store, now }: AnchorsOptions): Promise<Anchors> {
  const stamp = now === undefined ? undefined : await stampOfStore(now, store)
  if (former && stamp !== undefined && former.stamp === stamp) return former
  const { files: read, faults, leftOut } = await readStore(store)
  // SECURITY: a CA that is taken out is out, whatever else cannot be read.
  const isLost = (path: string): boolean => !read.has(path) && (faults.has(path) || faults.has(dirname(path)))
  const kept = [...(former?.files ?? [])].filter(([path]) => isLost(path))
  const files = new Map([...read, ...kept])
  const told = faults.size > 0 ? [warn(unread(faults, kept.length > 0))] : []
  if (leftOut > 0)
    told.push(warn(`${IN_STORE} there are more than ${MOST_FILES} files, of which ${leftOut} are not looked at`))
  const rest = { files, told, ...(stamp === undefined || faults.size > 0 ? {} : { stamp }) }
  const ders = [...files.values()].flat()
  if (ders.length > 0) return { ...anchorsOf(ders, 'system'), ...rest }
  if (former) {
    const message = "the system's store of CA certificates cannot be read any more; what was in it before serves on"
    const { stamp: _, ...anchors } = former
    return { ...anchors, told: [warn(message)] }
  }
  const system = store ? [] : tls.getCACertificates('system')
  if (system.length > 0) return { ...anchorsOf(system.flatMap(decodePem), 'system'), ...rest }
  const message =
    'the system has no store of CA certificates, so those that come with Node are used; install `ca-certificates`, or list PEM files'
  return { ...anchorsOf(tls.rootCertificates.flatMap(decodePem), 'system'), ...rest, told: [...told, warn(message)] }
}

const warn = (message: string): CertificateFinding => certificateFinding('warning', '', 'trust.anchors', message)

const IN_STORE = "in the system's store of CA certificates"

function unread(faults: ReadonlyMap<string, string>, isKept: boolean): string {
  const [path, fault] = [...faults][0]!
  const more = faults.size > 1 ? `, and ${faults.size - 1} more` : ''
  const comes = isKept ? 'what was there before serves on' : 'who is there is not believed'
  return `${IN_STORE}, ${path} ${fault}${more}; ${comes}; mend that, or take it out`
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
