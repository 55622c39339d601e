// A stranger's words inside a line of ours: data, never markup, never a second line, never long.

const LIMIT = 200
// Controls, bidirectional overrides and everything else that could move a cursor or hide text.
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu

/** The text in double quotes: unprintable characters escaped as `\u{…}`, cut after 200 characters. */
export function quote(text: string): string {
  const cut = text.length > LIMIT ? `${text.slice(0, LIMIT)}…` : text
  const safe = cut
    .replaceAll('\\', '\\\\')
    .replaceAll('"', String.raw`\"`)
    .replaceAll(UNPRINTABLE, (c) => `\\u{${c.codePointAt(0)?.toString(16) ?? ''}}`)
  return `"${safe}"`
}
