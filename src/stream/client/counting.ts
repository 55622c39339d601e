// The counts of one session (XEP-0198), as they are spoken of: who counts since when, and each side's word in the terms of
// the other.

import { parseElement, serialize } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { attribute } from '../../xml/write.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import { ack, countTooHigh } from '../acks.ts'
import { Counts } from './counts.ts'

export interface CountingOwner {
  toClient(bytes: Buffer): void
  toCore(bytes: Buffer): void
  /** Says to the client what comes of its own stanza. */
  answer(bytes: Buffer): void
  /** `application`: XML beside the condition. RFC 6120 §4.9.4 */
  end(reason: ReasonId, detail: string, application?: string): void
}

/** A session that is taken up again, as far as its counts go. */
export interface Wanted {
  readonly id: string
  readonly counts: Counts
  /** What the core is to hear. */
  readonly bytes: Buffer
}

export class Counting {
  readonly #owner: CountingOwner
  #counts = new Counts()
  /** Are the client's stanzas counted, and the core's? */
  #ours = false
  #theirs = false
  #id: string | undefined
  /** Of the session that is being resumed. */
  #wanted: string | undefined

  constructor(owner: CountingOwner) {
    this.#owner = owner
  }

  get counts(): Counts {
    return this.#counts
  }

  /** The id by which the session is resumed. */
  get resumable(): string | undefined {
    return this.#id
  }

  /** The id of the session that is being resumed. */
  get wanted(): string | undefined {
    return this.#wanted
  }

  /** The client counts what it sends. */
  begin(): void {
    if (this.#ours) return // A second <enable/>: the core says no.
    this.#counts = new Counts()
    this.#ours = true
  }

  /** Both count. */
  both(id: string | undefined): void {
    this.#theirs = true
    this.#id = id
  }

  passed(): void {
    if (this.#ours) this.#counts.passed()
  }

  given(): void {
    if (this.#theirs) this.#counts.given()
  }

  /** A stanza of the client goes no further; it is answered so, if it is. */
  refused(answer: Buffer | undefined): void {
    let fits = true
    if (this.#ours) fits = this.#counts.refused()
    if (answer) {
      if (this.#theirs) fits = this.#counts.said(answer) && fits
      this.#owner.answer(answer)
    }
    if (!fits) this.#owner.end('SP-814', `${this.#counts.unsettled}`)
  }

  /** `<a/>` of the client. */
  wordToCore(frame: Frame): void {
    const h = heard(frame)
    const handled = h === undefined ? undefined : this.#counts.received(h)
    if (handled !== undefined) return this.#owner.toCore(Buffer.from(ack(handled)))
    if (h === undefined) return this.#owner.end('SP-496', 'no number')
    const { sent } = this.#counts
    this.#owner.end('SP-495', `${h} of ${sent}`, countTooHigh(h, sent))
  }

  /** `<a/>`, `<r/>` or `<failed/>` of the core. */
  wordToClient(frame: Frame): void {
    const element = parseElement(frame)
    const h = heard(frame)
    if (h !== undefined) {
      const handled = this.#counts.handled(h)
      if (handled === undefined && frame.name === 'a') return this.#owner.end('SP-807', `it has handled ${h}`)
      if (handled === undefined) delete element.attrs['h']
      else element.attrs['h'] = String(handled)
    }
    // A second <enable/> that is refused changes nothing. XEP-0198 §3
    if (frame.name === 'failed' && !this.#theirs) {
      this.#counts = new Counts()
      this.#ours = false
      this.#wanted = undefined
    }
    this.#owner.toClient(serialize(element))
  }

  /** The client wants a session back: undefined where it is not known, or has not got so far. */
  want(frame: Frame, find: (id: string) => Counts | undefined): Wanted | undefined {
    const id: unknown = parseElement(frame).attrs['previd']
    const h = heard(frame)
    if (typeof id !== 'string' || h === undefined) return undefined
    const counts = find(id)
    const handled = counts?.received(h)
    if (!counts || handled === undefined) return undefined
    this.#counts = counts
    this.#wanted = id
    return { id, counts, bytes: Buffer.from(`<resume xmlns='${NS.sm}' h='${handled}'${attribute('previd', id)}/>`) }
  }

  /** The core has taken the session up again. */
  resumed(frame: Frame): void {
    const h = heard(frame)
    const handled = h === undefined ? undefined : this.#counts.handled(h)
    this.#id = this.#wanted
    this.#wanted = undefined
    if (handled === undefined) return this.#owner.end('SP-807', `it resumes at ${h}`)
    this.#ours = true
    this.#theirs = true
    const again = this.#counts.resumed()
    this.#owner.toClient(Buffer.from(`<resumed xmlns='${NS.sm}' h='${handled}'${attribute('previd', this.#id)}/>`))
    for (const bytes of again) {
      this.#counts.said(bytes)
      this.#owner.toClient(bytes)
    }
  }
}

const MOST = 2 ** 32 - 1

function heard(frame: Frame): number | undefined {
  const text: unknown = parseElement(frame).attrs['h']
  if (typeof text !== 'string' || !/^\d{1,10}$/.test(text)) return undefined
  const number = Number(text)
  return number <= MOST ? number : undefined
}
