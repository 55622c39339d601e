// Characters that are valid only next to certain others: the contextual rules of RFC 5892 Appendix A, shared by PRECIS
// (RFC 8264 §9.6, §9.8) and IDNA2008. Most strings have none of them and are through after one test.
//
// Joining types and viramas are no properties that JavaScript knows; the lists hold what Unicode 17 says.

const CONTEXTUAL = /[\u00B7\u0375\u05F3\u05F4\u0660-\u0669\u06F0-\u06F9\u30FB]|\u200C|\u200D/

// Canonical_Combining_Class=Virama.
const VIRAMA = String.raw`\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D3B\u0D3C\u0D4D\u0DCA\u0E3A\u0EBA\u0F84\u1039\u103A\u1714\u1715\u1734\u17D2\u1A60\u1B44\u1BAA\u1BAB\u1BF2\u1BF3\u2D7F\uA806\uA82C\uA8C4\uA953\uA9C0\uAAF6\uABED\u{10A3F}\u{11046}\u{11070}\u{1107F}\u{110B9}\u{11133}\u{11134}\u{111C0}\u{11235}\u{112EA}\u{1134D}\u{113CE}-\u{113D0}\u{11442}\u{114C2}\u{115BF}\u{1163F}\u{116B6}\u{1172B}\u{11839}\u{1193D}\u{1193E}\u{119E0}\u{11A34}\u{11A47}\u{11A99}\u{11C3F}\u{11D44}\u{11D45}\u{11D97}\u{11F41}\u{11F42}\u{1612F}`

// Joining_Type=Dual_Joining or Left_Joining.
const JOINS_NEXT = String.raw`\u0620\u0626\u0628\u062A-\u062E\u0633-\u063F\u0641-\u0647\u0649\u064A\u066E\u066F\u0678-\u0687\u069A-\u06BF\u06C1\u06C2\u06CC\u06CE\u06D0\u06D1\u06FA-\u06FC\u06FF\u0712-\u0714\u071A-\u071D\u071F-\u0727\u0729\u072B\u072D\u072E\u074E-\u0758\u075C-\u076A\u076D-\u0770\u0772\u0775-\u0777\u077A-\u077F\u07CA-\u07EA\u0841-\u0845\u0848\u084A-\u0853\u0855\u0860\u0862-\u0865\u0868\u0886\u0889-\u088D\u088F\u08A0-\u08A9\u08AF\u08B0\u08B3-\u08B8\u08BA-\u08C8\u1807\u1820-\u1878\u1887-\u18A8\u18AA\uA840-\uA872\u{10AC0}-\u{10AC4}\u{10ACD}\u{10AD3}-\u{10AD8}\u{10ADA}-\u{10ADC}\u{10ADE}-\u{10AE0}\u{10AEB}-\u{10AEE}\u{10B80}\u{10B82}\u{10B86}-\u{10B88}\u{10B8A}\u{10B8B}\u{10B8D}\u{10B90}\u{10BAD}\u{10BAE}\u{10D00}-\u{10D21}\u{10D23}\u{10F30}-\u{10F32}\u{10F34}-\u{10F44}\u{10F51}-\u{10F53}\u{10F70}-\u{10F73}\u{10F76}-\u{10F81}\u{10FB0}\u{10FB2}\u{10FB3}\u{10FB8}\u{10FBB}\u{10FBC}\u{10FBE}\u{10FBF}\u{10FC1}\u{10FC4}\u{10FCA}\u{10FCB}\u{1E900}-\u{1E943}`

// Joining_Type=Right_Joining; with the list above, less its left-joining members, what joins the character before it.
const JOINS_PREVIOUS_ONLY = String.raw`\u0622-\u0625\u0627\u0629\u062F-\u0632\u0648\u0671-\u0673\u0675-\u0677\u0688-\u0699\u06C0\u06C3-\u06CB\u06CD\u06CF\u06D2\u06D3\u06D5\u06EE\u06EF\u0710\u0715-\u0719\u071E\u0728\u072A\u072C\u072F\u074D\u0759-\u075B\u076B\u076C\u0771\u0773\u0774\u0778\u0779\u0840\u0846\u0847\u0849\u0854\u0856-\u0858\u0867\u0869\u086A\u0870-\u0882\u088E\u08AA-\u08AC\u08AE\u08B1\u08B2\u08B9\u{10AC5}\u{10AC7}\u{10AC9}\u{10ACA}\u{10ACE}-\u{10AD2}\u{10ADD}\u{10AE1}\u{10AE4}\u{10AEF}\u{10B81}\u{10B83}-\u{10B85}\u{10B89}\u{10B8C}\u{10B8E}\u{10B8F}\u{10B91}\u{10BA9}-\u{10BAC}\u{10D22}\u{10EC2}\u{10F33}\u{10F54}\u{10F74}\u{10F75}\u{10FB4}-\u{10FB6}\u{10FB9}\u{10FBA}\u{10FBD}\u{10FC2}\u{10FC3}\u{10FC9}`
const JOINS_NEXT_ONLY = String.raw`\uA872\u{10ACD}\u{10AD7}\u{10D00}\u{10FCB}`
const TRANSPARENT = String.raw`[[\p{Mn}\p{Me}\p{Cf}]--[\u200C\u200D]]`

// Each rule finds the character where it must not stand.
const VIOLATIONS: readonly RegExp[] = [
  // A.1 ZERO WIDTH NON-JOINER: after a virama, or between letters that would join.
  new RegExp(
    `(?<![${VIRAMA}])\\u200C(?!(?<=[${JOINS_NEXT}]${TRANSPARENT}*\\u200C)${TRANSPARENT}*[[${JOINS_NEXT}${JOINS_PREVIOUS_ONLY}]--[${JOINS_NEXT_ONLY}]])`,
    'v',
  ),
  // A.2 ZERO WIDTH JOINER: after a virama.
  new RegExp(`(?<![${VIRAMA}])\\u200D`, 'v'),
  // A.3 MIDDLE DOT: between two l.
  /(?<!l)\u00B7|\u00B7(?!l)/u,
  // A.4 GREEK LOWER NUMERAL SIGN: before Greek.
  /\u0375(?!\p{Script=Greek})/u,
  // A.5, A.6 HEBREW PUNCTUATION GERESH and GERSHAYIM: after Hebrew.
  /(?<!\p{Script=Hebrew})[\u05F3\u05F4]/u,
  // A.7 KATAKANA MIDDLE DOT: somewhere with Hiragana, Katakana or Han.
  /^[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*\u30FB[^\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]*$/u,
  // A.8, A.9 ARABIC-INDIC DIGITS: the two kinds are not mixed.
  /[\u0660-\u0669].*[\u06F0-\u06F9]|[\u06F0-\u06F9].*[\u0660-\u0669]/su,
]

/** Does every character that needs a context stand in one? RFC 5892 Appendix A. */
export const satisfiesContext = (text: string): boolean =>
  !CONTEXTUAL.test(text) || !VIOLATIONS.some((violation) => violation.test(text))
