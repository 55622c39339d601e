// A thread that reads large CRLs, so that nobody's stanzas wait for it. Run by `crl-reader.ts` alone.

import { parentPort } from 'node:worker_threads'
import { readCrl, readCrls } from './crl.ts'
import type { CrlRequest, CrlsOnThread } from './crl-reader.ts'

const port = parentPort
port?.on('message', ({ octets, form }: CrlRequest) => {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  const own: ArrayBuffer[] = []
  const read = (form === 'DER' ? [readCrl(buffer)] : readCrls(buffer)).map((crl) => {
    if (typeof crl === 'string') return crl
    const { revoked, ...rest } = crl
    const { sorted, octets: entries } = revoked
    // Its octets are in one buffer of its own, of which everything else is a part; both are handed over, not copied.
    const { buffer: whole } = crl.signed.octets
    own.push(sorted.keys.buffer, ...(whole instanceof ArrayBuffer ? [whole] : []))
    return { ...rest, entries, sorted }
  })
  port.postMessage(read satisfies CrlsOnThread, own)
})
