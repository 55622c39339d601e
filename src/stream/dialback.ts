// Server Dialback on the wire (XEP-0220): a server claims to speak for a domain and sends a key for it (`result`), and the
// key is shown to the server that DNS names for the domain (`verify`), which says whether it is its own.
//
// Rule 1: an element is known by its namespace, whatever its prefix; ours declare the prefix `db` themselves, so they do
//         not depend on a header.
// Rule 2: nothing is taken for an answer that does not answer a question of ours on the same stream (XEP-0220 §3.1).

import { isStanzaCondition, STANZA_CONDITIONS, type StanzaCondition } from '../xmpp/conditions.ts'
import { parseDomain, toUnicodeDomain } from '../xmpp/domain.ts'
import { NS } from '../xmpp/namespaces.ts'
import { parseElement } from '../xml/element.ts'
import type { Frame, StreamHeader } from '../xml/frame.ts'
import { attribute, escapeText } from '../xml/write.ts'
import { quote } from './quote.ts'
import type { KeyAnswer, KeyQuestion, Pair } from './types.ts'

/** What an element of dialback says. `pair` is seen from our side. */
export type DialbackWord =
  | ({ readonly kind: 'question' } & KeyQuestion)
  | { readonly kind: 'answer'; readonly pair: Pair; readonly id: string; readonly answer: KeyAnswer }
  | { readonly kind: 'malformed'; readonly detail: string }

/** Longer keys are none: that of XEP-0185 has 64 characters. */
const LONGEST_KEY = 512

/** Reads a `<db:result/>` (whose `id` is empty) or a `<db:verify/>`. */
export function readDialback(frame: Frame): DialbackWord {
  const { name, from, to, type, id = '' } = frame
  const malformed = (detail: string): DialbackWord => ({ kind: 'malformed', detail: `<${name}/> ${detail}` })
  const remote = parseDomain(from ?? '')
  const local = parseDomain(to ?? '')
  if (remote === undefined) return malformed(`from=${quote(from ?? '')}`)
  if (local === undefined) return malformed(`to=${quote(to ?? '')}`)
  if (name === 'verify' && id === '') return malformed('without id')
  const known = { pair: { local, remote }, id: name === 'verify' ? id : '' }
  if (type === undefined) {
    const key = parseElement(frame).getText().trim()
    return key === '' || key.length > LONGEST_KEY
      ? malformed(`with a key of ${key.length}`)
      : { kind: 'question', ...known, key }
  }
  if (type === 'valid' || type === 'invalid') return { kind: 'answer', ...known, answer: { verdict: type } }
  if (type === 'error') return { kind: 'answer', ...known, answer: readError(frame) }
  return malformed(`type=${quote(type)}`)
}

/** A condition that RFC 6120 does not have counts as `undefined-condition`. XEP-0220 §2.5 */
function readError(frame: Frame): KeyAnswer {
  const error = parseElement(frame)
    .getChildElements()
    .find((child) => child.getName() === 'error')
  let condition: StanzaCondition | undefined
  let text: string | undefined
  for (const child of error?.getChildElements() ?? []) {
    if (child.getNS() !== NS.stanzaConditions) continue
    const name = child.getName()
    if (name === 'text') text ??= quote(child.getText())
    else condition ??= isStanzaCondition(name) ? name : 'undefined-condition'
  }
  condition ??= 'undefined-condition'
  return { verdict: 'error', condition, detail: [condition, text].filter(Boolean).join(' ') }
}

/** Claims `pair.local` towards `pair.remote`. XEP-0220 §2.1.1 */
export const resultQuestion = (pair: Pair, key: string): string => element('result', pair, { key })

/** Asks `pair.remote` whether it made the key for the stream `id`. XEP-0220 §2.1.2 */
export const verifyQuestion = ({ pair, id, key }: KeyQuestion): string => element('verify', pair, { id, key })

/** The answer to a `<db:result/>`; `text` goes with an error. XEP-0220 §2.2.1 */
export const resultAnswer = (pair: Pair, verdict: 'valid' | 'invalid' | StanzaCondition, text?: string): string =>
  answer('result', pair, verdict, { text })

/** The answer to a `<db:verify/>`. XEP-0220 §2.2.2 */
export const verifyAnswer = (pair: Pair, id: string, verdict: 'valid' | 'invalid' | StanzaCondition): string =>
  answer('verify', pair, verdict, { id })

function answer(
  name: 'result' | 'verify',
  pair: Pair,
  verdict: 'valid' | 'invalid' | StanzaCondition,
  { id, text }: { readonly id?: string; readonly text?: string | undefined },
): string {
  if (verdict === 'valid' || verdict === 'invalid') return element(name, pair, { id, type: verdict })
  const words =
    text === undefined ? '' : `<text xmlns='${NS.stanzaConditions}' xml:lang='en'>${escapeText(text)}</text>`
  const condition = `<${verdict} xmlns='${NS.stanzaConditions}'/>`
  const error = `<error xmlns='${NS.server}' type='${STANZA_CONDITIONS[verdict].type}'>${condition}${words}</error>`
  return element(name, pair, { id, type: 'error', inner: error })
}

function element(
  name: 'result' | 'verify',
  { local, remote }: Pair,
  o: {
    readonly id?: string | undefined
    readonly type?: string
    readonly key?: string
    readonly inner?: string
  },
): string {
  const names = attribute('from', toUnicodeDomain(local)) + attribute('to', toUnicodeDomain(remote))
  const open = `<db:${name} xmlns:db='${NS.dialback}'${names}${attribute('id', o.id)}${attribute('type', o.type)}`
  return `${open}>${o.inner ?? escapeText(o.key ?? '')}</db:${name}>`
}

export const samePair = (a: Pair, b: Pair): boolean => a.local === b.local && a.remote === b.remote

/** Does the header say that its sender knows dialback? The way of servers that do not offer it as a feature. XEP-0220 §2.4.1 */
export const declaresDialback = ({ scope }: StreamHeader): boolean => [...scope.prefixes.values()].includes(NS.dialback)
