// An element of a stream as it stands alone, in a message of its own (RFC 7395 §3.3.3): with its namespace declared. The
// rest of it stays byte for byte.

import { bufferOf, type Bytes } from './stretch.ts'

const [TAB, NEWLINE, RETURN, BLANK, SLASH, EQUALS, GREATER] = [0x09, 0x0a, 0x0d, 0x20, 0x2f, 0x3d, 0x3e] as const

/** The element, `namespace` declared as its default namespace; the same bytes where it declares one of its own. */
export function standalone(element: Bytes, namespace: string): Buffer {
  const bytes = bufferOf(element)
  let at = 1
  while (!isSpace(bytes[at]!) && bytes[at] !== SLASH && bytes[at] !== GREATER) at++
  if (declaresDefault(bytes, at)) return bytes
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(` xmlns='${namespace}'`), bytes.subarray(at)])
}

/** Does the start tag, read on after its name? */
function declaresDefault(bytes: Buffer, from: number): boolean {
  for (let at = from; ;) {
    at = skipSpace(bytes, at)
    if (bytes[at] === SLASH || bytes[at] === GREATER) return false
    const equals = bytes.indexOf(EQUALS, at)
    if (bytes.toString('latin1', at, equals).trimEnd() === 'xmlns') return true
    const open = skipSpace(bytes, equals + 1)
    at = bytes.indexOf(bytes[open]!, open + 1) + 1
  }
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  while (isSpace(bytes[at]!)) at++
  return at
}

const isSpace = (byte: number): boolean => byte === BLANK || byte === NEWLINE || byte === RETURN || byte === TAB
