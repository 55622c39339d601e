// Values that came from outside, made fit to be read: whatever a terminal, a log reader or an editor would act on
// becomes visible text. An address can hold line ends after decoding, terminal escapes, and characters that turn the
// direction of writing.

// Cc: C0 and C1 controls. Cf: bidi controls, zero-width characters, tags. Cs: halves of surrogate pairs.
const ACTIVE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

/** Most texts: nothing in them but what ASCII prints. */
const ORDINARY = /^[ -~]*$/

/** Text for a terminal or a report, always one line: active characters as `\u{…}`. */
export function plain(text: string): string {
  return ORDINARY.test(text)
    ? text
    : text.replace(ACTIVE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
}

/** JSON text with active characters as JSON escapes, so that it parses to the same value. */
export function plainJson(json: string): string {
  if (ORDINARY.test(json)) return json
  return json.replace(ACTIVE, (character) =>
    Array.from(
      { length: character.length },
      (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )
}
