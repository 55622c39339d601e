// Bytes that follow from a text and a secret, so that they are the same each time and nobody outside can tell them from
// chance. The secret is kept in a file, so that they stay the same over restarts.

import { createHmac, randomBytes } from 'node:crypto'
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
