// The counts of one session (XEP-0198), as they are spoken of: who counts since when, and each side's word in the terms of
// the other.

import { ack, countTooHigh } from '../../stream/acks.ts'
import { Counts } from '../../stream/client/counts.ts'
import { parseElement, serialize } from '../../xml/element.ts'
import type { Frame } from '../../xml/frame.ts'
import { attribute } from '../../xml/write.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { Resumable } from './resumables.ts'

export interface CountingOwner {
  toClient(bytes: Buffer): void
  toCore(bytes: Buffer): void
  /** Says to the client what comes of its own stanza. */
  answer(bytes: Buffer): void
  end(reason: ReasonId, detail: string): void
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

  /** The client counts what it sends. */
  begin(): void {
    if (this.#theirs) return // A second <enable/>: the core says no.
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
    this.#owner.end(h === undefined ? 'SP-496' : 'SP-495', h === undefined ? 'no number' : countTooHigh(h, 0))
  }

  /** `<a/>`, `<r/>` or `<failed/>` of the core. */
  wordToClient(frame: Frame): void {
    if (frame.name === 'failed' && !this.#theirs) this.#ours = false
    const element = parseElement(frame)
    const h = heard(frame)
    if (h !== undefined) {
      const handled = this.#counts.handled(h)
      if (handled === undefined && frame.name === 'a') return this.#owner.end('SP-807', `it has handled ${h}`)
      if (handled === undefined) delete element.attrs['h']
      else element.attrs['h'] = String(handled)
    }
    if (frame.name === 'failed') [this.#counts, this.#wanted] = [new Counts(), undefined]
    this.#owner.toClient(serialize(element))
  }

  /** The client wants a session back: what the core is to hear, if it is remembered. */
  take(
    frame: Frame,
    find: (id: string) => Resumable | undefined,
  ): { readonly bytes: Buffer; readonly address: string } | undefined {
    const id: unknown = parseElement(frame).attrs['previd']
    const h = heard(frame)
    const found = typeof id === 'string' && h !== undefined ? find(id) : undefined
    const handled = found && h !== undefined ? found.counts.received(h) : undefined
    if (!found || typeof id !== 'string' || handled === undefined) return undefined
    found.replace()
    this.#counts = found.counts
    this.#wanted = id
    const bytes = Buffer.from(`<resume xmlns='${NS.sm}' h='${handled}'${attribute('previd', id)}/>`)
    return { bytes, address: found.address }
  }

  /** The core has taken the session up again. */
  resumed(frame: Frame): void {
    const h = heard(frame)
    const handled = h === undefined ? undefined : this.#counts.handled(h)
    if (handled === undefined) return this.#owner.end('SP-807', `it resumes at ${h}`)
    this.#id = this.#wanted
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
