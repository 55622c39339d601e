// CRLs that somebody brings: files in a directory, for a gateway that has no way out to fetch any. DER or PEM.
//
// Rule 1: looked at again when a file has changed, and when it is asked for not more often than every few seconds.
// Rule 2: a file that does not read, or is out of date, is a finding; the others count all the same.

import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { certificateFinding } from '../finding.ts'
import type { CertificateFinding } from '../finding.ts'
import type { CrlReader } from './crl-reader.ts'
import { LARGEST_CRL_BYTES } from './crl.ts'
import type { Crl } from './crl.ts'

const LOOK_MS = 5000
/** More files than that, or more octets in all, are not read. */
const MOST_FILES = 200
const MOST_BYTES = 128 * 2 ** 20

interface Read {
  readonly stamp: string
  readonly crl: Crl | string
}

export class DroppedCrls {
  readonly #directory: string
  readonly #now: () => number
  readonly #reader: Pick<CrlReader, 'read'>
  #read = new Map<string, Read>()
  #fault: string | undefined
  #lookedAt = -Infinity
  #looking: Promise<void> | undefined

  constructor(directory: string, now: () => number, reader: Pick<CrlReader, 'read'>) {
    this.#directory = directory
    this.#now = now
    this.#reader = reader
  }

  /** The CRLs that lie there now. Never rejects. */
  async all(): Promise<readonly Crl[]> {
    if (this.#now() - this.#lookedAt >= LOOK_MS) await (this.#looking ??= this.#look())
    return [...this.#read.values()].flatMap(({ crl }) => (typeof crl === 'string' ? [] : [crl]))
  }

  /** What is wrong with the files, as last looked at. */
  findings(): readonly CertificateFinding[] {
    const find = (file: string, message: string): CertificateFinding =>
      certificateFinding('warning', file, 'trust.crls', message)
    const now = this.#now()
    return [
      ...(this.#fault === undefined ? [] : [find(this.#directory, this.#fault)]),
      ...Array.from(this.#read, ([file, { crl }]) => {
        if (typeof crl === 'string') return find(file, `${crl}; put a CRL there, DER or PEM`)
        const until = crl.nextUpdate ?? 0
        if (until > now) return undefined
        return find(file, `was due to be replaced at ${new Date(until).toISOString()}; bring the new one`)
      }).filter((finding) => finding !== undefined),
    ]
  }

  async #look(): Promise<void> {
    try {
      const names = (await readdir(this.#directory)).filter((name) => /\.(?:crl|pem|der)$/i.test(name)).toSorted()
      const read = new Map<string, Read>()
      let left = MOST_BYTES
      this.#fault = names.length > MOST_FILES ? `more than ${MOST_FILES} files; the rest is not read` : undefined
      for (const name of names.slice(0, MOST_FILES)) {
        const file = join(this.#directory, name)
        const one = await this.#readFile(file, left)
        read.set(file, one)
        left -= typeof one.crl === 'string' ? 0 : one.crl.bytes
      }
      this.#read = read
    } catch (error) {
      // What was read before serves on, as long as it is current.
      this.#fault = `cannot be read (${error instanceof Error ? error.message : String(error)})`
    } finally {
      this.#lookedAt = this.#now()
      this.#looking = undefined
    }
  }

  async #readFile(file: string, mostBytes: number): Promise<Read> {
    try {
      const { ino, size, mtimeMs } = await stat(file)
      const stamp = `${ino} ${size} ${mtimeMs}`
      const known = this.#read.get(file)
      if (known?.stamp === stamp) return known
      // In PEM it is a third longer.
      if (size > Math.min(mostBytes, LARGEST_CRL_BYTES * 1.5)) return { stamp, crl: `a file of ${size} bytes` }
      return { stamp, crl: await this.#reader.read(await readFile(file), 'or PEM') }
    } catch (error) {
      return { stamp: '', crl: `cannot be read (${error instanceof Error ? error.message : String(error)})` }
    }
  }
}
