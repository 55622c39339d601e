// The stanzas that are sent, made once: blocks of some hundred kilobytes, each a whole number of stanzas, so that sending
// costs a copy and the cipher and nothing else. Everybody gets the same ones.

/**
 * chat: messages of 281 bytes each. mixed: 60% of these, 30% presence, 8% questions (iq), which are answered, and 2% messages
 * of 8 to 60 KB.
 */
export type LoadKind = 'chat' | 'mixed'

export interface Route {
  /** Domains: of whom the stanzas come, and whom they go to. */
  readonly from: string
  readonly to: string
}

export interface Block {
  readonly bytes: Buffer
  /** Where each stanza ends. */
  readonly ends: readonly number[]
  /** How many questions there are up to and with each stanza. */
  readonly questions: readonly number[]
}

/** The size of stanza that this field is measured by. */
const CHAT_BYTES = 281
/** So many people talk on each side. */
const PEOPLE = 100
const TEXT = 'The quick brown fox jumps over the lazy dog, and then it does so again because nobody has looked. '
const LONG = { least: 8 * 1024, most: 60 * 1024 }

/** A block of `count` stanzas, which differ in their `id` and in who talks with whom. */
export function makeBlock(kind: LoadKind, route: Route, count: number): Block {
  const stanzas = Array.from({ length: count }, (_, number) => MAKERS[kind](route, number, count))
  const [ends, questions]: [number[], number[]] = [[], []]
  for (const stanza of stanzas) {
    ends.push((ends.at(-1) ?? 0) + stanza.length)
    questions.push((questions.at(-1) ?? 0) + (stanza.startsWith('<iq') ? 1 : 0))
  }
  return { bytes: Buffer.from(stanzas.join(''), 'latin1'), ends, questions }
}

/** What answers the questions of such a block, in their order. `route` is that of the questions. */
export function makeAnswers(kind: LoadKind, route: Route, count: number): readonly Buffer[] {
  if (kind === 'chat') return []
  const numbers = Array.from({ length: count }, (_, number) => number)
  return numbers
    .filter((number) => partOf(number) === 'question')
    .map((number) => {
      const [asks, asked] = who(route, number)
      const answer = `<query xmlns='jabber:iq:last' seconds='${number}'/>`
      return Buffer.from(`<iq from='${asked}' to='${asks}' type='result' id='${idOf(number)}'>${answer}</iq>`)
    })
}

const MAKERS: Readonly<Record<LoadKind, (route: Route, number: number, count: number) => string>> = { chat, mixed }

const idOf = (number: number): string => String(number).padStart(6, '0')
const nameOf = (number: number): string => `user${String(number % PEOPLE).padStart(3, '0')}`

/** The two who talk in a stanza. */
function who({ from, to }: Route, number: number): readonly [from: string, to: string] {
  return [`${nameOf(number)}@${from}/phone`, `${nameOf(number * 7 + 3)}@${to}/desk`]
}

function addresses(route: Route, number: number): string {
  const [from, to] = who(route, number)
  return `from='${from}' to='${to}'`
}

function chat(route: Route, number: number): string {
  return message(route, number, CHAT_BYTES)
}

/** A chat of the usual size from one full address to another. */
export function chatBetween(from: string, to: string, id: string): string {
  return filled(`<message from='${from}' to='${to}' type='chat' id='${id}'><body>`, CHAT_BYTES)
}

function message(route: Route, number: number, bytes: number): string {
  return filled(`<message ${addresses(route, number)} type='chat' id='${idOf(number)}'><body>`, bytes)
}

function filled(head: string, bytes: number): string {
  const tail = '</body></message>'
  const text = bytes - head.length - tail.length
  return head + TEXT.repeat(Math.ceil(text / TEXT.length)).slice(0, text) + tail
}

type Part = 'chat' | 'presence' | 'question' | 'long'

/** Parts of fifty, spread so that no kind comes in a row. */
const PARTS: readonly Part[] = Array.from({ length: 50 }, (_, i) => {
  if (i === 25) return 'long'
  if (i % 12 === 5) return 'question'
  return i % 10 === 2 || i % 10 === 4 || i % 10 === 8 ? 'presence' : 'chat'
})

const partOf = (number: number): Part => PARTS[number % PARTS.length] ?? 'chat'

function mixed(route: Route, number: number, count: number): string {
  const part = partOf(number)
  if (part === 'chat') return chat(route, number)
  if (part === 'long')
    return message(route, number, LONG.least + Math.floor((number / count) * (LONG.most - LONG.least)))
  const people = addresses(route, number)
  if (part === 'presence') {
    return `<presence ${people} id='${idOf(number)}'><show>away</show><status>Away, and back in a while</status><priority>5</priority></presence>`
  }
  return `<iq ${people} type='get' id='${idOf(number)}'><query xmlns='jabber:iq:last'/></iq>`
}
