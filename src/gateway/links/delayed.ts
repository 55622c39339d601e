// What has waited for a stream so long that whoever reads it should know when it was said: it gets a stamp (XEP-0203 §2), in UTC
// and in the form of XEP-0082, from the domain of ours at whose edge it has waited.
//
// Rule 1: messages and presence that tell something to people; never questions, answers or errors.
// Rule 2: what bears a stamp keeps that one alone: it says when it was said first.

import type { Frame } from '../../xml/frame.ts'
import { bufferOf, type Bytes } from '../../xml/stretch.ts'
import { escapeAttribute } from '../../xml/write.ts'
import { parseAddress } from '../../xmpp/address.ts'
import { toUnicodeDomain } from '../../xmpp/domain.ts'
import { NS } from '../../xmpp/namespaces.ts'
import type { Leg } from '../leg.ts'

/** Whoever waits for less need not be told. */
export const NOTICEABLE_MS = 5000

const NAME = /^<([^ \t\r\n/>]+)/

/**
 * The bytes of a stanza with a stamp, where it gets one.
 * @param bytes as they go out; `frame`: as it came in
 * @param since when it came, Unix time in milliseconds
 */
export function delayed(bytes: Bytes, frame: Frame | undefined, leg: Leg, since: number): Bytes {
  const domain =
    frame && isTold(frame) ? parseAddress((leg === 'core' ? frame.to : frame.from) ?? '')?.domain : undefined
  if (domain === undefined) return bytes
  const from = escapeAttribute(toUnicodeDomain(domain))
  const stamp = `<delay xmlns='${NS.delay}' from='${from}' stamp='${new Date(since).toISOString()}'/>`
  // One character for each byte, so that places in the text are places in the bytes.
  const all = bufferOf(bytes)
  const text = all.toString('latin1')
  if (!text.endsWith('/>')) {
    const end = text.lastIndexOf('</')
    return Buffer.concat([all.subarray(0, end), Buffer.from(stamp), all.subarray(end)])
  }
  const name = NAME.exec(text)?.[1] ?? ''
  return Buffer.concat([all.subarray(0, -2), Buffer.from(`>${stamp}</${name}>`)])
}

function isTold({ name, type, payloads }: Frame): boolean {
  const tells =
    name === 'message' ? type !== 'error' : name === 'presence' && (type === undefined || type === 'unavailable')
  return tells && !payloads.some(({ namespace }) => namespace === NS.delay)
}
