// What both sides of a stream said, line by line, as evidence: bodies and credentials are not kept, only how long they
// were and their digest, so that two records can be compared and nobody's words are handed in.

import { createHash } from 'node:crypto'

export interface Line {
  /** Milliseconds since the transcript began. */
  readonly at: number
  /** Who spoke; `note`: what happened, such as a handshake. */
  readonly who: 'gateway' | 'peer' | 'gateway, back' | 'peer, back' | 'core to gateway' | 'gateway to core' | 'note'
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

/** What is private is replaced by its length and the beginning of its digest. */
export function masked(text: string): string {
  return text.replace(PRIVATE, (whole, tag: string, name: string, attributes: string, content: string) => {
    const words = content.replace(/<[^>]*>/g, '')
    if (words === '' || (ANSWERS.has(name) && words !== content)) return whole
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 16)
    return `<${tag}${attributes}>[${content.length} characters, sha256 ${digest}]</${tag}>`
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

export class Transcript {
  readonly lines: Line[] = []
  readonly agreed: Agreed[] = []
  readonly #began: number
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
    this.#began = now()
  }

  add(who: Line['who'], text: string): void {
    this.lines.push({ at: Math.round(this.#now() - this.#began), who, text: masked(text) })
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
