// The same bytes with one thing changed: in a byte, or in a token, or two streams made into one. Each way has a name, so
// that it can be counted.

import { generate, generateRarest, GRAMMAR, type Uses } from './grammar.ts'
import { pick, type Random } from './random.ts'

type Mutation = (bytes: Buffer, random: Random, other: Buffer, uses: Uses) => Buffer

/** Streams do not grow beyond this by being mutated again and again. */
const LONGEST = 100_000

/** One of each kind that the scanner tells apart, and their neighbours. */
const TELLING_BYTES = [
  ...Buffer.from('<>/=!?&;#\'"-[]:_.azAZ09x \t\r\n'),
  ...[
    0x00, 0x01, 0x1f, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xf8,
    0xff,
  ],
]

const SCRAPS =
  `< > / & ; ' " = ! [ ] ? - : # x 1 é </ /> <a> </a> <a/> <![CDATA[ ]]> &amp; &#65; &#x0; &x; p: stream: <!-- --> <!DOCTYPE <?x ?> b='c' xmlns:p='e' xmlns='d' xmlns:p='' </stream:stream>`
    .split(' ')
    .flatMap((scrap) => [scrap, ` ${scrap}`])
    .map((scrap) => Buffer.from(scrap))

const join = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts)

/** A place, and a short way on from it. */
function range(bytes: Buffer, random: Random): readonly [start: number, end: number] {
  const start = random(bytes.length + 1)
  return [start, Math.min(bytes.length, start + 1 + random(random(3) === 0 ? 60 : 4))]
}

/** Where tags, texts and the parts of tags begin and end, roughly. */
function seams(bytes: Buffer): number[] {
  const found = [0]
  for (const match of bytes.toString('latin1').matchAll(/<|>|[ \t\r\n]+|=|["']/g)) {
    found.push(match[0] === '<' ? match.index : match.index + match[0].length)
  }
  found.push(bytes.length)
  return found
}

/** A token: from one seam to another not far on. */
function token(bytes: Buffer, random: Random): readonly [start: number, end: number] {
  const all = seams(bytes)
  const at = random(all.length - 1)
  return [all[at]!, all[Math.min(all.length - 1, at + 1 + random(6))]!]
}

const PLACES = { byte: range, token } as const

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  flip(bytes, random) {
    const changed = Buffer.from(bytes)
    const at = random(bytes.length)
    changed[at]! ^= 1 << random(8)
    return changed
  },
  replace(bytes, random) {
    const changed = Buffer.from(bytes)
    changed[random(bytes.length)] = pick(random, TELLING_BYTES)
    return changed
  },
  insert(bytes, random) {
    const at = random(bytes.length + 1)
    return join(bytes.subarray(0, at), Buffer.from([pick(random, TELLING_BYTES)]), bytes.subarray(at))
  },
  anyByte(bytes, random) {
    const changed = Buffer.from(bytes)
    changed[random(bytes.length)] = random(256)
    return changed
  },
  scrap(bytes, random) {
    const [start, end] = range(bytes, random)
    return join(bytes.subarray(0, start), pick(random, SCRAPS), bytes.subarray(random(3) === 0 ? end : start))
  },
  production(bytes, random, _, uses) {
    const at = pick(random, seams(bytes))
    const piece = random(4) === 0 ? generateRarest(random, uses) : generate(random, uses, pick(random, STARTS))
    return join(bytes.subarray(0, at), piece, bytes.subarray(at))
  },
  cutEnd: (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
  cutStart: (bytes, random) => bytes.subarray(random(bytes.length + 1)),
  ...both('drop', (bytes, [start, end]) => join(bytes.subarray(0, start), bytes.subarray(end))),
  ...both('double', (bytes, [start, end]) => join(bytes.subarray(0, end), bytes.subarray(start))),
  ...both('move', (bytes, [start, end], random) => {
    const rest = join(bytes.subarray(0, start), bytes.subarray(end))
    const at = random(rest.length + 1)
    return join(rest.subarray(0, at), bytes.subarray(start, end), rest.subarray(at))
  }),
  ...both('repeat', (bytes, [start, end], random) => {
    const times = pick(random, [2, 3, 8, 16, 17, 33, 65, 260])
    return join(
      bytes.subarray(0, start),
      ...Array.from({ length: times }, () => bytes.subarray(start, end)),
      bytes.subarray(end),
    )
  }),
  ...both('swap', (bytes, [start, end], random) => {
    const [from, to] = range(bytes, random)
    if (from < end) return join(bytes.subarray(0, start), bytes.subarray(end))
    return join(
      bytes.subarray(0, start),
      bytes.subarray(from, to),
      bytes.subarray(end, from),
      bytes.subarray(start, end),
      bytes.subarray(to),
    )
  }),
  graft(bytes, random, other) {
    const [start, end] = token(other, random)
    const at = pick(random, seams(bytes))
    return join(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at))
  },
  splice: (bytes, random, other) =>
    join(bytes.subarray(0, pick(random, seams(bytes))), other.subarray(pick(random, seams(other)))),
  spliceAnywhere: (bytes, random, other) =>
    join(bytes.subarray(0, random(bytes.length + 1)), other.subarray(random(other.length + 1))),
}

const NAMES = Object.keys(MUTATIONS)
const STARTS = Object.keys(GRAMMAR)

/** One mutation; `uses` is told which. `other` is what may be spliced in. */
export function mutate(bytes: Buffer, random: Random, other: Buffer, uses: Uses): Buffer {
  if (bytes.length === 0) return other
  const name = pick(random, NAMES)
  uses.add(`mutation:${name}`)
  const changed = MUTATIONS[name]!(bytes, random, other, uses)
  return changed.length > LONGEST ? changed.subarray(0, LONGEST) : changed
}

/** A mutation that makes sense of any bytes as well as of a token. */
function both(
  name: string,
  change: (bytes: Buffer, piece: readonly [number, number], random: Random) => Buffer,
): Record<string, Mutation> {
  return Object.fromEntries(
    Object.entries(PLACES).map(([kind, place]) => [
      `${name}:${kind}`,
      (bytes: Buffer, random: Random) => change(bytes, place(bytes, random), random),
    ]),
  )
}
