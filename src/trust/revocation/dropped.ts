// CRLs that somebody brings: files in a directory, for a gateway that has no way out to fetch any. DER or PEM, in PEM also
// several in one file.
//
// Rule 1: looked at again when a file has changed, and when it is asked for not more often than every few seconds.
// Rule 2: a file that does not read, or is out of date, is a finding; the others count all the same.
// Rule 3: a file that cannot be read now is read later; what was in it before counts meanwhile.

import { readFile, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorText } from '../files.ts'
import { certificateFinding } from '../finding.ts'
import type { CertificateFinding } from '../finding.ts'
import type { CrlReader } from './crl-reader.ts'
import { LARGEST_CRL_BYTES } from './crl.ts'
import type { Crl } from './crl.ts'

const LOOK_MS = 5000
/** More files than that, or more octets in all, are not read. */
const MOST_FILES = 200
const MOST_BYTES = 128 * 2 ** 20

/** A file that could not be read is tried again after that. */
const RETRY_MS = 60_000

interface Read {
  readonly stamp: string
  /** From then on it is read again, though it has not changed. */
  readonly again: number
  readonly crls: readonly Crl[]
  readonly faults: readonly string[]
}

export class DroppedCrls {
  readonly #directory: string
  readonly #now: () => number
  readonly #reader: Pick<CrlReader, 'readFile'>
  #read = new Map<string, Read>()
  #fault: string | undefined
  #lookedAt = -Infinity
  #changes = 0
  #looking: Promise<void> | undefined

  constructor(directory: string, now: () => number, reader: Pick<CrlReader, 'readFile'>) {
    this.#directory = directory
    this.#now = now
    this.#reader = reader
  }

  /** The CRLs that lie there now. Never rejects. */
  async all(): Promise<readonly Crl[]> {
    if (this.#now() - this.#lookedAt >= LOOK_MS) await (this.#looking ??= this.#look())
    return [...this.#read.values()].flatMap(({ crls }) => crls)
  }

  /** How often something else lay there than before. */
  get changes(): number {
    return this.#changes
  }

  /** What is wrong with the files, as last looked at. */
  findings(): readonly CertificateFinding[] {
    const find = (file: string, message: string): CertificateFinding =>
      certificateFinding('warning', file, 'trust.crls', message)
    const now = this.#now()
    return [
      ...(this.#fault === undefined ? [] : [find(this.#directory, this.#fault)]),
      ...Array.from(this.#read).flatMap(([file, { crls, faults }]) => [
        ...faults.map((fault) => find(file, fault)),
        ...crls.flatMap(({ nextUpdate: until = 0 }) =>
          until > now
            ? []
            : [find(file, `was due to be replaced at ${new Date(until).toISOString()}; bring the new one`)],
        ),
      ]),
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
        left -= one.crls.reduce((sum, { bytes }) => sum + bytes, 0)
      }
      if (stampsOf(read) !== stampsOf(this.#read)) this.#changes += 1
      this.#read = read
    } catch (error) {
      // What was read before serves on, as long as it is current.
      this.#fault = `cannot be read (${errorText(error)})`
    } finally {
      this.#lookedAt = this.#now()
      this.#looking = undefined
    }
  }

  async #readFile(file: string, mostBytes: number): Promise<Read> {
    const known = this.#read.get(file)
    const before = known?.crls ?? []
    try {
      const { ino, size, mtimeMs } = await stat(file)
      const stamp = `${ino} ${size} ${mtimeMs}`
      if (known?.stamp === stamp && known.again > this.#now()) return known
      // In PEM it is a third longer.
      if (size > Math.min(mostBytes, LARGEST_CRL_BYTES * 1.5))
        return { stamp, again: 0, crls: [], faults: [`a file of ${size} bytes; ${ADVICE}`] }
      const read = await this.#reader.readFile(await readFile(file))
      if ('notNow' in read) {
        const again = read.notNow === 'busy' ? 0 : this.#now() + RETRY_MS
        return { stamp, again, crls: before, faults: [`${read.detail}; it is tried again`] }
      }
      const faults = read.flatMap((crl, i) =>
        typeof crl === 'string' ? `${read.length > 1 ? `CRL ${i + 1}: ` : ''}${crl}; ${ADVICE}` : [],
      )
      return { stamp, again: Infinity, crls: read.filter((crl) => typeof crl !== 'string'), faults }
    } catch (error) {
      return { stamp: '', again: 0, crls: before, faults: [`cannot be read (${errorText(error)}); ${ADVICE}`] }
    }
  }
}

const stampsOf = (read: ReadonlyMap<string, Read>): string =>
  [...read].map(([file, { stamp, crls }]) => `${file} ${stamp} ${crls.length}`).join('\n')

const ADVICE = 'put a CRL there, DER or PEM'
