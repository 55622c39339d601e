// Bytes that follow from a text and a secret, so that they are the same each time and nobody outside can tell them from
// chance. The secret is kept in a file, so that they stay the same over restarts.

import { createHmac, hash, randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

const SECRET_BYTES = 32

export class KeyedDigest {
  readonly #secret: Buffer

  constructor(secret: Buffer) {
    this.#secret = secret
  }

  /**
   * With the secret in this file, which is made where it is missing. Where it can be neither read nor made, a secret for
   * this process serves.
   */
  static async kept(file: string): Promise<KeyedDigest> {
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(file, randomBytes(SECRET_BYTES), { flag: 'wx', mode: 0o600 })
    } catch {
      // It is there already, or the next line tells.
    }
    const secret = await readFile(file).catch(() => undefined)
    return new KeyedDigest(secret?.length === SECRET_BYTES ? secret : randomBytes(SECRET_BYTES))
  }

  /** 32 bytes. */
  digest(text: string): Buffer {
    return createHmac('sha256', this.#secret).update(text).digest()
  }
}

/**
 * A hash that nobody can foretell and that holds for this process only, as 32 characters of one octet each: for tables of much
 * that strangers name. SHA-256 over a secret and the text; of what it says nothing is shown to anybody.
 */
export function passingHash(): (text: string) => string {
  const secret = randomBytes(SECRET_BYTES).toString('hex')
  return (text) => hash('sha256', secret + text, 'binary')
}
