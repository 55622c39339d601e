// Reading CRLs without holding anybody up: small ones at once, large ones on a thread of their own, which is there while
// there is something to read.
//
// Rule 1: what is read comes out the same on either way.
// Rule 2: one thread, one CRL after another: however many come at once, they take one processor and no more.

import { Worker } from 'node:worker_threads'
import { LARGEST_CRL_BYTES, derOfCrl, readCrl } from './crl.ts'
import type { Crl } from './crl.ts'
import { Serials, type SortedSerials } from './serials.ts'

/** Some hundred microseconds' work; to hand over more costs less than to do it. */
const SMALL_BYTES = 65_536
const IDLE_MS = 10_000
/** Beside the octets and the table, reading takes next to nothing. */
const HEAP_MB = 128
/** More octets than that do not wait to be read. */
const MOST_BYTES = 4 * LARGEST_CRL_BYTES

export interface CrlRequest {
  readonly number: number
  readonly octets: Uint8Array
  readonly form: 'DER' | 'or PEM'
}

/** A CRL as it comes from the thread: plain data. A string says what is wrong with it. */
export interface CrlOnThread {
  readonly number: number
  readonly crl: string | (Omit<Crl, 'revoked'> & { readonly entries: Uint8Array; readonly sorted: SortedSerials })
}

export class CrlReader implements AsyncDisposable {
  readonly #waiting = new Map<number, (crl: Crl | string) => void>()
  #waitingBytes = 0
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #numbers = 0

  /** As `readCrl`. Never rejects. */
  async read(octets: Buffer, form: CrlRequest['form'] = 'DER'): Promise<Crl | string> {
    if (octets.length <= SMALL_BYTES) return readCrl(form === 'DER' ? octets : derOfCrl(octets))
    if (this.#waitingBytes + octets.length > MOST_BYTES) return 'there are too many others to be read first'
    this.#waitingBytes += octets.length
    const { promise, resolve } = Promise.withResolvers<Crl | string>()
    const number = ++this.#numbers
    this.#waiting.set(number, resolve)
    clearTimeout(this.#idle)
    const worker = (this.#worker ??= this.#start())
    worker.ref()
    worker.postMessage({ number, octets, form } satisfies CrlRequest, [])
    try {
      return await promise
    } finally {
      this.#waitingBytes -= octets.length
    }
  }

  /** What is being read comes to nothing. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle)
    await this.#worker?.terminate()
    this.#lost('the gateway is being stopped')
  }

  #start(): Worker {
    const worker = new Worker(new URL('crl-thread.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    })
    worker.on('message', ({ number, crl }: CrlOnThread) => {
      const resolve = this.#waiting.get(number)
      this.#waiting.delete(number)
      resolve?.(typeof crl === 'string' ? crl : whole(crl))
      if (this.#waiting.size > 0) return
      worker.unref()
      this.#idle = setTimeout(() => void this.#end(worker), IDLE_MS).unref()
    })
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#lost(error instanceof Error ? error.message : String(error))
    })
    return worker
  }

  async #end(worker: Worker): Promise<void> {
    this.#worker = undefined
    await worker.terminate()
  }

  #lost(why: string): void {
    this.#worker = undefined
    for (const resolve of this.#waiting.values()) resolve(`could not be read: ${why}`)
    this.#waiting.clear()
  }
}

/** Its buffers are plain arrays of octets after the way from the thread. */
function whole({ entries, sorted, ...rest }: Exclude<CrlOnThread['crl'], string>): Crl {
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
