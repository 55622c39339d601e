// COMPAT: peers of RFC 6122 (Prosody and ejabberd among them) prepare addresses by stringprep, and send some that RFC
// 7622 forbids: symbols and compatibility characters in localparts, emoji sequences, soft hyphens and middle dots in
// resources. An address that the profiles of `precis.ts` refuse is tried here, so that such users can be talked to.
//
// What is tolerated is what Nodeprep (RFC 6122 Appendix A) and Resourceprep (Appendix B) make of a string, with three
// deliberate differences: the repertoire is today's Unicode and not that of version 3.2, as such peers allow it too;
// case is mapped as in `precis.ts` (ß and ς stay what they are; `foldLocal` is for whoever asks whom such a peer means); and format characters that stringprep does not know,
// the bidi isolates for one, are refused.

import { satisfiesStringprepBidi } from './bidi.ts'

// RFC 3454 B.1: commonly mapped to nothing. Here are ZWJ and the variation selectors of emoji.
const MAPPED_TO_NOTHING = /[\u00AD\u1806\u2060\u200B-\u200D\uFEFF]|\u034F|[\u180B-\u180D]|[\uFE00-\uFE0F]/g

// RFC 3454 C.1.2 (after NFKC) and C.2 to C.9, said by property: spaces but the ASCII one, controls, format and private
// characters, surrogates, unassigned ones, line separators, description characters, replacement characters.
const PROHIBITED =
  /[[\p{Zs}--[ ]]\p{Zl}\p{Zp}\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2FF0-\u2FFF\uFFFC\uFFFD]/v

/** What NFKC makes of five ideographs has been corrected since; stringprep has them as they were. RFC 3454 §4 */
const AS_IN_3_2: ReadonlyMap<string, string> = new Map([
  ['\u{2F868}', '\u{2136A}'],
  ['\u{2F874}', '\u5F33'],
  ['\u{2F91F}', '\u43AB'],
  ['\u{2F95F}', '\u7AAE'],
  ['\u{2F9BF}', '\u4D57'],
])

/** A resource as Resourceprep maps it, or undefined where that prohibits it. */
export function resourceprep(text: string): string | undefined {
  const mapped = text.replace(MAPPED_TO_NOTHING, '').normalize('NFKC')
  return PROHIBITED.test(mapped) || !satisfiesStringprepBidi(mapped) ? undefined : mapped
}

/** A localpart as Nodeprep maps it, or undefined where that prohibits it; what RFC 7622 excludes in any case is not asked here. */
export function nodeprep(text: string): string | undefined {
  const mapped = resourceprep(text)?.toLowerCase().normalize('NFKC')
  return mapped?.includes(' ') === true ? undefined : mapped
}

/**
 * A localpart as Nodeprep folds it, case and all, whatever it prohibits: two that peers of RFC 6122 take for one are equal, ß
 * and ss among them. Of a text as it came: in canonical form some are composed, which Nodeprep does last. RFC 3454 B.1, B.2
 */
export function foldLocal(text: string): string {
  if (ASCII_ONLY.test(text)) return text.toLowerCase()
  const all = Array.from(text.replace(MAPPED_TO_NOTHING, ''), (char) => AS_IN_3_2.get(char) ?? folded(folded(char)))
  return all.join('').normalize('NFKC')
}

const ASCII_ONLY = /^[\0-\x7F]*$/

// By way of what it is in capitals, which are several for some; but ı, of which that makes an i, and nobody else does. Each
// by itself, since the last Σ of a word becomes another letter than the others.
const folded = (text: string): string =>
  Array.from(text, (char) => (char === 'ı' ? char : char.toLowerCase().toUpperCase().toLowerCase()))
    .join('')
    .normalize('NFKC')
