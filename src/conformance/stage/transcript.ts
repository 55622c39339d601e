// What both sides of a stream said, line by line, as evidence: bodies and credentials are not kept, only how long they
// were and their digest, so that two records can be compared and nobody's words are handed in.

import { createHash } from 'node:crypto'

export interface Line {
  /** Milliseconds since the transcript began. */
  readonly at: number
  /** Who spoke; `note`: what happened, such as a handshake; `account`: one of ours at a live partner. */
  readonly who:
    | 'gateway'
    | 'peer'
    | 'gateway, back'
    | 'peer, back'
    | 'core to gateway'
    | 'gateway to core'
    | 'account to partner'
    | 'partner to account'
    | 'note'
  readonly text: string
}

const NAMES = 'body|subject|status|auth|response|success|challenge|result|verify|handshake'
/** Words, credentials, and keys of dialback (XEP-0220) and components (XEP-0114), whatever their prefix; one may not end here. */
const PRIVATE = new RegExp(
  String.raw`<((?:[\w.-]+:)?(${NAMES}))((?:\s(?:[^<>'"/]|'[^']*'|"[^"]*")*)?)>(.*?)(?:</\1\s*>|$)`,
  'gs',
)
/** With elements in them these are answers: a result of dialback with its error. */
const ANSWERS: ReadonlySet<string> = new Set(['result', 'verify'])

/** A stretch of a text that is private, and what stands there instead. */
interface Hidden {
  readonly from: number
  readonly to: number
  readonly mask: string
}

function hiddenIn(text: string): readonly Hidden[] {
  return [...text.matchAll(PRIVATE)].flatMap((match) => {
    const [, tag = '', name = '', attributes = '', content = ''] = match
    const words = content.replace(/<[^>]*>/g, '')
    if (words === '' || (ANSWERS.has(name) && words !== content)) return []
    const from = match.index + `<${tag}${attributes}>`.length
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 16)
    return [{ from, to: from + content.length, mask: `[${content.length} characters, sha256 ${digest}]` }]
  })
}

/** What is private is replaced by its length and the beginning of its digest. */
export const masked = (text: string): string => maskedPieces([text])[0]!

/**
 * The same of a text that has come in pieces: what begins in one and ends in another is told where it begins, and what of it
 * is in the others is taken out. A name that itself was cut in two is found as well.
 */
export function maskedPieces(pieces: readonly string[]): readonly string[] {
  const hidden = hiddenIn(pieces.join(''))
  let at = 0
  return pieces.map((piece) => {
    const [begins, ends] = [at, at + piece.length]
    at = ends
    let shown = ''
    let next = begins
    for (const { from, to, mask } of hidden) {
      if (to <= begins || from >= ends) continue
      shown += piece.slice(next - begins, Math.max(from, begins) - begins) + (from >= begins ? mask : '[its rest]')
      next = Math.min(to, ends)
    }
    return shown + piece.slice(next - begins)
  })
}

/** Is the text of elements of this name kept by its length and digest alone? */
export const isPrivate = (name: string): boolean => NAMES.split('|').includes(name)

/** The beginning of something that was said, for a sentence that names it. */
export const shortly = (words: { toString(): string }): string => masked(words.toString()).slice(0, 200)

/** What a handshake came to. `group` is not known where the gateway is the client: OpenSSL tells a client alone. */
export interface Agreed {
  /** What the gateway was in it. */
  readonly gateway: 'client' | 'server'
  readonly version: string
  readonly suite: string
  readonly group?: string
}

/** With these a document begins, and whatever the one before left open is over. */
const BEGINS = /^\s*(?:<\?xml|<stream:stream)/

export class Transcript {
  readonly #said: Line[] = []
  readonly agreed: Agreed[] = []
  readonly #began: number
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  add(who: Line['who'], text: string): void {
    this.#said.push({ at: Math.round(this.#now() - this.#began), who, text })
  }

  /** What was said, without what is private, in whatever pieces it came. */
  get lines(): readonly Line[] {
    const shown = new Map<Line, string>()
    for (const own of Map.groupBy(this.#said, ({ who }) => who).values())
      for (const document of documentsOf(own))
        for (const [index, text] of maskedPieces(document.map((line) => line.text)).entries())
          shown.set(document[index]!, text)
    return this.#said.map((line) => ({ ...line, text: shown.get(line) ?? '' }))
  }

  /** TLS has come about. */
  secured(agreed: Agreed): void {
    this.agreed.push(agreed)
    this.add('note', `${agreed.version} with ${agreed.suite}${agreed.group === undefined ? '' : ` by ${agreed.group}`}`)
  }

  toString(): string {
    return this.lines.map(({ at, who, text }) => `${String(at).padStart(7)} ms  ${who}: ${text}\n`).join('')
  }
}

/** The lines of one speaker, by the document they belong to; a note stands for itself. */
function documentsOf(lines: readonly Line[]): readonly (readonly Line[])[] {
  const documents: Line[][] = []
  for (const line of lines) {
    const last = documents.at(-1)
    if (!last || line.who === 'note' || BEGINS.test(line.text)) documents.push([line])
    else last.push(line)
  }
  return documents
}
