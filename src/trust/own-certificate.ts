// What we show for one domain, as it lies on disk: a certificate with its key, and perhaps a second one with a key of
// another kind, RSA beside EC, for peers that verify only one of them.

import type { Certificate } from './certificate.ts'
import { stepOf, untilText } from './expiry.ts'
import { errorText, isThere } from './files.ts'
import { certificateFinding } from './finding.ts'
import type { CertificateFinding } from './finding.ts'
import { identityOf, keyKindOf } from './identity.ts'
import type { Identity } from './identity.ts'
import { readPair } from './own-pair.ts'
import type { OwnPair, PairFiles } from './own-pair.ts'
import { summarise } from './summary.ts'

/** Where the certificates of a domain of ours lie. */
export interface OwnEntry extends PairFiles {
  readonly domain: string
  /** Another certificate, of another kind of key. `optional`: it need not be there. */
  readonly second?: (PairFiles & { readonly optional: boolean }) | undefined
}

export interface OwnCertificate {
  /** Undefined when certificate and key cannot be used at all. */
  readonly identity: Identity | undefined
  /** Each as it is sent, leaf first; the first is that of `certFile`. */
  readonly chains: readonly OwnChain[]
  /** What is wrong with the files; dates are for `dateFindings`, since they become wrong by themselves. */
  readonly findings: readonly CertificateFinding[]
}

export interface OwnChain {
  readonly certFile: string
  readonly chain: readonly Certificate[]
  /** Of the leaf, where the file has it. */
  readonly issuer: Certificate | undefined
}

/** Reads and checks what is shown for a domain. */
export async function readOwnCertificate(entry: OwnEntry): Promise<OwnCertificate> {
  const { domain, certFile, second } = entry
  const findings: CertificateFinding[] = []
  const pairs: (OwnPair & { readonly certFile: string })[] = []
  for (const files of second && !(await isLeftOut(second)) ? [entry, second] : [entry]) {
    const pair = await readPair(domain, files)
    findings.push(...pair.findings)
    const [leaf] = pair.chain
    const twin = leaf && pairs.find(({ material, chain }) => material && keyKindOf(chain[0]!) === keyKindOf(leaf))
    if (pair.material && twin) {
      const message = `has the same kind of key as ${twin.certFile}, so it is never shown; have one RSA and one EC`
      findings.push(certificateFinding('warning', files.certFile, `domains.${domain}`, message))
    } else pairs.push({ ...pair, certFile: files.certFile })
  }
  const chains = pairs.map(({ certFile: file, chain, issuer }) => ({ certFile: file, chain, issuer }))
  const materials = pairs.flatMap(({ material }) => material ?? [])
  if (materials.length === 0) return { identity: undefined, chains, findings }
  try {
    return { identity: identityOf(materials), chains, findings }
  } catch (error) {
    // OpenSSL refuses a weak key too; saying it twice helps nobody.
    if (!findings.some(({ severity }) => severity === 'error'))
      findings.push(
        certificateFinding('error', certFile, `domains.${domain}`, `not usable for TLS: ${errorText(error)}`),
      )
    return { identity: undefined, chains, findings }
  }
}

/** A second certificate that need not be there is left out when neither of its files is. */
async function isLeftOut({ optional, certFile, keyFile }: NonNullable<OwnEntry['second']>): Promise<boolean> {
  return optional && !(await isThere(certFile)) && !(await isThere(keyFile))
}

/** What the dates of the chains say now; nothing while all is well. `now` in milliseconds since 1970. */
export function dateFindings(domain: string, chains: readonly OwnChain[], now: number): readonly CertificateFinding[] {
  return chains.flatMap(({ certFile, chain }) => dateFinding(domain, certFile, chain, now) ?? [])
}

function dateFinding(
  domain: string,
  certFile: string,
  chain: readonly Certificate[],
  now: number,
): CertificateFinding | undefined {
  const find = (severity: 'error' | 'warning', message: string): CertificateFinding =>
    certificateFinding(severity, certFile, `domains.${domain}`, message)
  for (const certificate of chain) {
    const { notBefore, notAfter } = certificate
    const what = certificate === chain[0] ? '' : `the intermediate ${summarise(certificate).subject} `
    const end = new Date(notAfter).toISOString()
    const step = stepOf(certificate, now)
    if (step === 'expired') return find('error', `${what}expired at ${end}; renew it`)
    if (now < notBefore)
      return find(
        'error',
        `${what}is not valid before ${new Date(notBefore).toISOString()}; check the clock of this host`,
      )
    if (step !== undefined) return find('warning', `${what}expires at ${end}, ${untilText(notAfter, now)}; renew it`)
  }
  return undefined
}
