// What a request for a certificate asks for (PKCS#10, RFC 2986), read from the request itself, whatever is said beside it.

import { createPublicKey, verify } from 'node:crypto'
import { expectTag, readAll, readDer, readOid, TAG } from '../../trust/der.ts'
import { readGeneralName } from '../../trust/general-name.ts'
import { nameText } from '../../trust/names.ts'
import { violated } from '../ends.ts'

const OID_SUBJECT_ALT_NAME = '2.5.29.17'
/** RFC 2985 §5.4.2 */
const OID_EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const ATTRIBUTES = 0xa0

/** @param pem signed with SHA-256. @returns its names, as `DNS:corp.example`. @throws where it is none, or its key has not signed it */
function requestedNames(pem: string): readonly string[] {
  const body = /-----BEGIN CERTIFICATE REQUEST-----([^-]+)-----END CERTIFICATE REQUEST-----/.exec(pem)?.[1]
  if (body === undefined) throw new Error('no request')
  const [info, , signature] = readAll(readDer(Buffer.from(body, 'base64'), TAG.sequence))
  const parts = readAll(expectTag(info, TAG.sequence))
  const key = createPublicKey({ key: parts[2]!.whole, format: 'der', type: 'spki' })
  // The first octet says how many bits of the last are none.
  if (!verify('sha256', info!.whole, key, expectTag(signature, TAG.bitString).content.subarray(1)))
    throw new Error('its key has not signed it')
  const attributes = readAll(expectTag(parts[3], ATTRIBUTES)).map((one) => readAll(one))
  const extensions = attributes
    .filter(([oid]) => readOid(oid) === OID_EXTENSION_REQUEST)
    .flatMap(([, values]) => readAll(values!).flatMap((list) => readAll(list).map((one) => readAll(one))))
  const names = extensions.filter(([oid]) => readOid(oid) === OID_SUBJECT_ALT_NAME)
  return names.flatMap((parted) =>
    readAll(readDer(parted.at(-1)!.content)).map((one) => nameText(readGeneralName(one))),
  )
}

/** @param said JSON with a `request`. @returns what it asks for, in words. @throws Ends where that is not just these names */
export function asksFor(said: string, wanted: readonly string[]): string {
  let names: readonly string[]
  try {
    const told: unknown = JSON.parse(said)
    const has = typeof told === 'object' && told !== null && 'request' in told && typeof told.request === 'string'
    names = requestedNames(has ? String(told.request) : '')
  } catch (error) {
    throw violated(`what it says is no request: ${error instanceof Error ? error.message : String(error)}`)
  }
  const words = `the request asks for ${names.join(', ')}`
  if (names.toSorted().join() !== wanted.toSorted().join()) throw violated(words)
  return words
}
