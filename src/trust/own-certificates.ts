import type { CertificateFinding } from './finding.ts'
import type { Identity } from './identity.ts'

export interface OwnEntry {
  readonly domain: string
  readonly certFile: string
  readonly keyFile: string
}
export interface OwnOptions {
  readonly now: () => number
  /** Follow the files; default true. */
  readonly watch?: boolean
  /** After a change on disk was taken (identity) or not (undefined; the old one stays), with what was found. */
  readonly onReload?: (domain: string, identity: Identity | undefined, findings: readonly CertificateFinding[]) => void
}
export class OwnCertificates implements AsyncDisposable {
  static load(
    _entries: readonly OwnEntry[],
    _o: OwnOptions,
  ): Promise<{ own: OwnCertificates; findings: readonly CertificateFinding[] }> {
    throw new Error('not written yet')
  }
  identity(_domain: string): Identity | undefined {
    throw new Error('not written yet')
  }
  /** What is wrong with the files now, expiry included. */
  findings(): readonly CertificateFinding[] {
    throw new Error('not written yet')
  }
  /** Reads all files again, as if they had changed. */
  reload(): Promise<void> {
    throw new Error('not written yet')
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
