// An address of a stanza, written as the next stream wants it: the rest of it stays byte for byte.

import { toUnicodeDomain } from '../xmpp/domain.ts'
import { Memo } from '../xmpp/memo.ts'
import type { Frame } from './frame.ts'
import { escapeAttribute } from './write.ts'

const NAME = /^<[^ \t\r\n/>]+/
const ATTRIBUTE = /[ \t\r\n]+([^ \t\r\n=]+)[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*')/y

/** At which canonical domain somebody is, of addresses that have it in U-labels. */
const plain = new Memo<string>()

/** The frame, from the same address with its domain, canonical here, in U-labels; the frame itself where that is so already. */
export function withPlainDomain(frame: Frame, domain: string): Frame {
  const { from = '' } = frame
  if (plain.get(from) === domain) return frame
  const slash = from.indexOf('/')
  const end = slash === -1 ? from.length : slash
  const at = from.indexOf('@')
  const start = at < end ? at + 1 : 0
  const unicode = toUnicodeDomain(domain)
  if (end - start !== unicode.length || !from.startsWith(unicode, start)) {
    return withAddress(frame, 'from', from.slice(0, start) + unicode + from.slice(end))
  }
  plain.keep(from, domain)
  return frame
}

/** The frame, from or to another address; whatever else it says stays byte for byte. It must have one. */
export function withAddress(frame: Frame, side: 'from' | 'to', address: string): Frame {
  // One character for each byte, so that places in the text are places in the bytes.
  const text = frame.bytes.toString('latin1')
  ATTRIBUTE.lastIndex = NAME.exec(text)?.[0].length ?? 0
  for (let match = ATTRIBUTE.exec(text); match; match = ATTRIBUTE.exec(text)) {
    const [attribute, name, value = ''] = match
    if (name !== side) continue
    const end = match.index + attribute.length
    const bytes = Buffer.concat([
      frame.bytes.subarray(0, end - value.length),
      Buffer.from(`'${escapeAttribute(address)}'`),
      frame.bytes.subarray(end),
    ])
    return frame.with({ [side]: address, bytes })
  }
  throw new Error(`a frame without ${side}`)
}
