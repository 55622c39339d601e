import type { Anchors } from './anchors.ts'
import type { CertificateFinding } from './finding.ts'
import type { Verdict } from './verdict.ts'

/** Who may be the core: issued by one of these CAs (then the name counts), or this very certificate or key (then it does not). */
export interface CoreTrust {
  readonly anchors: Anchors
  /** SHA-256 of the DER, hex. */
  readonly certificates: ReadonlySet<string>
  readonly pins: readonly string[]
}
/** `source` is what `core.trust` says: a PEM file, or `sha256/…`. */
export function loadCoreTrust(
  _source: string,
): Promise<{ trust: CoreTrust | undefined; findings: readonly CertificateFinding[] }> {
  throw new Error('not written yet')
}
export function verifyCore(
  _chain: readonly Buffer[],
  _o: { readonly domain: string; readonly trust: CoreTrust; readonly now: number },
): Verdict {
  throw new Error('not written yet')
}
