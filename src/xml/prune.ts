// A stanza without some of what it carries. What stays is written as it was: names, values and text as they came, under the
// same declarations, so that it means what it meant.

import type { Frame, Payload } from './frame.ts'
import { walk } from './walk.ts'

/** The frame with only those payloads that are kept; the frame itself where all of them are. */
export function prune(frame: Frame, isKept: (payload: Payload) => boolean): Frame {
  const kept = frame.payloads.map(isKept)
  if (!kept.includes(false)) return frame
  let text = ''
  let [depth, payload] = [0, 0]
  // Of what is left out nothing is written, at any depth; beside payloads a stanza has nothing to say.
  let writes = true
  walk(frame.bytes.toString('utf8'), {
    open(name, attributes, empty) {
      if (depth === 1) writes = kept[payload++] === true
      if (writes) {
        const written = attributes.map((one) => ` ${one.name}=${one.quote}${one.value}${one.quote}`)
        text += `<${name}${written.join('')}${empty ? '/>' : '>'}`
      }
      if (!empty) depth += 1
    },
    close(name) {
      depth -= 1
      if (depth === 0 || writes) text += `</${name}>`
    },
    text(raw) {
      if (depth > 1 && writes) text += raw
    },
    cdata(raw) {
      if (depth > 1 && writes) text += `<![CDATA[${raw}]]>`
    },
  })
  return frame.with({ bytes: Buffer.from(text), payloads: frame.payloads.filter((_, index) => kept[index]) })
}
