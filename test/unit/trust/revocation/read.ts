// What tests of revocation read of what they have made.

import assert from 'node:assert/strict'
import { readCertificate, type Certificate } from '../../../../src/trust/certificate.ts'
import { readCrl, type Crl } from '../../../../src/trust/revocation/crl.ts'

/** A certificate that must be readable. */
export function certificate({ der }: { readonly der: Buffer }): Certificate {
  const read = readCertificate(der)
  assert.ok(typeof read !== 'string')
  return read
}

/** A CRL that must be readable. */
export function list(der: Buffer): Crl {
  const read = readCrl(der)
  assert.ok(typeof read !== 'string')
  return read
}
