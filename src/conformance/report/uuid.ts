// UUIDs that are made of what they name (RFC 9562 §5.5), so that the same thing has the same one in every report.

import { createHash } from 'node:crypto'

/** The namespace of ours. */
const NAMESPACE = Buffer.from('5a117901790e4c0f8a5e3c6f0d9b2e71', 'hex')

export function uuidOf(text: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(text).digest('hex')
  const variant = ((Number.parseInt(hash[16]!, 16) & 0x3) | 0x8).toString(16)
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `5${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-')
}
