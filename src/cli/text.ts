// Text for terminals. Addresses, certificate subjects and error texts come from strangers: they are shown as data and
// never act on the terminal (escape sequences, line breaks, text that runs backwards or is not there at all).

// Controls (C0, C1, DEL), line and paragraph separators, direction marks and overrides, invisible operators, tags,
// byte order marks, interlinear annotations, lone surrogates, private use, unassigned.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Bidi_Control}\p{Cf}]/gu
/** Format characters that writing systems and emoji need. */
const JOINERS = new Set(['\u200c', '\u200d'])

/** The text with everything that could act on a terminal, or mislead its reader, written out as `\u{…}`. */
export function visible(text: string): string {
  return text.replaceAll(UNSAFE, (character) =>
    JOINERS.has(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`,
  )
}

/** JSON that is safe on a terminal as well: what JSON leaves as it is but `visible` would not is escaped. `indent` 0: on one line. */
export function safeJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, undefined, indent).replaceAll(UNSAFE, (character) =>
    character === '\n' || JOINERS.has(character)
      ? character
      : Array.from(
          { length: character.length },
          (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
        ).join(''),
  )
}

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })
const WIDE =
  /^(?:\p{RGI_Emoji}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Bopomofo}|[\u3000-\u303e\uff01-\uff60\uffe0-\uffe6])/v
const NOTHING = /^[\p{M}\p{Cf}]+$/u

/** How many columns a terminal gives the text (Unicode Standard Annex 11, without the ambiguous ones). */
export function columns(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) {
    if (NOTHING.test(segment)) continue
    width += WIDE.test(segment) ? 2 : 1
  }
  return width
}

/** Pads on the right to a number of columns. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columns(text)))
}

/** Breaks a paragraph between words at a width; a word that is longer stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/ +/u)) {
    if (line !== '' && columns(line) + 1 + columns(word) > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  return lines
}

/** `1 stream`, `3 streams`. */
export function count(number: number, one: string, many: string = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/** 1536 → `1.5 KiB`. */
export function bytes(number: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  let value = number
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** Milliseconds → `5s`, `3m`, `2h`, `4d`: the coarsest unit that says enough. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes}m`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours}h` : `${Math.round(hours / 24)}d`
}

/** Which name of which partner's entry decides about a domain. */
export const matchText = ({ domain, matched }: { readonly domain: string; readonly matched: string }): string =>
  matched === domain ? `the entry of ${domain}` : `${matched} of the entry of ${domain}`
