// Where the parts of a YAML file stand, as plain numbers: so that a file can be read on one thread and its lines be told on
// another. The same order on both sides: a value, then what is in it.

import type { PathStep } from './finding.ts'
import type { YamlFile } from './yaml.ts'

/** For each part two lines, of its key and of its value; 0: unknown. */
export type LineTable = Int32Array<ArrayBuffer>

/** All lines of a file that was read whole. */
export function lineTable({ value, lineOf }: YamlFile): LineTable {
  const lines: number[] = []
  const add = (path: readonly PathStep[], node: unknown): void => {
    lines.push(lineOf(path, 'key') ?? 0, lineOf(path, 'value') ?? 0)
    for (const [step, inner] of parts(node)) add([...path, step], inner)
  }
  add([], value)
  return Int32Array.from(lines)
}

/** Asks a table as `YamlFile` does; `value` is that of the same file. */
export function lineOfTable(value: unknown, table: LineTable): YamlFile['lineOf'] {
  let places: ReadonlyMap<unknown, ReadonlyMap<PathStep, number>> | undefined
  return (path, at = 'value') => {
    places ??= placesIn(value)
    let [node, place] = [value, path.length === 0 ? 0 : -1]
    for (const step of path) {
      const next = places.get(node)?.get(Array.isArray(node) ? step : String(step))
      if (next === undefined) break // Then the nearest parent tells.
      place = next
      node = partOf(node, step)
    }
    return place < 0 ? undefined : table[2 * place + (at === 'key' ? 0 : 1)] || undefined
  }
}

/** What is where in the order of the table, by what it is in. */
function placesIn(value: unknown): ReadonlyMap<unknown, ReadonlyMap<PathStep, number>> {
  const places = new Map<unknown, Map<PathStep, number>>()
  let next = 0
  const add = (node: unknown): number => {
    const place = next++
    const inner = new Map<PathStep, number>()
    for (const [step, part] of parts(node)) inner.set(step, add(part))
    if (inner.size > 0) places.set(node, inner)
    return place
  }
  add(value)
  return places
}

/** Of a value that has it. */
const partOf = (node: unknown, step: PathStep): unknown =>
  typeof node === 'object' && node !== null ? Reflect.get(node, String(step)) : undefined

function parts(node: unknown): readonly (readonly [PathStep, unknown])[] {
  if (Array.isArray(node)) return [...node.entries()]
  return typeof node === 'object' && node !== null ? Object.entries(node) : []
}
