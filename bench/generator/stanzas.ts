// The stanzas that are sent, made once: blocks of some hundred kilobytes, each a whole number of stanzas, so that sending
// costs a copy and the cipher and nothing else.

/** chat: 281 bytes each. */
export type LoadKind = 'chat'

export interface Route {
  /** Domains: of whom the stanzas come, and whom they go to. */
  readonly from: string
  readonly to: string
}

export interface Block {
  readonly bytes: Buffer
  /** Where each stanza ends. */
  readonly ends: readonly number[]
}

/** The size of the stanza that this field measures by. */
const CHAT_BYTES = 281
const TEXT = 'The quick brown fox jumps over the lazy dog, and then it does so again because nobody has looked. '

/** A block of `count` stanzas of a kind. Stanzas differ in their `id`. */
export function makeBlock(kind: LoadKind, route: Route, count: number): Block {
  const stanzas = Array.from({ length: count }, (_, number) => MAKERS[kind](route, number))
  const ends: number[] = []
  let at = 0
  for (const stanza of stanzas) ends.push((at += stanza.length))
  return { bytes: Buffer.from(stanzas.join(''), 'latin1'), ends }
}

const MAKERS: Readonly<Record<LoadKind, (route: Route, number: number) => string>> = { chat }

function chat({ from, to }: Route, number: number): string {
  const id = String(number).padStart(6, '0')
  const head = `<message from='alice@${from}/phone' to='bob@${to}' type='chat' id='${id}'><body>`
  const tail = '</body></message>'
  return head + TEXT.repeat(3).slice(0, CHAT_BYTES - head.length - tail.length) + tail
}
