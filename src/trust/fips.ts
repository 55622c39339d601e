// Is our cryptography that of a provider validated under FIPS 140? Only the process can tell, and only by trying: Node says
// that FIPS is on as soon as somebody asked for it, also where no provider has it and nothing can be computed any more.

import { createHash, getFips } from 'node:crypto'
import { versions } from 'node:process'

export interface Fips {
  readonly on: boolean
  /** In words, with the version of OpenSSL. */
  readonly detail: string
}

/** What this process computes with. */
export interface Provider {
  readonly openssl: string
  /** 1 where FIPS was asked for. */
  getFips(): number
  /** Throws where there is no such hash. */
  hash(name: string): void
}

const THIS: Provider = {
  openssl: versions.openssl ?? 'unknown',
  getFips: () => getFips(),
  hash: (name) => void createHash(name).update('').digest(),
}

/** SHA-256 is there and MD5 is not: so it is with a FIPS provider, and with none else. */
export function fipsOf({ openssl, getFips: asked, hash }: Provider = THIS): Fips {
  const has = (name: string): boolean => {
    try {
      hash(name)
      return true
    } catch {
      return false
    }
  }
  if (asked() !== 1) return { on: false, detail: `OpenSSL ${openssl}, without a FIPS provider` }
  if (has('sha256') && !has('md5')) return { on: true, detail: `OpenSSL ${openssl}, with its FIPS provider` }
  return { on: false, detail: `OpenSSL ${openssl}, where FIPS is asked for and no provider has it` }
}
