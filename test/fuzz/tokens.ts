// Cuts the text of a stream into tags, texts and other markup. Right up to the first thing that makes it ill-formed, which is
// as far as anybody asks.

export type TokenKind = 'text' | 'tag' | 'section' | 'declaration' | 'instruction' | 'comment' | 'dtd' | 'markup'

export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** In bytes. */
  readonly start: number
  readonly end: number
  /** False where the text ends before the token does, or may. */
  readonly whole: boolean
}

const TAG = /<(?:[^>'"]|'[^']*'|"[^"]*")*>/y
const SECTION = /<!\[CDATA\[[^]*?\]\]>/y
const INSTRUCTION = /<\?[^]*?\?>/y

/** `mayDeclare`: an XML declaration may stand here after white space too. */
export function tokenise(text: string, mayDeclare: boolean): Token[] {
  const tokens: Token[] = []
  let start = 0
  let declarable = true
  for (let at = 0; at < text.length;) {
    const { kind, end, whole } = tokenAt(text, at, declarable)
    const piece = text.slice(at, end)
    const bytes = Buffer.byteLength(piece)
    tokens.push({ kind, text: piece, start, end: start + bytes, whole })
    if (kind !== 'text' || !mayDeclare || piece.trim() !== '') declarable = false
    start += bytes
    at = end
  }
  return tokens
}

function tokenAt(
  text: string,
  at: number,
  declarable: boolean,
): Pick<Token, 'kind' | 'whole'> & { readonly end: number } {
  if (text[at] !== '<') {
    const less = text.indexOf('<', at)
    return { kind: 'text', end: less < 0 ? text.length : less, whole: less >= 0 }
  }
  const upTo = (kind: TokenKind, pattern: RegExp): ReturnType<typeof tokenAt> => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    return { kind, end: match === null ? text.length : at + match[0].length, whole: match !== null }
  }
  const rest = { end: text.length, whole: false } as const
  if (text.startsWith('<![CDATA[', at)) return upTo('section', SECTION)
  if (text.startsWith('<!--', at)) return { kind: 'comment', ...rest }
  if (text.startsWith('<!', at))
    return { kind: /^<![A-Za-z_]/.test(text.slice(at, at + 3)) ? 'dtd' : 'markup', ...rest }
  if (!text.startsWith('<?', at)) return upTo('tag', TAG)
  const start = text.slice(at, at + 6)
  const declares =
    declarable && (/^<\?xml[\t\r\n ]$/.test(start) || (at + start.length === text.length && '<?xml'.startsWith(start)))
  return declares ? upTo('declaration', INSTRUCTION) : { kind: 'instruction', ...rest }
}
