// A thread that reads large CRLs, so that nobody's stanzas wait for it. Run by `crl-reader.ts` alone.

import { parentPort } from 'node:worker_threads'
import { derOfCrl, readCrl } from './crl.ts'
import type { CrlOnThread, CrlRequest } from './crl-reader.ts'

const port = parentPort
port?.on('message', ({ number, octets, form }: CrlRequest) => {
  const buffer = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  const crl = readCrl(form === 'DER' ? buffer : derOfCrl(buffer))
  if (typeof crl === 'string') return port.postMessage({ number, crl } satisfies CrlOnThread)
  const { revoked, ...rest } = crl
  const { sorted, octets: entries } = revoked
  // Its octets are in one buffer of its own, of which everything else is a part; both are handed over, not copied.
  const own = crl.signed.octets.buffer
  const answer: CrlOnThread = { number, crl: { ...rest, entries, sorted } }
  return port.postMessage(answer, own instanceof ArrayBuffer ? [own, sorted.keys.buffer] : [])
})
