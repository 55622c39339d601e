// Reading CRLs without holding anybody up: small ones at once, large ones on a thread of their own, which is there while
// there is something to read.
//
// Rule 1: what is read comes out the same on either way.
// Rule 2: one thread, one CRL after another: however many come at once, they take one processor and no more.
// Rule 3: what ends the thread, or keeps it too long, costs what was being read and nothing else. That it could not be read
//         now says nothing about a CRL.

import { Worker } from 'node:worker_threads'
import { errorText } from '../files.ts'
import { LARGEST_CRL_BYTES, readCrl, readCrls } from './crl.ts'
import type { Crl } from './crl.ts'
import { Serials, type SortedSerials } from './serials.ts'

/** Some hundred microseconds' work; to hand over more costs less than to do it. */
const SMALL_BYTES = 65_536
const IDLE_MS = 10_000
/** The largest takes a second or two. */
const LONGEST_MS = 30_000
/** Beside the octets and the table, reading takes next to nothing. */
const HEAP_MB = 128
/** More octets than that do not wait to be read. */
const MOST_BYTES = 4 * LARGEST_CRL_BYTES

export interface CrlRequest {
  readonly octets: Uint8Array
  readonly form: 'DER' | 'file'
}

/** What was read as it comes from the thread: plain data. A string says what is wrong with one. */
export type CrlsOnThread = readonly (
  | string
  | (Omit<Crl, 'revoked'> & { readonly entries: Uint8Array; readonly sorted: SortedSerials })
)[]

/** Something was not read: because there is too much else (`busy`), or because it could not be (`lost`). */
export interface NotNow {
  readonly notNow: 'busy' | 'lost'
  readonly detail: string
}

type Read = readonly (Crl | string)[]

interface Waiting extends CrlRequest {
  readonly done: (read: Read | NotNow) => void
}

export class CrlReader implements AsyncDisposable {
  /** The first is being read. */
  readonly #waiting: Waiting[] = []
  #waitingBytes = 0
  #worker: Worker | undefined
  #late: NodeJS.Timeout | undefined
  #idle: NodeJS.Timeout | undefined

  /** As `readCrl`. Never rejects. */
  async read(octets: Buffer): Promise<Crl | string | NotNow> {
    if (octets.length <= SMALL_BYTES) return readCrl(octets)
    const read = await this.#onThread(octets, 'DER')
    return 'notNow' in read ? read : read[0]!
  }

  /** As `readCrls`. Never rejects. */
  async readFile(octets: Buffer): Promise<Read | NotNow> {
    return octets.length <= SMALL_BYTES ? readCrls(octets) : this.#onThread(octets, 'file')
  }

  /** What is being read comes to nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    const worker = this.#leave()
    for (const { done } of this.#waiting.splice(0)) done({ notNow: 'lost', detail: 'the gateway is being stopped' })
    await worker?.terminate()
  }

  async #onThread(octets: Buffer, form: CrlRequest['form']): Promise<Read | NotNow> {
    if (this.#waitingBytes + octets.length > MOST_BYTES)
      return { notNow: 'busy', detail: 'there are too many others to be read first' }
    this.#waitingBytes += octets.length
    const { promise, resolve } = Promise.withResolvers<Read | NotNow>()
    this.#waiting.push({ octets, form, done: resolve })
    if (this.#waiting.length === 1) this.#next()
    try {
      return await promise
    } finally {
      this.#waitingBytes -= octets.length
    }
  }

  #next(): void {
    clearTimeout(this.#idle)
    clearTimeout(this.#late)
    const [first] = this.#waiting
    if (!first) {
      this.#worker?.unref()
      this.#idle = setTimeout(() => void this.#leave()?.terminate(), IDLE_MS).unref()
      return
    }
    this.#late = setTimeout(() => this.#lost(`not read within ${LONGEST_MS / 1000} s`), LONGEST_MS)
    const { octets, form } = first
    try {
      const worker = (this.#worker ??= this.#start())
      worker.ref()
      worker.postMessage({ octets, form } satisfies CrlRequest, [])
    } catch (error) {
      this.#lost(errorText(error))
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('crl-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
    const lost = (why: string): void => {
      if (this.#worker === worker) this.#lost(why)
    }
    worker.on('message', (read: CrlsOnThread) => {
      if (this.#worker === worker) this.#done(read.map((crl) => (typeof crl === 'string' ? crl : whole(crl))))
    })
    worker.on('messageerror', (error) => lost(error.message))
    worker.on('error', (error) => lost(errorText(error)))
    worker.on('exit', (code) => lost(`the thread ended with ${code}`))
    return worker
  }

  /** The first has been read, or will not be; the next is. */
  #done(read: Read | NotNow): void {
    this.#waiting.shift()?.done(read)
    this.#next()
  }

  #lost(why: string): void {
    void this.#leave()?.terminate()
    this.#done({ notNow: 'lost', detail: `could not be read: ${why}` })
  }

  /** Whatever the thread still says is not heard. */
  #leave(): Worker | undefined {
    clearTimeout(this.#late)
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    return worker
  }
}

/** Its buffers are plain arrays of octets after the way from the thread. */
function whole({ entries, sorted, ...rest }: Exclude<CrlsOnThread[number], string>): Crl {
  const { issuer, signed } = rest
  return {
    ...rest,
    issuer: { ...issuer, raw: bufferOf(issuer.raw) },
    signed: {
      octets: bufferOf(signed.octets),
      algorithm: bufferOf(signed.algorithm),
      signature: bufferOf(signed.signature),
    },
    revoked: new Serials(bufferOf(entries), sorted),
  }
}

const bufferOf = (octets: Uint8Array): Buffer => Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
