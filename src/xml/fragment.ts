// A stanza written by hand, in a file or by the lab: read as strictly as one that came off the wire.

import type { Frame } from './frame.ts'
import { AFTER_AUTHENTICATION, type ScanLimits } from './limits.ts'
import { Scanner } from './scanner.ts'
import { streamHeader } from './write.ts'

/**
 * @param text one element, as it would stand in a server-to-server stream; white space around it is ignored
 * @returns the frame, or what is wrong with the text
 */
export function parseFragment(
  text: string,
  limits: ScanLimits = AFTER_AUTHENTICATION,
): { readonly ok: true; readonly frame: Frame } | { readonly ok: false; readonly detail: string } {
  const scanner = new Scanner(limits)
  scanner.push(Buffer.from(streamHeader({}) + text.trim()))
  scanner.next()
  const event = scanner.next()
  if (event === undefined) return { ok: false, detail: 'the element is not complete' }
  if (event.kind === 'error') return { ok: false, detail: event.detail }
  if (event.kind !== 'frame') return { ok: false, detail: 'not an element' }
  if (scanner.pending > 0) return { ok: false, detail: 'more than one element' }
  return { ok: true, frame: event.frame }
}
