// The two rules for strings that are written from right to left: the Bidi Rule of RFC 5893 §2, which PRECIS and IDNA2008
// use, and the older one of RFC 3454 §6, which stringprep uses.
//
// JavaScript has no Bidi_Class. Both rules are only asked about strings whose characters have passed a class already,
// and need to know no more than this: R and AL (one kind here, as in both rules), AN, EN, NSM, L, and all the rest.
// R and AL go by the blocks that Unicode reserves for them, so that letters to come are covered.

const RIGHT_TO_LEFT_BLOCKS = String.raw`\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}`
const ARABIC_NUMBER = String.raw`\u0660-\u0669\u066B\u066C\u06DD\u08E2\u{10D30}-\u{10D39}\u{10E60}-\u{10E7E}`
const EUROPEAN_NUMBER = String.raw`0-9\u06F0-\u06F9`
const NEITHER = String.raw`\p{M}\p{S}\p{Cf}\u060C\u066A${ARABIC_NUMBER}${EUROPEAN_NUMBER}`
const STRONG_SYMBOLS = String.raw`\u06FD\u06FE` // AL
const RIGHT_TO_LEFT = `[[[${RIGHT_TO_LEFT_BLOCKS}]--[${NEITHER}]]${STRONG_SYMBOLS}]`

// Marks (and a sign) that run from left to right, and letters that have none.
const STRONG_MARKS = String.raw`\u0F0B\u0CBF\u0CC6\u{11A07}\u{11A08}\u{11C3F}`
const NEUTRAL_LETTERS = String.raw`\u02B9\u02BA\u02C2-\u02CF\u02D2-\u02DF\u02E5-\u02ED\u02EF-\u02FF\u0374\u2E2F\uA67F\uA700-\uA721\uA788`
const NONSPACING = `[[\\p{Mn}\\p{Me}]--[${STRONG_MARKS}]]`
const LEFT_TO_RIGHT = `[[\\p{L}\\p{Mc}\\p{Nd}\\p{Nl}${STRONG_MARKS}]--[${RIGHT_TO_LEFT_BLOCKS}${EUROPEAN_NUMBER}${NEUTRAL_LETTERS}]]`

const HAS_RTL = new RegExp(RIGHT_TO_LEFT, 'v')
const HAS_RTL_OR_AN = new RegExp(`[${RIGHT_TO_LEFT}${ARABIC_NUMBER}]`, 'v')
const HAS_LTR = new RegExp(LEFT_TO_RIGHT, 'v')
const HAS_EN = new RegExp(`[${EUROPEAN_NUMBER}]`, 'v')
const HAS_AN = new RegExp(`[${ARABIC_NUMBER}]`, 'v')
const STARTS_RTL = new RegExp(`^${RIGHT_TO_LEFT}`, 'v')
const ENDS_RTL = new RegExp(`${RIGHT_TO_LEFT}$`, 'v')
const ENDS_RTL_OR_NUMBER = new RegExp(`[${RIGHT_TO_LEFT}${ARABIC_NUMBER}${EUROPEAN_NUMBER}]${NONSPACING}*$`, 'v')

/** Does the string contain a right-to-left character or an Arabic number? RFC 5893 §1.4. */
export const isRightToLeft = (text: string): boolean => HAS_RTL_OR_AN.test(text)

/** Does the string keep the Bidi Rule? One without right-to-left characters does. RFC 5893 §2, as RFC 8265 §3.3.2 uses it. */
export function satisfiesBidiRule(text: string): boolean {
  if (!isRightToLeft(text)) return true
  return (
    STARTS_RTL.test(text) && // condition 1; a string that starts from the left may not contain R, AL or AN (5)
    !HAS_LTR.test(text) && // 2
    ENDS_RTL_OR_NUMBER.test(text) && // 3
    !(HAS_EN.test(text) && HAS_AN.test(text)) // 4
  )
}

/** Does the string keep the rule of stringprep? RFC 3454 §6. */
export const satisfiesStringprepBidi = (text: string): boolean =>
  !HAS_RTL.test(text) || (STARTS_RTL.test(text) && ENDS_RTL.test(text) && !HAS_LTR.test(text))
