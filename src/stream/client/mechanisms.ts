// Whom a client claims to be, read from the first words of a log-in. RFC 6120 §6; PLAIN (RFC 4616), SCRAM (RFC 5802),
// OAuth as it was before a standard (X-OAUTH2), tokens (draft-schmaus-kitten-sasl-ht).
//
// Rule: what cannot be read names nobody, and does not pass.

import { readScramFirst, type ScramFirst } from './scram.ts'

/** What a first message says. */
export interface Named {
  /** Whose password it is. */
  readonly authcid: string
  /** Whom it wants to act for; '' where nobody is named. */
  readonly authzid: string
  readonly scram?: ScramFirst
}

const FAMILIES: readonly (readonly [pattern: RegExp, read: (message: Buffer) => Named | undefined])[] = [
  [/^PLAIN$/, readPlain],
  [/^X-OAUTH2$/, readPlain],
  [/^SCRAM-SHA[0-9-]{1,12}$/, readScram],
  [/^HT-[A-Z0-9-]{1,20}-NONE$/, readToken],
]

/** Is it a mechanism whose claims can be read? */
export const isReadable = (mechanism: string): boolean => FAMILIES.some(([pattern]) => pattern.test(mechanism))

export const isScram = (mechanism: string): boolean => mechanism.startsWith('SCRAM-')

/** Whom the first message of this mechanism names. */
export function readClaim(mechanism: string, message: Buffer): Named | undefined {
  const family = FAMILIES.find(([pattern]) => pattern.test(mechanism))
  return family?.[1](message)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** `authzid NUL authcid NUL password` */
function readPlain(message: Buffer): Named | undefined {
  const text = textOf(message)
  const parts = text?.split('\0') ?? []
  const [authzid = '', authcid = ''] = parts
  return parts.length === 3 && authcid !== '' ? { authcid, authzid } : undefined
}

/** `n,a=authzid,n=user,r=nonce…` */
function readScram(message: Buffer): Named | undefined {
  const scram = readScramFirst(textOf(message) ?? '')
  return scram && { authcid: scram.user, authzid: scram.authzid, scram }
}

/** `authcid NUL token` */
function readToken(message: Buffer): Named | undefined {
  const end = message.indexOf(0)
  const authcid = end > 0 ? textOf(message.subarray(0, end)) : undefined
  return authcid === undefined ? undefined : { authcid, authzid: '' }
}
