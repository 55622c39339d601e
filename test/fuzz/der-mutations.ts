// Certificates broken on purpose: by bytes, and by values with all lengths above them made right again, so that what is
// broken is reached. Everything follows from the seed.

import { writeDer } from '../../src/trust/der.ts'

/** A number from 0 on, below `below`. */
export type Random = (below: number) => number

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** A value with what it is made of, where that reads as values again. */
interface Tree {
  tag: number
  content: Buffer
  parts: Tree[] | undefined
}

const DEEPEST = 24

/** Reads what can be read, laxly: what does not read is content. */
function grow(bytes: Buffer, depth = 0): Tree[] | undefined {
  const trees: Tree[] = []
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!
    let length = bytes[at + 1]
    if (length === undefined || (tag & 0x1f) === 0x1f) return undefined
    at += 2
    if (length >= 0x80) {
      const octets = length & 0x7f
      if (octets === 0 || octets > 3 || at + octets > bytes.length) return undefined
      length = bytes.readUIntBE(at, octets)
      at += octets
    }
    if (at + length > bytes.length) return undefined
    const content = bytes.subarray(at, at + length)
    const mayHold = (tag & 0x20) !== 0 || tag === 0x04
    trees.push({ tag, content, parts: mayHold && depth < DEEPEST && length > 0 ? grow(content, depth + 1) : undefined })
    at += length
  }
  return trees
}

function write({ tag, content, parts }: Tree): Buffer {
  return writeDer(tag, ...(parts ? parts.map(write) : [content]))
}

/** All values of the tree with the list each stands in. */
function places(trees: Tree[]): { list: Tree[]; index: number }[] {
  return trees.flatMap((tree, index) => [{ list: trees, index }, ...(tree.parts ? places(tree.parts) : [])])
}

const TAGS = [
  1, 2, 3, 4, 5, 6, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x30, 0x31, 0x80, 0x81, 0x82, 0x86, 0xa0, 0xa3, 0xa4,
]

/** One certificate with one to three things changed; `other` lends values. */
export function mutate(der: Buffer, other: Buffer, random: Random): Buffer {
  let bytes = der
  for (let n = 1 + random(3); n > 0; n--)
    bytes = random(4) === 0 ? mutateBytes(bytes, random) : mutateTree(bytes, other, random)
  return bytes
}

function mutateBytes(der: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(der)
  const at = random(Math.max(1, bytes.length))
  switch (random(4)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random(256)]), bytes.subarray(at)])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))])
    default:
      bytes[at] = random(256)
      return bytes
  }
}

function mutateTree(der: Buffer, other: Buffer, random: Random): Buffer {
  const trees = grow(der)
  if (!trees || trees.length === 0) return Buffer.from([random(256), random(256)])
  const all = places(trees)
  const { list, index } = all[random(all.length)]!
  const tree = list[index]!
  const lenders = places(grow(other) ?? [])
  const lent = lenders.length > 0 ? lenders[random(lenders.length)]! : undefined
  switch (random(9)) {
    case 0:
      list.splice(index, 1)
      break
    case 1:
      list.splice(index, 0, tree)
      break
    case 2:
      tree.tag = TAGS[random(TAGS.length)]!
      break
    case 3:
      if (lent) list[index] = lent.list[lent.index]!
      break
    case 4:
      if (lent) list.splice(index, 0, lent.list[lent.index]!)
      break
    case 5: {
      const swap = random(list.length)
      list[index] = list[swap]!
      list[swap] = tree
      break
    }
    case 6:
      // Many of one kind, or one wrapped in itself again and again.
      if (random(2) === 0) list.splice(index, 0, ...Array.from({ length: random(400) }, () => tree))
      else
        for (let depth = random(40); depth > 0; depth--)
          list[index] = { ...tree, content: Buffer.alloc(0), parts: [list[index]!] }
      break
    case 7:
      tree.parts = undefined
      tree.content = Buffer.from(Array.from({ length: random(12) }, () => random(256)))
      break
    default:
      if (!tree.parts && tree.content.length > 0) {
        tree.content = Buffer.from(tree.content)
        tree.content[random(tree.content.length)] = random(256)
      }
  }
  return Buffer.concat(trees.map(write))
}
