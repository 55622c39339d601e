// What a client has heard, in a form that can be compared: one line for each element, names and namespaces resolved by
// saxes, attributes in order, and `*` for what is made anew each time.

import { SaxesParser, type SaxesTagNS } from 'saxes'

const CLIENT = 'jabber:client'
const STREAMS = 'http://etherx.jabber.org/streams'
const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'

export interface Normal {
  /** Words → what stands for them, in this order. */
  readonly names: readonly (readonly [word: string, stands: string])[]
  /** Was this value chosen by the script? */
  isScripted(value: string): boolean
}

/** Made anew each time, or by the clock. */
const FRESH_ATTRIBUTES: ReadonlySet<string> = new Set(['stamp', 'ver', 'location', 'url'])
const FRESH_TEXTS: ReadonlySet<string> = new Set([
  'first',
  'last',
  'challenge',
  'response',
  'success',
  'put',
  'get',
  'header',
])
/** Asked when the server likes to. */
const BY_THE_CLOCK: ReadonlySet<string> = new Set(["<r xmlns='urn:xmpp:sm:3'/>"])

interface Open {
  readonly tag: SaxesTagNS
  text: string
}

/** Everything heard on one connection, streams in a row, as lines. */
export function linesOf(all: string, normal: Normal): readonly string[] {
  let text = all
  for (const [word, stands] of normal.names) text = text.replaceAll(word, stands)
  return text
    .split(/(?=<\?xml)/)
    .filter((stream) => stream.trim() !== '')
    .flatMap((stream) => linesOfStream(stream, normal))
    .filter((line) => !BY_THE_CLOCK.has(line))
}

function linesOfStream(stream: string, normal: Normal): readonly string[] {
  const lines: string[] = []
  const open: Open[] = []
  const parser = new SaxesParser({ xmlns: true })
  parser.on('error', (error) => {
    // A stream that has not ended is no whole document, which is all that may be wrong with it.
    if (!/unclosed tag/.test(error.message)) throw error
  })
  parser.on('opentag', (tag) => {
    if (open.length === 0) lines.push(`${opening(tag, '', normal)}>`)
    open.push({ tag, text: '' })
  })
  parser.on('text', (text) => {
    const inner = open.at(-1)
    if (inner && open.length > 1) inner.text += escape(isFresh(inner.tag.local) ? '*' : normalText(text))
  })
  parser.on('closetag', () => {
    const { tag, text } = open.pop()!
    const outer = open.at(-1)
    if (!outer) {
      lines.push('</stream>')
      return
    }
    const namespace = open.length === 1 ? CLIENT : outer.tag.uri
    const begin = opening(tag, namespace, normal)
    const whole = text === '' ? `${begin}/>` : `${begin}>${text}</${tag.local}>`
    if (open.length > 1 && !isList(outer.tag)) outer.text += whole
    else if (!isList(tag)) lines.push(isList(outer.tag) ? `in ${outer.tag.local}: ${whole}` : whole)
  })
  parser.write(stream).close()
  return lines
}

/** What is compared by what is in it. */
const isList = ({ uri, local }: SaxesTagNS): boolean =>
  (uri === STREAMS && local === 'features') || (uri === SASL && local === 'mechanisms')

const isFresh = (local: string): boolean => FRESH_TEXTS.has(local)

function opening({ local, uri, attributes }: SaxesTagNS, outer: string, normal: Normal): string {
  const all = Object.values(attributes)
    .filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns')
    .map(({ name, local: word, value }) => {
      const isNew = FRESH_ATTRIBUTES.has(word) || (word.endsWith('id') && !normal.isScripted(value))
      return ` ${name}='${escape(isNew ? '*' : value)}'`
    })
    .toSorted()
  return `<${local}${uri === outer ? '' : ` xmlns='${uri}'`}${all.join('')}`
}

const normalText = (text: string): string => text.replace(/Reference:? [0-9a-z-]{14}/g, 'Reference *')

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&apos;')
