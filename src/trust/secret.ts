// The secret that a component shares with the core's server (XEP-0114): read from a file, and made into what is said.

import { createHash, randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { certificateFinding, type CertificateFinding } from './finding.ts'
import { readText } from './files.ts'

/** Reads the file that `core.secretFile` names; line ends around the secret are not part of it. */
export async function loadSecret(
  file: string,
): Promise<{ readonly secret: string | undefined; readonly findings: readonly CertificateFinding[] }> {
  const complain = (message: string): CertificateFinding =>
    certificateFinding('error', file, 'core.secretFile', message)
  const read = await readText(file)
  if ('fault' in read) {
    const how = 'write the secret into it that the core has for the component'
    return { secret: undefined, findings: [complain(`${read.fault}; ${how}`)] }
  }
  const secret = read.text.trim()
  if (secret === '')
    return { secret: undefined, findings: [complain('empty; write the secret of the component into it')] }
  if (/[\r\n]/.test(secret))
    return { secret: undefined, findings: [complain('more than one line; write the secret alone')] }
  // SECURITY: whoever has the secret can be every partner to the core.
  if (await isReadableByAll(file)) {
    return { secret: undefined, findings: [complain('every user of this host can read it; chmod 600 it')] }
  }
  return { secret, findings: [] }
}

/** A new secret, of characters that need no escaping anywhere. */
export const makeSecret = (): string => randomBytes(24).toString('base64url')

/** What a component says to prove that it knows the secret. XEP-0114 §3 */
export function componentDigest(id: string, secret: string): string {
  return createHash('sha1')
    .update(id + secret)
    .digest('hex')
}

async function isReadableByAll(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && (found.mode & 0o007) !== 0
}
