// Secrets that stand in files: the one that a component shares with the core's server (XEP-0114), and what is made of it; the
// password for a directory.

import { createHash, randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { certificateFinding, type CertificateFinding } from './finding.ts'
import { readText } from './files.ts'

/** Whose secret a file holds, for what is said of it. */
export interface SecretUse {
  /** The setting that names the file. */
  readonly path: string
  readonly what: string
  /** What is to be in it. */
  readonly how: string
}

const OF_COMPONENT: SecretUse = {
  path: 'core.secretFile',
  what: 'the secret of the component',
  how: 'write the secret into it that the core has for the component',
}

/** Reads a file with one secret; line ends around it are not part of it. */
export async function loadSecret(
  file: string,
  { path, what, how }: SecretUse = OF_COMPONENT,
): Promise<{ readonly secret: string | undefined; readonly findings: readonly CertificateFinding[] }> {
  const complain = (message: string) => ({
    secret: undefined,
    findings: [certificateFinding('error', file, path, message)],
  })
  const read = await readText(file)
  if ('fault' in read) return complain(`${read.fault}; ${how}`)
  const secret = read.text.trim()
  if (secret === '') return complain(`empty; write ${what} into it`)
  if (/[\r\n]/.test(secret)) return complain('more than one line; write the secret alone')
  // SECURITY: whoever has the secret can be every partner to the core, or read in the directory what the gateway may.
  if (await isReadableByAll(file)) return complain('every user of this host can read it; chmod 600 it')
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
