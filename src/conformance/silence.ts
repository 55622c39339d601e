// What must not come, for a while: by the stream of a case, or elsewhere.

import type { Element } from '@xmpp/xml'
import type { Pattern } from './case.ts'
import { violated } from './ends.ts'
import { said } from './hearing.ts'
import { differs } from './pattern.ts'
import { shortly } from './stage/transcript.ts'
import type { Wire } from './stage/wire.ts'

/** From one look at what has come elsewhere to the next. */
const LOOK_MS = 50

const fits = (element: Element, of: Pattern | undefined): boolean =>
  of === undefined || differs(element, of) === undefined

/** Whatever else comes by the stream, nothing like this does. @throws Ends where it does, or the connection ends */
export async function quiet(wire: Wire, ms: number, of: Pattern | undefined): Promise<void> {
  const until = performance.now() + ms
  for (let left = ms; left > 0; left = until - performance.now()) {
    const item = await wire.next(left)
    if (item === undefined) return
    if (item.kind === 'closed') throw violated('the connection was closed')
    if (item.kind !== 'element' || fits(item.element, of)) throw violated(`${said(item)} was said`)
  }
}

/** @param heard what has come there so far; it grows. @throws Ends where something like this was or is in it */
export async function quietAt(
  place: string,
  heard: readonly Element[],
  ms: number,
  of: Pattern | undefined,
): Promise<void> {
  const until = performance.now() + ms
  for (let left = ms; ; left = until - performance.now()) {
    const one = heard.find((element) => fits(element, of))
    if (one) throw violated(`${shortly(one)} at the ${place}`)
    if (left <= 0) return
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, LOOK_MS)))
  }
}
