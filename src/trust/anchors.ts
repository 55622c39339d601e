// Trust anchors: the certificates a path may end at.
import type { CertificateFinding } from './finding.ts'

export interface Anchors {
  /** Where they came from, in words. */
  readonly source: string
  readonly size: number
}
export function anchorsOf(_certificates: readonly Buffer[], _source: string): Anchors {
  throw new Error('not written yet')
}
export function loadAnchors(
  _source: 'system' | readonly string[],
): Promise<{ anchors: Anchors; findings: readonly CertificateFinding[] }> {
  throw new Error('not written yet')
}
