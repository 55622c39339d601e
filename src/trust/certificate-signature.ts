// Did the owner of one certificate sign another? OpenSSL says so, over the octets that we read.
//
// Rule 1: `X509Certificate.verify` writes the signed part out anew before it looks at it, which costs more than half of a
//         signature on P-256. What needs no parameters is verified over the octets as they came; all else is left to it.
// Rule 2: the two are of one mind: the kind of key is that of the algorithm, and a signature has whole octets only.

import { verify, type KeyObject } from 'node:crypto'
import type { Certificate } from './certificate.ts'
import { expectTag, readAll, readDer, TAG } from './der.ts'

/** The kind of key and the hash of algorithms without parameters; Ed25519 and Ed448 hash by themselves. RFC 4055, RFC 5758, RFC 8410 */
const ALGORITHMS: Readonly<Record<string, { readonly key: KeyObject['asymmetricKeyType']; readonly hash?: string }>> = {
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
  '1.3.101.112': { key: 'ed25519' },
  '1.3.101.113': { key: 'ed448' },
}

/** Is the certificate signed with the key of `issuer`? False too for keys and algorithms that OpenSSL does not know. */
export function isSignedWith(certificate: Certificate, issuer: Certificate): boolean {
  try {
    const key = issuer.x509.publicKey
    const algorithm = ALGORITHMS[certificate.signatureAlgorithm.oid]
    if (!algorithm) return certificate.x509.verify(key)
    if (key.asymmetricKeyType !== algorithm.key) return false
    const [signed, , signature] = readAll(readDer(certificate.raw, TAG.sequence))
    const { content } = expectTag(signature, TAG.bitString)
    return content[0] === 0 && verify(algorithm.hash, expectTag(signed, TAG.sequence).whole, key, content.subarray(1))
  } catch {
    // OpenSSL throws for keys and algorithms that it does not know or that do not fit together.
    return false
  }
}
