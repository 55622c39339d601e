// What our scanner makes of a stream, however it is cut into chunks.

import type { Frame, StreamHeader } from '../../src/xml/frame.ts'
import { type ScanEvent, Scanner } from '../../src/xml/scanner.ts'
import { LIMITS, type LimitsName } from './limits.ts'
import type { Random } from './random.ts'

/** A stream, the limits it is read under, and after which of its frames it begins anew, if at all. */
export interface Case {
  readonly bytes: Buffer
  readonly limits: LimitsName
  readonly restart?: { readonly after: number; readonly trailing: boolean } | undefined
}

export interface Reading {
  /** More than one where the stream begins anew. */
  readonly headers: readonly StreamHeader[]
  readonly frames: readonly Frame[]
  /** The bytes of each frame as they were when it came. */
  readonly copies: readonly Buffer[]
  readonly end: Exclude<ScanEvent, { kind: 'frame' | 'header' }> | undefined
  /** How many bytes were pushed by the time of the restart, and of the end. */
  readonly restartedAt: number | undefined
  readonly length: number
  readonly whitespace: number
  readonly openBytes: number
}

/** Chunks of at most `size()` bytes. What lies around each is none of the scanner's business. */
export function read({ bytes, limits, restart }: Case, size: () => number, random: Random): Reading {
  const scanner = new Scanner(LIMITS[limits])
  const headers: StreamHeader[] = []
  const frames: Frame[] = []
  const copies: Buffer[] = []
  let restartedAt: number | undefined
  let end: Reading['end']
  let length = 0
  while (length < bytes.length && end === undefined) {
    const chunk = bytes.subarray(length, length + size())
    length += chunk.length
    scanner.push(surrounded(chunk, random))
    for (let event = scanner.next(); event !== undefined; event = scanner.next()) {
      if (event.kind === 'header') headers.push(event.header)
      else if (event.kind === 'frame') {
        frames.push(event.frame)
        copies.push(Buffer.from(event.frame.bytes))
        if (restart !== undefined && restart.after === frames.length) {
          restartedAt = length
          scanner.restart(restart.trailing)
        }
      } else end = event
    }
  }
  return {
    headers,
    frames,
    copies,
    end,
    restartedAt,
    length,
    whitespace: scanner.takeWhitespace(),
    openBytes: scanner.openBytes,
  }
}

const STRAYS = Buffer.from(`<>/'"=& \x80\xffa]`)

/** The same bytes as a part of others, which would change what they mean if anybody read them. */
function surrounded(chunk: Buffer, random: Random): Buffer {
  const before = random(4)
  const larger = Buffer.alloc(before + chunk.length + 4, STRAYS[random(STRAYS.length)])
  chunk.copy(larger, before)
  return larger.subarray(before, before + chunk.length)
}
