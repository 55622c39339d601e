// A stanza without some of what it carries. What stays is written as it was: names, values and text as they came, under the
// same declarations, so that it means what it meant.

import type { Frame, Payload } from './frame.ts'
import { decodeAttribute } from './references.ts'
import { type RawAttribute, walk } from './walk.ts'

/** The frame with only those payloads that are kept; the frame itself where all of them are. */
export function prune(frame: Frame, isKept: (payload: Payload) => boolean): Frame {
  const kept = frame.payloads.map(isKept)
  if (!kept.includes(false)) return frame
  let payload = 0
  const { text } = without(frame, 1, () => kept[payload++] === true)
  return frame.with({ bytes: Buffer.from(text), payloads: frame.payloads.filter((_, index) => kept[index]) })
}

/** The frame with only those children of its payloads that are kept, by their attributes; the frame itself where all of them are. */
export function pruneChildren(frame: Frame, isKept: (attributes: ReadonlyMap<string, string>) => boolean): Frame {
  const { text, isLess } = without(frame, 2, (attributes) =>
    isKept(new Map(attributes.map(({ name, value }) => [name, decodeAttribute(value)]))),
  )
  return isLess ? frame.with({ bytes: Buffer.from(text) }) : frame
}

/** The text of the frame, of which at one depth only those elements are written that are kept; the stanza itself is at 0. */
function without(
  frame: Frame,
  at: number,
  isKept: (attributes: readonly RawAttribute[]) => boolean,
): { readonly text: string; readonly isLess: boolean } {
  let [text, depth, isLess] = ['', 0, false]
  // Of what is left out nothing is written, at any depth; beside payloads a stanza has nothing to say.
  let writes = true
  walk(frame.bytes.toString('utf8'), {
    open(name, attributes, empty) {
      if (depth <= at) writes = depth < at || isKept(attributes)
      if (writes) {
        const written = attributes.map((one) => ` ${one.name}=${one.quote}${one.value}${one.quote}`)
        text += `<${name}${written.join('')}${empty ? '/>' : '>'}`
      } else isLess = true
      if (!empty) depth += 1
    },
    close(name) {
      depth -= 1
      if (depth < at || writes) text += `</${name}>`
    },
    text(raw) {
      if (depth > 1 && (depth <= at || writes)) text += raw
    },
    cdata(raw) {
      if (depth > 1 && (depth <= at || writes)) text += `<![CDATA[${raw}]]>`
    },
  })
  return { text, isLess }
}
