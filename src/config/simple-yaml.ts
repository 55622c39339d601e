// The short way to read a YAML file: most files are lines of `name: value` and lists, and the parser for all of YAML takes
// ten times as long for them as it need. What is here is taken to mean what YAML 1.2 (core schema) takes it to mean, and a
// fuzzer holds it to that (`test/fuzz/simple-yaml.test.ts`); whatever it does not know for certain, it leaves to the parser.
//
// Known: comments and blank lines; blocks of names, each with a colon and a value, and of items behind dashes, one in the other.
// Values stand on one line: words that YAML reads as text, text in quotes without escapes, whole numbers, true and false, and in
// braces and brackets mappings and lists of those.

import type { PathStep } from './finding.ts'

type Scalar = string | number | boolean
type Mapping = Readonly<Record<string, unknown>>

/** The mapping that the text is; undefined: this is not the place to say. */
export const readSimple = (text: string): Mapping | undefined => read(text)?.value

/** The lines of a text that was read so, as `YamlFile` tells them: all that is on one line has that one. */
export function linesOfSimple(text: string): (path: readonly PathStep[]) => number | undefined {
  const places: Places = new Map()
  const { value: root, first } = read(text, places) ?? {}
  return (path) => {
    let [node, line]: [unknown, number | undefined] = [root, first]
    for (const step of path) {
      const known = places.get(node)
      const next = known?.get(Array.isArray(node) ? step : String(step))
      if (next === undefined) return node === root ? undefined : line
      line = next
      node = typeof node === 'object' && node !== null ? Reflect.get(node, String(step)) : undefined
    }
    return line
  }
}

/** By blocks, where the parts of each stand. */
type Places = Map<unknown, ReadonlyMap<PathStep, number>>

function read(text: string, places?: Places): { readonly value: Mapping; readonly first: number } | undefined {
  if (UNUSUAL.test(text)) return undefined
  const lines: Line[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const comment = line.startsWith('#') ? 0 : line.indexOf(' #')
    const whole = comment < 0 ? line : line.slice(0, comment)
    const said = stripped(whole)
    if (said !== '') lines.push({ number: index + 1, column: whole.indexOf(said), text: said })
  }
  const reader = { lines, places, next: 0 }
  const value = mappingAt(reader, 0, MOST_BLOCKS)
  const [first] = lines
  if (value === undefined || first === undefined || reader.next < lines.length) return undefined
  return { value, first: first.number }
}

/** One that says something, without the comment behind it. */
interface Line {
  readonly number: number
  /** Where its text begins. */
  readonly column: number
  readonly text: string
}

interface Reader {
  readonly lines: Line[]
  readonly places: Places | undefined
  next: number
}

/** Blocks in each other. */
const MOST_BLOCKS = 8

/** Names that begin in one column. */
function mappingAt(reader: Reader, column: number, deeper: number): Mapping | undefined {
  const values = new Map<string, unknown>()
  const numbers = reader.places && new Map<string, number>()
  for (;;) {
    const line = reader.lines[reader.next]
    if (line === undefined || line.column < column) break
    const [, key, after] = (line.column === column ? KEY.exec(line.text) : undefined) ?? []
    if (key === undefined || values.has(key)) return undefined
    reader.next += 1
    const value = after === undefined ? below(reader, column, deeper) : valueOf(after)
    if (value === undefined) return undefined
    values.set(key, value)
    numbers?.set(key, line.number)
  }
  if (values.size === 0) return undefined
  const mapping = Object.fromEntries(values)
  if (numbers) reader.places?.set(mapping, numbers)
  return mapping
}

/** Dashes in one column. Names in that column, to one of which the list belongs, may follow. YAML 1.2 §8.2.2 */
function listAt(reader: Reader, column: number, deeper: number): readonly unknown[] | undefined {
  const items: unknown[] = []
  const numbers = reader.places && new Map<number, number>()
  for (;;) {
    const line = reader.lines[reader.next]
    if (line === undefined || line.column < column) break
    const [, dash, rest] = (line.column === column ? ITEM.exec(line.text) : undefined) ?? []
    if (dash === undefined || rest === undefined) {
      if (line.column === column) break
      return undefined
    }
    const item = itemOf(reader, { ...line, column: column + dash.length, text: rest }, deeper)
    if (item === undefined) return undefined
    numbers?.set(items.length, line.number)
    items.push(item)
  }
  if (items.length === 0) return undefined
  if (numbers) reader.places?.set(items, numbers)
  return items
}

