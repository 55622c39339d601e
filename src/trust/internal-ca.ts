import type { CertificateFinding } from './finding.ts'
import type { Identity } from './identity.ts'

export class InternalCa {
  /** Opens `ca.pem` and `ca.key` in the directory; makes them on first use. Without `ca` the findings say why and what to do. */
  static open(_o: {
    readonly directory: string
    /** Our own domains: the CA must not be able to vouch for them. */
    readonly excludes: readonly string[]
    readonly now: () => number
    readonly capacity?: number
  }): Promise<{ ca: InternalCa | undefined; findings: readonly CertificateFinding[] }> {
    throw new Error('not written yet')
  }
  /** What the core must trust. */
  get certificatePem(): string {
    throw new Error('not written yet')
  }
  excludesAll(_domains: readonly string[]): boolean {
    throw new Error('not written yet')
  }
  /** The identity to show the core as this outside domain; minted on demand. */
  identity(_domain: string): Promise<Identity> {
    throw new Error('not written yet')
  }
}
