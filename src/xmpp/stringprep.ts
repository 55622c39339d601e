// COMPAT: peers of RFC 6122 (Prosody and ejabberd among them) prepare addresses by stringprep, and send some that RFC
// 7622 forbids: symbols and compatibility characters in localparts, emoji sequences, soft hyphens and middle dots in
// resources. An address that the profiles of `precis.ts` refuse is tried here, so that such users can be talked to.
//
// What is tolerated is what Nodeprep (RFC 6122 Appendix A) and Resourceprep (Appendix B) make of a string, with three
// deliberate differences: the repertoire is today's Unicode and not that of version 3.2, as such peers allow it too;
// case is mapped as in `precis.ts` (ß and ς stay what they are); and format characters that stringprep does not know,
// the bidi isolates for one, are refused.

import { satisfiesStringprepBidi } from './bidi.ts'

// RFC 3454 B.1: commonly mapped to nothing. Here are ZWJ and the variation selectors of emoji.
const MAPPED_TO_NOTHING = /[\u00AD\u1806\u2060\u200B-\u200D\uFEFF]|\u034F|[\u180B-\u180D]|[\uFE00-\uFE0F]/g

// RFC 3454 C.1.2 (after NFKC) and C.2 to C.9, said by property: spaces but the ASCII one, controls, format and private
// characters, surrogates, unassigned ones, line separators, description characters, replacement characters.
const PROHIBITED =
  /[[\p{Zs}--[ ]]\p{Zl}\p{Zp}\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}\u2FF0-\u2FFF\uFFFC\uFFFD]/v

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