/** A value behind a dash, or a mapping that begins there. */
function itemOf(reader: Reader, line: Line, deeper: number): unknown {
  if (!KEY.test(line.text)) {
    reader.next += 1
    return valueOf(line.text)
  }
  if (deeper === 0) return undefined
  reader.lines[reader.next] = line
  return mappingAt(reader, line.column, deeper - 1)
}

/** What belongs to a name with nothing behind it. */
function below(reader: Reader, column: number, deeper: number): unknown {
  const line = reader.lines[reader.next]
  if (line === undefined || line.column < column) return null
  const isList = ITEM.test(line.text)
  if (line.column === column && !isList) return null
  if (deeper === 0) return undefined
  return isList ? listAt(reader, line.column, deeper - 1) : mappingAt(reader, line.column, deeper - 1)
}

/** Tabs, carriage returns, and what nobody sees; those have rules of their own. */
// oxlint-disable-next-line no-control-regex -- this is what is looked for
const UNUSUAL = /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u2028\u2029\ufeff]/

const NAME = '[A-Za-z][A-Za-z0-9._-]{0,63}'
const KEY = new RegExp(`^(${NAME}):(?: +([^ ].*))?$`)
const ITEM = /^(- +)([^ ].*)$/
/** Begins with a letter and has nothing in it that means something anywhere; a colon only before what it belongs to. */
const WORDS = /^[A-Za-z\u00c0-\u024f](?:[A-Za-z0-9\u00c0-\u024f ._@/+()'-]|:(?=[A-Za-z0-9]))*$/
const DAY = /^\d{4}-\d{2}-\d{2}$/
/** No number has so many points, or such letters. */
const ADDRESS = /^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$/
const AMOUNT = /^[1-9]\d{0,14}(?:ms|[smhd]|[KMG]iB)$/
const NUMBER = /^(?:0|[1-9]\d{0,14})$/
const QUOTED = /^(?:"([^"\\]*)"|'([^']*)')$/
/** Words that are no text, or are not always. */
const OTHER = /^(?:true|false|null)$/i

function valueOf(written: string): Scalar | Mapping | readonly unknown[] | undefined {
  if (written.startsWith('[')) return listOf(written)
  return written.startsWith('{') ? mappingOf(written) : scalarOf(written)
}

function scalarOf(written: string): Scalar | undefined {
  if (WORDS.test(written) && !OTHER.test(written)) return written
  if (DAY.test(written) || ADDRESS.test(written) || AMOUNT.test(written)) return written
  if (NUMBER.test(written)) return Number(written)
  if (written === 'true' || written === 'false') return written === 'true'
  const [quoted, double, single] = QUOTED.exec(written) ?? []
  return quoted === undefined ? undefined : (double ?? single)
}

function listOf(written: string): readonly (Scalar | Mapping)[] | undefined {
  const [, inside] = /^\[([^[\]]*)\]$/.exec(written) ?? []
  if (inside === undefined) return undefined
  if (stripped(inside) === '') return []
  // A comma within quotes leaves halves that are no scalars.
  return MAPPINGS.test(inside)
    ? eachOf(inside.match(/\{[^{}]*\}/g) ?? [], mappingOf)
    : eachOf(inside.split(','), (part) => scalarOf(stripped(part)))
}

/** Nothing but mappings, with commas between them. */
const MAPPINGS = /^ *\{[^{}]*\}(?: *, *\{[^{}]*\})* *$/

function mappingOf(written: string): Mapping | undefined {
  const [, inside] = /^\{([^{}[\]]*)\}$/.exec(written) ?? []
  if (inside === undefined) return undefined
  if (stripped(inside) === '') return {}
  const pairs = eachOf(inside.split(','), (part) => {
    const [, key, after] = PAIR.exec(stripped(part)) ?? []
    const value = after === undefined ? undefined : scalarOf(after)
    return key === undefined || value === undefined ? undefined : ([key, value] as const)
  })
  if (pairs === undefined || new Set(pairs.map(([key]) => key)).size < pairs.length) return undefined
  return Object.fromEntries(pairs)
}

const PAIR = new RegExp(`^(${NAME}): +([^ ].*)$`)

/** What all parts come to; undefined where one comes to nothing. */
function eachOf<Part, Value>(
  parts: readonly Part[],
  valueIn: (part: Part) => Value | undefined,
): readonly Value[] | undefined {
  const values: Value[] = []
  for (const part of parts) {
    const value = valueIn(part)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

/** Blanks alone: what else there is of spaces is text to YAML. YAML 1.2 §5.5 */
function stripped(text: string): string {
  let [from, to] = [0, text.length]
  while (from < to && text.charCodeAt(from) === BLANK) from += 1
  while (from < to && text.charCodeAt(to - 1) === BLANK) to -= 1
  return text.slice(from, to)
}

const BLANK = 0x20
