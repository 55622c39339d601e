// Partners come back with the same certificates: what they prove is worked out once, for as long as the trust it was
// worked out with stands.
//
// Rule 1: only proofs are known, never refusals, and a proof only while all certificates of its path are in date.
// Rule 2: whoever changes what is trusted (anchors, pins, demands) begins anew. Revocation is not asked here, but each time.
// Rule 3: a proof is remembered as long as its leaf is (`certificate.ts`), which has a limit.

import type { Certificate } from './certificate.ts'
import type { Verdict } from './verdict.ts'
import { judgeChain, readChain, type VerifyOptions } from './verify.ts'

interface Known {
  /** Whom the leaf was held against, and what came with it. */
  readonly about: string
  readonly verdict: Verdict
  readonly from: number
  readonly until: number
}

export class KnownProofs {
  readonly #known = new WeakMap<Certificate, Known>()

  /** As `verifyPeer`, where the trust is the same each time a domain is asked about. */
  verify(chain: readonly Buffer[], options: VerifyOptions): Verdict {
    const read = readChain(chain)
    if (!Array.isArray(read)) return read
    const [leaf, ...others] = read
    const { domain, side = '', now } = options
    const about = [domain, side, ...others.map(({ fingerprint }) => fingerprint)].join(' ')
    const known = this.#known.get(leaf)
    if (known && known.about === about && known.from <= now && now <= known.until) return known.verdict
    const verdict = judgeChain(read, options)
    if (verdict.proven && verdict.path) {
      const from = Math.max(...verdict.path.map(({ notBefore }) => notBefore))
      const until = Math.min(...verdict.path.map(({ notAfter }) => notAfter))
      this.#known.set(leaf, { about, verdict, from, until })
    }
    return verdict
  }
}
