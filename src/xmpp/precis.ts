// PRECIS: the two profiles of strings that addresses are made of. Localparts follow UsernameCaseMapped (RFC 8265 §3.3,
// IdentifierClass), resources OpaqueString (RFC 8265 §4.2, FreeformClass); the classes are those of RFC 8264 §8, written
// with the Unicode properties of the running engine, so that new characters arrive with a new Node.
//
// A string is judged after it has been mapped, not before: canonically equivalent spellings are one address.
// Each profile gives the enforced string, or undefined for one that it forbids. Applying it again changes nothing.

import { satisfiesBidiRule } from './bidi.ts'
import { satisfiesContext } from './context-rules.ts'

// RFC 8264 §9.6: exceptions that are valid in spite of their properties, or only in context.
const VALID_EXCEPTIONS = String.raw`\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007`
const IN_CONTEXT = String.raw`\u00B7\u0375\u05F3\u05F4\u30FB\u0660-\u0669\u06F0-\u06F9\u200C\u200D`
const FORBIDDEN = [
  String.raw`\u0640\u07FA\u302E\u302F\u3031-\u3035\u303B`, // Exceptions, §9.6
  String.raw`\u1100-\u11FF\uA960-\uA97C\uD7B0-\uD7C6\uD7CB-\uD7FB`, // OldHangulJamo, §9.9
  String.raw`\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}`, // PrecisIgnorableProperties, §9.13
].join('')
const LETTER_DIGITS = String.raw`\p{Ll}\p{Lu}\p{Lo}\p{Nd}\p{Lm}\p{Mn}\p{Mc}` // §9.1
const FREE = String.raw`${LETTER_DIGITS}\p{Lt}\p{Nl}\p{No}\p{Me}\p{Zs}\p{S}\p{P}` // §9.1, §9.14–§9.18

const IDENTIFIER = new RegExp(`^[[!-~${VALID_EXCEPTIONS}${IN_CONTEXT}][[${LETTER_DIGITS}]--[${FORBIDDEN}]]]+$`, 'v')
const FREEFORM = new RegExp(`^[[${VALID_EXCEPTIONS}${IN_CONTEXT}][[${FREE}]--[${FORBIDDEN}]]]+$`, 'v')

// The blocks of full-width and half-width forms; everything in them that an identifier may become decomposes by NFKC.
const WIDE_OR_NARROW = /[\u3000\uFF01-\uFFEE]/g
const SPACES = /\p{Zs}/gu

/** Does the string consist of characters of the IdentifierClass, each in a context that allows it? RFC 8264 §4.2. */
export const isIdentifier = (text: string): boolean =>
  IDENTIFIER.test(text) && text.normalize('NFKC') === text && satisfiesContext(text) // HasCompat, §9.17

/** The string as UsernameCaseMapped enforces it, or undefined. RFC 8265 §3.3. */
export function usernameCaseMapped(text: string): string | undefined {
  const mapped = text
    .replace(WIDE_OR_NARROW, (c) => c.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC')
  return isIdentifier(mapped) && satisfiesBidiRule(mapped) ? mapped : undefined
}

/** The string as OpaqueString enforces it, or undefined. RFC 8265 §4.2. */
export function opaqueString(text: string): string | undefined {
  const mapped = text.replace(SPACES, ' ').normalize('NFC')
  return FREEFORM.test(mapped) && satisfiesContext(mapped) ? mapped : undefined
}
