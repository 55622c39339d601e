// What the lab's news say about a scene of the demonstration: did its stanza come to the end it should, or was it turned
// back on the way? Pure: news in, words for conditions out.

import type { Element } from '@xmpp/xml'
import { parseElement } from '../xml/element.ts'
import { parseFragment } from '../xml/fragment.ts'
import { parseAddress } from '../xmpp/address.ts'
import { NS } from '../xmpp/namespaces.ts'
import type { Ending, Scene } from './conversation.ts'
import type { LabNews } from './lab.ts'

/** How something was turned back: an error stanza, or the end of a stream. */
export interface TurnedBack {
  readonly by: 'stanza' | 'stream'
  /** As it was received; undefined when there was none. */
  readonly condition: string | undefined
  /** The reference to ask for, if the text has one. */
  readonly reference: string | undefined
  /** The text that came with it, or the whole of what came. */
  readonly text: string
}

/** Is this how it should end? */
export function isEnding(news: LabNews, ending: Ending, scene: Scene): boolean {
  if (news.domain !== ending.at) return false
  if (ending.kind === 'stream') return news.kind === 'refused'
  if (news.kind === 'refused') return false
  return ending.kind === 'arrives' ? ending.like.test(news.stanza) : isErrorFor(news.stanza, scene)
}

/**
 * Does this say that what should end so never will? The stanza came back as an error, or the stream it was sent on was
 * refused; for an answer also the stream that should have brought it.
 */
export function isTurnedBack(news: LabNews, ending: Ending, scene: Scene): boolean {
  if (news.kind === 'received') return news.domain === scene.at && isErrorFor(news.stanza, scene)
  const there = parseAddress(read(scene.stanza)?.attrs.to ?? '')?.domain
  if (news.domain === scene.at) return news.remote === there
  const isAnswer = ending.kind === 'arrives' && ending.at === scene.at
  return isAnswer && news.domain === there && news.remote === scene.at
}

/** The error in it. RFC 6120 §8.3.2 */
export function readTurnedBack(news: LabNews): TurnedBack {
  if (news.kind === 'refused') {
    const { condition, detail } = news
    return { by: 'stream', condition, reference: referenceIn(detail), text: detail }
  }
  const children = read(news.stanza)?.getChild('error')?.getChildElements() ?? []
  const ours = children.filter((child) => child.getNS() === NS.stanzaConditions)
  const text = ours.find(({ name }) => name === 'text')?.getText() ?? news.stanza
  const condition = ours.find(({ name }) => name !== 'text')?.name
  return { by: 'stanza', condition, reference: referenceIn(text), text }
}

const referenceIn = (text: string): string | undefined =>
  /\b[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){2}\b/.exec(text)?.[0]

function isErrorFor(stanza: string, scene: Scene): boolean {
  const { type, id } = read(stanza)?.attrs ?? {}
  return type === 'error' && id !== undefined && id === read(scene.stanza)?.attrs.id
}

function read(stanza: string): Element | undefined {
  const fragment = parseFragment(stanza)
  return fragment.ok ? parseElement(fragment.frame) : undefined
}
