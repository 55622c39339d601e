import type { X509Certificate } from 'node:crypto'

export interface EvaluationCa {
  readonly certificatePem: string
  readonly keyPem: string
}
export interface CertificateFiles {
  /** PEM, leaf first. */
  readonly fullchain: string
  /** PKCS#8 PEM. */
  readonly privkey: string
}
export function makeEvaluationCa(_o: { readonly now: number; readonly name?: string }): Promise<EvaluationCa> {
  throw new Error('not written yet')
}
/** A certificate for the domains (the first is the subject), issued by the evaluation CA. */
export function issueEvaluation(
  _ca: EvaluationCa,
  _o: { readonly domains: readonly string[]; readonly now: number },
): Promise<CertificateFiles> {
  throw new Error('not written yet')
}
export function isEvaluation(_certificate: X509Certificate | Buffer | string): boolean {
  throw new Error('not written yet')
}
/** A key and a signing request for a real CA: DNS name and `_xmpp-server` SRV name of the domain. */
export function makeKeyAndCsr(_domain: string): Promise<{ readonly key: string; readonly csr: string }> {
  throw new Error('not written yet')
}
/** A self-signed certificate, marked as for evaluation. */
export function makeSelfSigned(_domain: string, _o: { readonly now: number }): Promise<CertificateFiles> {
  throw new Error('not written yet')
}
