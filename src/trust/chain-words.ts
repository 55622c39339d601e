// The certificates a peer showed, in words, for whoever has to say what is wrong with them.

import { readCertificate } from './certificate.ts'
import { findName, nameText } from './names.ts'
import { summarise } from './summary.ts'
import type { CertificateSummary } from './verdict.ts'

/** More than any honest chain has. */
const MOST = 10

export interface ChainWords {
  /** As sent, the peer's own first; what does not read is left out. */
  readonly certificates: readonly CertificateSummary[]
  /** The name of the first that stands for the domain. */
  readonly matching: string | undefined
}

/** What was shown for `domain`, in words. Judges nothing: that is `verify.ts`. */
export function chainWords(chain: readonly Buffer[], domain: string): ChainWords {
  const read = chain.slice(0, MOST).map((der) => readCertificate(der))
  const [leaf] = read
  const name = typeof leaf === 'object' ? findName(leaf.extensions.names, domain) : undefined
  return {
    certificates: read.flatMap((one) => (typeof one === 'string' ? [] : summarise(one))),
    matching: name && nameText(name),
  }
}
