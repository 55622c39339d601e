// A reference names one refusal or one closed stream: short enough to be read over the telephone, too random to be
// guessed. The other side sees it and nothing else about our rules; `sallyport why <reference>` has the rest.
//
// Twelve characters of Crockford's base 32 (no i, l, o, u) carry 60 bits. Randomness is an argument.

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const SHAPE = /^[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){2}$/

/** Writes a reference, `xxxx-xxxx-xxxx`, from at least 8 random bytes; of the eighth only the lower half counts. */
export function formatReference(random: Uint8Array): string {
  if (random.length < 8) throw new RangeError('a reference needs 8 random bytes')
  let text = ''
  let bits = 0
  let value = 0
  for (let i = 0; text.length < 14; i++) {
    value = (value << 8) | (random[i] ?? 0)
    bits += 8
    while (bits >= 5 && text.length < 14) {
      bits -= 5
      text += ALPHABET[(value >>> bits) & 31]
      if (text.length === 4 || text.length === 9) text += '-'
    }
    value &= 31
  }
  return text
}

/** Is this a reference as we write them? */
export const isReference = (text: string): boolean => SHAPE.test(text)

/**
 * Reads a reference as a person may have typed it: upper case, without or with other separators, o for 0, i or l for 1.
 * Undefined when it cannot be one.
 */
export function readReference(text: string): string | undefined {
  const plain = text.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1')
  const reference = `${plain.slice(0, 4)}-${plain.slice(4, 8)}-${plain.slice(8)}`
  return isReference(reference) ? reference : undefined
}

/** The only words about a refusal or a close that the other side gets to read. */
export const peerText = (reference: string): string => `Reference ${reference}`
