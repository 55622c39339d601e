// Bytes of the kind that others are: servers make salts and nonces of random bytes, or of the text of random numbers.

import { readBase64 } from '../../stream/client/sasl.ts'

/** What it is, and its number: `uuid` and the version, `hex` and `text` and how many characters, `base64` and `bytes` and of how many bytes. */
export type Kind = `${'uuid' | 'hex' | 'text' | 'base64' | 'bytes'} ${number}`

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const HEX = /^[0-9a-f]+$/

export const isKind = (value: unknown): value is Kind =>
  typeof value === 'string' && /^(?:uuid|hex|text|base64|bytes) \d{1,3}$/.test(value)

/** Of a salt, which is any bytes. */
export const kindOfBytes = (sample: Buffer): Kind => kindOfText(sample.toString('latin1')) ?? `bytes ${sample.length}`

/** Of what a server adds to a nonce, which is text. */
export function kindOfNonce(sample: string): Kind {
  const bytes = readBase64(sample)?.length
  return kindOfText(sample) ?? (bytes === undefined ? `text ${sample.length}` : `base64 ${bytes}`)
}

function kindOfText(text: string): Kind | undefined {
  if (UUID.test(text)) return `uuid ${Number(text[14])}`
  return HEX.test(text) ? `hex ${text.length}` : undefined
}

/** Of this kind, made from 32 random bytes. */
export function like(kind: Kind, random: Buffer): Buffer {
  const [what = '', digits] = kind.split(' ')
  const number = Number(digits)
  const hex = stretched(random, Math.max(32, number)).toString('hex')
  switch (what) {
    case 'uuid':
      return Buffer.from(uuid(hex, number, random[31] ?? 0))
    case 'hex':
      return Buffer.from(hex.slice(0, number))
    case 'base64':
      return Buffer.from(stretched(random, number).toString('base64'))
    case 'text':
      return Buffer.from(stretched(random, number).toString('base64').slice(0, number))
    default:
      return stretched(random, number)
  }
}

function uuid(hex: string, version: number, chance: number): string {
  const variant = '89ab'[chance & 3]
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `${version}${hex.slice(12, 15)}`, `${variant}${hex.slice(15, 18)}`]
  return `${parts.join('-')}-${hex.slice(18, 30)}`
}

function stretched(random: Buffer, length: number): Buffer {
  return Buffer.concat(Array.from({ length: Math.ceil(length / random.length) }, () => random)).subarray(0, length)
}
