// What the scanner's reading of a stream costs for each of its bytes: processor time, user and system, and units of its work.

import { NS } from '../../src/xmpp/namespaces.ts'
import { Scanner } from '../../src/xml/scanner.ts'
import { STREAM_FOOTER } from '../../src/xml/write.ts'
import type { Part, Shape } from './shapes.ts'

export interface Cost {
  /** What was asked for, and what it came to. */
  readonly asked: number
  readonly bytes: number
  /** Nanoseconds for each byte; the least of several runs. */
  readonly ns: number
  /** Units of work for each byte; see `Scanner.work`. */
  readonly work: number
}

const HEADER = `<stream:stream xmlns='${NS.server}' xmlns:stream='${NS.streams}'>`
/** What is repeated is repeated up to here beforehand. */
const PIECE = 1 << 20
/** A run shorter than this says little. */
const LEAST_MS = 60
const RUNS = 3

/** The cost at a size. */
export function costOf(shape: Shape, asked: number): Cost {
  const packets = packetsOf(shape, asked)
  const size = [...packets].reduce((sum, { bytes, times }) => sum + bytes.length * times, 0)
  let best = Infinity
  let work = 0
  for (let run = 0; run < RUNS; run++) {
    let times = 0
    const begun = process.cpuUsage()
    let spent = 0
    while (spent < LEAST_MS * 1000) {
      work = read(packets, shape)
      times++
      const { user, system } = process.cpuUsage(begun)
      spent = user + system
    }
    best = Math.min(best, (spent * 1000) / times / size)
  }
  return { asked, bytes: size, ns: best, work: work / size }
}

interface Repeated {
  readonly bytes: Buffer
  readonly times: number
}

/** Each part in as few large pieces as may be. */
function packetsOf(shape: Shape, asked: number): readonly Repeated[] {
  const parts: readonly Part[] = [[HEADER, 1], ...shape.parts(asked), [STREAM_FOOTER, 1]]
  return parts.flatMap(([text, times]) => {
    const unit = Buffer.from(text)
    const inPiece = Math.max(1, Math.min(times, Math.floor(PIECE / Math.max(1, unit.length))))
    const piece = Buffer.alloc(unit.length * inPiece, unit)
    const whole = Math.floor(times / inPiece)
    const rest = piece.subarray(0, (times - whole * inPiece) * unit.length)
    return [
      { bytes: piece, times: whole },
      { bytes: rest, times: 1 },
    ].filter(({ bytes }) => bytes.length > 0)
  })
}

/** Reads a stream once; says how much work it was. */
function read(pieces: readonly Repeated[], { limits, packet, name }: Shape): number {
  const scanner = new Scanner(limits)
  for (const { bytes, times } of pieces) {
    for (let time = 0; time < times; time++) {
      for (let at = 0; at < bytes.length; at += packet) {
        scanner.push(bytes.subarray(at, at + packet))
        for (let event = scanner.next(); event !== undefined; event = scanner.next()) {
          if (event.kind === 'error') throw new Error(`${name}: ${event.detail}`)
        }
      }
    }
  }
  return scanner.work
}
