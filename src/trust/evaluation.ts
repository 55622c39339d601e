// Certificates for getting started: an evaluation CA with what it issues, a self-signed stand-in, and the key and signing
// request with which a real certificate is ordered.
//
// Rule: what is for evaluation says so in its subject (`evaluation-mark.ts`), so that it is refused on public addresses.

import type { JsonName } from '@peculiar/x509'
import { EVALUATION_ORGANIZATION } from './evaluation-mark.ts'
import { domainName, makeKey, privateKeyPem, signRequest } from './issue.ts'
import { domainSubject, issueLeaf, issueSelfSigned, makeIssuer, openIssuer, signEmptyCrl } from './issuer.ts'
import type { CertificateFiles } from './issuer.ts'

export interface EvaluationCa {
  readonly certificatePem: string
  readonly keyPem: string
}

const YEAR_MS = 365 * 86_400_000

/** Makes an evaluation CA for a year. `now` in milliseconds since 1970. */
export async function makeEvaluationCa(o: { readonly now: number; readonly name?: string }): Promise<EvaluationCa> {
  const subject: JsonName = [{ O: [EVALUATION_ORGANIZATION] }, { CN: [o.name ?? 'Evaluation CA'] }]
  const issuer = await makeIssuer({ subject, now: o.now, lifetimeMs: YEAR_MS })
  return { certificatePem: issuer.certificate, keyPem: await privateKeyPem(issuer.keys.privateKey) }
}

/** A certificate for these domains, canonical, issued by the evaluation CA for a year; the first is its subject. */
export async function issueEvaluation(
  ca: EvaluationCa,
  o: { readonly domains: readonly string[]; readonly now: number },
): Promise<CertificateFiles> {
  return issueLeaf(await openIssuer(ca.certificatePem, ca.keyPem), {
    subject: domainSubject(o.domains[0] ?? '', EVALUATION_ORGANIZATION),
    names: o.domains.map(domainName),
    now: o.now,
    lifetimeMs: YEAR_MS,
  })
}

/** The list of what the evaluation CA has revoked, for a year: nothing. DER. RFC 5280 §5 */
export async function makeEvaluationCrl(ca: EvaluationCa, now: number): Promise<Buffer> {
  return signEmptyCrl(await openIssuer(ca.certificatePem, ca.keyPem), { now, lifetimeMs: YEAR_MS })
}

/** A self-signed certificate for a domain and for a year, marked as for evaluation. */
export async function makeSelfSigned(domain: string, o: { readonly now: number }): Promise<CertificateFiles> {
  return issueSelfSigned({
    subject: domainSubject(domain, EVALUATION_ORGANIZATION),
    names: [domainName(domain)],
    now: o.now,
    lifetimeMs: YEAR_MS,
  })
}

/**
 * A new EC P-256 key and the request (PKCS#10) with which to order a certificate for the domain; both PEM.
 * It asks for the DNS name (and `more` of them) alone, which every peer accepts (RFC 6120 §13.7.1.2): public CAs issue no SRV names.
 */
export async function makeKeyAndCsr(
  domain: string,
  more: readonly string[] = [],
): Promise<{ readonly key: string; readonly csr: string }> {
  const keys = await makeKey('p256')
  const subject: JsonName = domain.length <= 64 ? [{ CN: [domain] }] : []
  return {
    key: await privateKeyPem(keys.privateKey),
    csr: await signRequest(subject, [domain, ...more].map(domainName), keys),
  }
}
