// Who is behind the nicks in rooms outside, as far as rooms tell (XEP-0045 §7.2.3): so that the words of somebody who is kept
// out do not come in by a room of somebody who is not.
//
// Rule 1: only what proven senders have said is learnt, and what takes leave is forgotten.
// Rule 2: bounded: the one that was learnt first goes. A room that names nobody hides its people; then it answers for them.

import type { Frame } from '../xml/frame.ts'
import { NS } from '../xmpp/namespaces.ts'
import { authors } from './content.ts'

const MOST = 20_000

export class Occupants {
  /** By the address in the room, as written. */
  readonly #known = new Map<string, readonly string[]>()

  get size(): number {
    return this.#known.size
  }

  has(from: string): boolean {
    return this.#known.has(from)
  }

  /** Takes presence from a room. */
  learn(frame: Frame): void {
    const { name, from, type, payloads } = frame
    if (name !== 'presence' || from === undefined || !payloads.some(({ namespace }) => namespace === NS.mucUser)) return
    this.#known.delete(from)
    if (type !== undefined) return
    const behind = authors(frame)
    if (behind.length === 0) return
    if (this.#known.size >= MOST) for (const first of this.#known.keys()) if (this.#known.delete(first)) break
    this.#known.set(from, behind)
  }

  /** Whose words a stanza carries, and who is behind the nick that it comes from. */
  authorsOf(frame: Frame, mayCarry: boolean): readonly string[] {
    const behind = (frame.from !== undefined && frame.name === 'message' && this.#known.get(frame.from)) || []
    return mayCarry ? [...authors(frame), ...behind] : behind
  }
}
