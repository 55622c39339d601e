// Internationalised domain names: U-labels and A-labels (RFC 5890). Mapping and Punycode are those of UTS 46 without
// transitional processing, as `node:url` has them; what UTS 46 lets through beyond IDNA2008 is refused here.
//
// SECURITY: `domainToASCII` is a URL host parser. It decodes %41, cuts at `/`, reads 127.1 as an address, and leaves
// labels alone that only look like A-labels (xn--zzzz). So nothing but letters, digits, hyphens, dots and non-ASCII
// characters is handed to it, and every A-label must have a U-label that IDNA2008 allows.

import { domainToASCII, domainToUnicode } from 'node:url'
import { isRightToLeft } from './bidi.ts'
import { isIdentifier } from './precis.ts'

const OTHER_ASCII = /[^-.0-9A-Za-z\u0080-\u{10FFFF}]/u
const ADDRESS_LIKE = /^[0-9.]+$/
const IGNORABLE_BLOCKS = /[\u20D0-\u20FF\u{1D100}-\u{1D24F}]/u // RFC 5892 §2.4
const ASCII_ONLY = /^[\0-\x7F]*$/

/** The labels of a name as A-labels in lower case, or undefined when it is no internationalised domain name. RFC 5891 §4. */
export function toAscii(name: string): string | undefined {
  if (OTHER_ASCII.test(name) || !name.isWellFormed()) return undefined
  const ascii = domainToASCII(name)
  if (ascii === '' || ADDRESS_LIKE.test(ascii)) return undefined
  const labels = domainToUnicode(ascii).split('.')
  if (!labels.every(isLabel)) return undefined
  return labels.some(isRightToLeft) && labels.some(startsWithNumber) ? undefined : ascii
}

/** The labels of a canonical name as U-labels. RFC 7622 §3.2.1. */
export const toUnicode = (name: string): string => domainToUnicode(name)

// What a label must be in its Unicode form, over and above the mapping. RFC 5891 §4.2.3, §5.4.
function isLabel(label: string): boolean {
  if (label.startsWith('xn--')) return false // an A-label that decodes to nothing
  if (ASCII_ONLY.test(label)) return true // LDH is checked with the whole name
  if (!isIdentifier(label) || IGNORABLE_BLOCKS.test(label)) return false
  return label.slice(2, 4) !== '--' && !label.startsWith('-') && !label.endsWith('-')
}

// RFC 5893 §2: beside a right-to-left label every label keeps the Bidi Rule. UTS 46 sees to each of them on its own;
// of one that runs from left to right it remains to be asked that it does not start with a number (condition 1).
const startsWithNumber = (label: string): boolean => /^[0-9\u06F0-\u06F9]/.test(label)
