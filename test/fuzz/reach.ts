// Which states, cells and faults of the scanner a stream reaches: a cell is a state together with a kind of byte that is
// read in it. The states are those between two bytes, so a cell is reached whatever shortcut the scanner takes past it.

import * as automaton from '../../src/xml/automaton.ts'
import { FAULTS } from '../../src/xml/faults.ts'
import { Lexer } from '../../src/xml/lexer.ts'
import type { ScanLimits } from '../../src/xml/limits.ts'

/** Kinds of bytes: all that the standards tell apart somewhere. */
const KINDS: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ...`<>/=!?&;#'"-[]:`.split('').map((character) => [character, [character.charCodeAt(0)]] as const),
  ['space', [0x20, 0x09, 0x0a, 0x0d]],
  ['x', [0x78]],
  ['CDAT', [...Buffer.from('CDAT')]],
  ['letter', [...Buffer.from('BEFGHIJKLMNOPQRSUVWXYZ_abcdefghijklmnopqrstuvwyz')]],
  ['digit', [...Buffer.from('0123456789.')]],
  ['other', [...Buffer.from('$%()*+,@\\^`{|}~\x7f')]],
  ['control', [...range(0, 8), 11, 12, ...range(14, 31)]],
  ['continuation', range(0x80, 0xbf)],
  ['overlong', [0xc0, 0xc1]],
  ['two', range(0xc2, 0xdf)],
  ['three', range(0xe0, 0xef)],
  ['four', range(0xf0, 0xf4)],
  ['none', range(0xf5, 0xff)],
]

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at)
}

const KIND_OF = new Uint8Array(256)
for (const [kind, [, bytes]] of KINDS.entries()) for (const byte of bytes) KIND_OF[byte] = kind

/** The states that the automaton names. */
const STATES = new Map<number, string>(
  Object.entries(automaton).flatMap(([name, state]) => (typeof state === 'number' ? [[state, name] as const] : [])),
)
const FOOTER_DUE: number = automaton.FOOTER_DUE

/** States in which no byte is ever read: what they stand for happens at once. */
const SILENT: ReadonlySet<string> = new Set(['FOOTER_DUE'])

/** Within a character of several bytes: how many are to come, and which may come next (`utf8.ts`). */
const CHARACTERS = 10

/** All that is to be reached: `state:…`, `cell:… …` and `fault:…`. */
export function expectedReach(): readonly string[] {
  const expected: string[] = []
  for (const name of STATES.values()) {
    expected.push(`state:${name}`)
    if (SILENT.has(name)) continue
    for (const inner of name === 'MULTIBYTE' ? range(1, CHARACTERS - 1) : [0]) {
      for (const [kind] of KINDS) expected.push(cellName(name, inner, kind))
    }
  }
  return [...expected, ...Object.keys(FAULTS).map((fault) => `fault:${fault}`)]
}

const cellName = (state: string, inner: number, kind: string): string =>
  `cell:${state}${inner === 0 ? '' : `.${inner}`} ${kind}`

const FAULT_NAMES = new Map(Object.entries(FAULTS).map(([name, { detail }]) => [detail, name]))

/** The fault that a scanner named by its detail. */
export const faultNamed = (detail: string): string => `fault:${FAULT_NAMES.get(detail) ?? detail}`

/** Shows what is nobody else's business. */
class Probe extends Lexer {
  get place(): number {
    return this.state
  }
  get character(): number {
    return this.utf8
  }
}

export interface Reach {
  /** What `expectedReach` lists. */
  readonly reached: ReadonlySet<string>
  /** What makes a stream worth keeping: which state led to which, how deep, and where it ended. */
  readonly steps: ReadonlySet<string>
  /** Finer: what byte did so. */
  readonly also: ReadonlySet<number>
  /** Where a state was first met: state and depth → how many bytes lead there. */
  readonly places: ReadonlyMap<string, number>
}

/** What one stream reaches, byte by byte, up to its end or its first restart. */
export function reach(bytes: Buffer, limits: ScanLimits): Reach {
  const probe = new Probe(limits)
  probe.turnTo(bytes)
  const cells = new Set<number>()
  const also = new Set<number>()
  const moves = new Set<number>()
  const reached = new Set<string>()
  const steps = new Set<string>()
  const places = new Map<string, number>()
  for (let at = 0; at < bytes.length; at++) {
    const { place, character } = probe
    const depth = Math.min(probe.elements.depth, 2)
    const here = (place * 16 + character) * 4 + depth
    const kind = KIND_OF[bytes[at]!]!
    cells.add((place * 16 + character) * 32 + kind)
    const before = also.size
    probe.run(at, at + 1)
    const { outcome } = probe
    const move = here * 64 + probe.place
    also.add((move * 32 + kind) * 2 + (outcome === 'more' ? 0 : 1))
    if (also.size > before && !moves.has(move)) {
      moves.add(move)
      steps.add(`${nameOf(place)}.${character} ${depth} ${nameOf(probe.place)}`)
      const where = `${nameOf(place)}.${character} ${depth}`
      if (!places.has(where)) places.set(where, at)
    }
    if (outcome === 'fault') {
      const fault = faultNamed(probe.fault.detail)
      reached.add(fault)
      steps.add(`${nameOf(place)} ${depth} ${fault}`)
    }
    if (outcome === 'header' || outcome === 'frame') {
      probe.start = -1
      if (probe.place !== FOOTER_DUE) continue
      reached.add('state:FOOTER_DUE')
    }
    if (outcome !== 'more') break
  }
  for (const cell of cells) {
    const state = nameOf(cell >> 9)
    reached.add(`state:${state}`)
    reached.add(cellName(state, state === 'MULTIBYTE' ? (cell >> 5) & 15 : 0, KINDS[cell & 31]![0]))
  }
  return { reached, steps, also, places }
}

const nameOf = (state: number): string => STATES.get(state) ?? `${state}`

/** Bytes of every kind: its first and its last. */
export const BYTES_OF_EVERY_KIND: readonly number[] = KINDS.flatMap(([, bytes]) =>
  bytes.length === 1 ? [bytes[0]!] : [bytes[0]!, bytes.at(-1)!],
)

/** How often each thing was reached. */
export class Tally {
  readonly counts = new Map<string, number>()

  add(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  of(what: string): number {
    return this.counts.get(what) ?? 0
  }

  missing(expected: readonly string[]): readonly string[] {
    return expected.filter((what) => !this.counts.has(what))
  }

  /** One line for each kind of thing: how many of how many, and which least often. */
  table(groups: ReadonlyMap<string, readonly string[]>): string {
    const lines = ['| what | reached | of | least often |', '|---|---|---|---|']
    for (const [group, expected] of groups) {
      const seen = expected.map((what) => [what, this.of(what)] as const)
      const least = seen.toSorted(([, a], [, b]) => a - b).slice(0, 3)
      lines.push(
        `| ${group} | ${seen.filter(([, count]) => count > 0).length} | ${expected.length} | ${least.map(([what, count]) => `\`${what.replace('|', '\\|')}\` ${count}`).join(', ')} |`,
      )
    }
    return lines.join('\n')
  }
}
