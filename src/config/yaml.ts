// YAML text → plain values that know their lines. Only the plain part of YAML is taken: mappings with text keys, lists,
// text, numbers, booleans. What else YAML can do (anchors and aliases, tags, several documents, directives) is an error
// here, as it has no use in these files and has made many parsers do more than was asked.

import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml'
import { formatPath, type Finding, type PathStep } from './finding.ts'
import { linesOfSimple, readSimple } from './simple-yaml.ts'

/** A document: its value and where its parts stand. */
export interface YamlFile {
  readonly file: string
  /** Objects, arrays, text, numbers, booleans and, for a key with nothing behind it, null. */
  readonly value: unknown
  /** The line of a value, or of its key (`at: 'key'`); for a path that is not there, of
   * the nearest parent that is; undefined where not even its first step is there. */
  readonly lineOf: (path: readonly PathStep[], at?: 'key' | 'value') => number | undefined
}

export interface YamlReading {
  /** Undefined when the text is no YAML, or not of the kind we take. */
  readonly yaml: YamlFile | undefined
  readonly findings: readonly Finding[]
}

const MAX_DEPTH = 16
const MAX_MISTAKES = 20

/** How the files are parsed, here and where they are edited. Twins among keys are found below, in linear time. */
export const PLAIN_YAML = { version: '1.2', schema: 'core', prettyErrors: false, uniqueKeys: false } as const

/** Reads one document. Never throws. */
export function readYaml(text: string, file: string): YamlReading {
  const value = readSimple(text)
  if (value === undefined) return readAll(text, file)
  // Lines are asked for where something is wrong.
  let lines: YamlFile['lineOf'] | undefined
  const lineOf: YamlFile['lineOf'] = (path) => (lines ??= linesOfSimple(text))(path)
  return { yaml: { file, value, lineOf }, findings: [] }
}

/** The same by the parser for all of YAML. */
export function readAll(text: string, file: string): YamlReading {
  const lines = new LineCounter()
  const error = (offset: number | undefined, path: readonly PathStep[], message: string): Finding => {
    const line = offset === undefined ? undefined : lines.linePos(offset).line
    return { severity: 'error', file, line, path: formatPath(path), message }
  }
  const stray = CONTROL.exec(text)
  if (stray) {
    const code = (stray[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    const line = text.slice(0, stray.index).split('\n').length
    const message = `a control character (U+${code}) is in the text; remove it`
    return { yaml: undefined, findings: [{ severity: 'error', file, line, path: '', message }] }
  }
  let document: ReturnType<typeof parseDocument>
  try {
    document = parseDocument(text, { ...PLAIN_YAML, lineCounter: lines })
  } catch (cause) {
    // Nesting that exhausts the stack ends here.
    if (!(cause instanceof RangeError)) throw cause
    return { yaml: undefined, findings: [error(undefined, [], 'nested too deeply')] }
  }
  const mistakes = document.errors.map((e) => error(e.pos[0], [], sentence(e.code, e.message)))
  if (document.directives?.yaml.explicit === true || text.startsWith('%')) {
    mistakes.push(error(0, [], 'remove the lines that begin with %; the files are YAML 1.2'))
  }
  if (mistakes.length > 0) return { yaml: undefined, findings: onePerLine(mistakes) }
  const value = plain(document.contents, [], (node, path, message) => {
    const mistake = error(node.range?.[0], path, message)
    // One word a line is enough for a list full of them.
    if (!mistakes.some((known) => known.line === mistake.line && known.message === message)) mistakes.push(mistake)
  })
  if (mistakes.length > 0) return { yaml: undefined, findings: mistakes.slice(0, MAX_MISTAKES) }
  const indexes: Indexes = new WeakMap()
  const lineOf = (path: readonly PathStep[], at: 'key' | 'value' = 'value'): number | undefined => {
    const offset = offsetOf(document.contents, path, at, indexes)
    return offset === undefined ? undefined : lines.linePos(offset).line
  }
  return { yaml: { file, value, lineOf }, findings: [] }
}

// oxlint-disable-next-line no-control-regex -- this is what is looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]/

type Report = (node: Node, path: readonly PathStep[], message: string) => void

/** The value of a node. What we do not take is reported, and its value is of no use. */
function plain(node: Node | null, path: readonly PathStep[], report: Report): unknown {
  if (node === null) return null
  if (path.length > MAX_DEPTH) {
    report(node, path, 'nested too deeply')
    return undefined
  }
  if (isAlias(node)) {
    report(node, path, 'write the value out; text that begins with * stands in quotes: "*.labs.partner.example"')
    return undefined
  }
  if ('anchor' in node && node.anchor !== undefined)
    report(node, path, 'write the value without & and a name before it')
  if ('tag' in node && node.tag !== undefined) report(node, path, 'write the value without ! and a type before it')
  if (isSeq<Node | null>(node)) return node.items.map((item, index) => plain(item, [...path, index], report))
  if (isMap<Node, Node | null>(node)) return plainMap(node, path, report)
  return isScalar(node) ? node.value : undefined
}

function plainMap(map: YAMLMap<Node, Node | null>, path: readonly PathStep[], report: Report): unknown {
  const values = new Map<string, unknown>()
  for (const { key, value } of map.items) {
    const name = keyText(key)
    if (name === undefined) report(key, path, 'write the name of each key as text')
    else if (values.has(name)) report(key, [...path, name], 'written twice; keep one')
    else values.set(name, plain(value, [...path, name], report))
  }
  // Defines properties, sets none: `__proto__` is a key like any other.
  return Object.fromEntries(values)
}

/** Keys are text; a number or a word that YAML reads otherwise counts as the text that was written. */
function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  if (typeof key.value === 'string') return key.value
  return key.source === '' || key.source === undefined ? undefined : key.source
}

/** The pairs of mappings by their keys, made when first asked for: files may have many keys and many mistakes. */
type Indexes = WeakMap<Node, ReadonlyMap<string, Pair<Node, Node | null>>>

function indexOf(map: YAMLMap<Node, Node | null>, indexes: Indexes) {
  const known = indexes.get(map)
  if (known !== undefined) return known
  const index = new Map(map.items.toReversed().map((pair) => [keyText(pair.key) ?? '', pair] as const))
  indexes.set(map, index)
  return index
}

/** Where a value stands: a scalar's own place, a collection's key. */
function offsetOf(
  root: Node | null,
  path: readonly PathStep[],
  at: 'key' | 'value',
  indexes: Indexes,
): number | undefined {
  let node: unknown = root
  let offset = root?.range?.[0]
  for (const step of path) {
    const pair = isMap<Node, Node | null>(node) ? indexOf(node, indexes).get(String(step)) : undefined
    const next = pair ? pair.value : isSeq<Node | null>(node) && typeof step === 'number' ? node.items[step] : undefined
    if (pair === undefined && next === undefined) return node === root ? undefined : offset
    const own = at === 'value' && (pair === undefined || isScalar(next)) ? next?.range?.[0] : undefined
    offset = own ?? pair?.key.range?.[0] ?? next?.range?.[0] ?? offset
    node = next
  }
  return offset
}

/** What the parser found, for somebody who does not know YAML well. */
function sentence(code: string, message: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'a tab is used to indent; use spaces'
    case 'MULTIPLE_DOCS':
      return 'more than one document is in the file; remove the line --- and what follows'
    case 'BAD_INDENT':
      return message.startsWith('Flow')
        ? 'a [ or { further up is not closed'
        : 'the indentation does not fit the lines above; keys of one section begin in the same column'
    case 'MULTILINE_IMPLICIT_KEY':
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'this line and the next do not fit together; check the indentation, and put text that contains ": " in quotes'
    case 'BAD_SCALAR_START':
      return 'put text that begins with @, ` or % in quotes'
    case 'MISSING_CHAR':
      return message.includes('quote')
        ? 'a quote further up is not closed'
        : 'write name: value, with a blank after the colon'
    default:
      return `not valid YAML here (${message}); check indentation, brackets and quotes`
  }
}

/** One mistake often makes the parser stumble several times. */
function onePerLine(findings: readonly Finding[]): readonly Finding[] {
  const byLine = new Map<number | undefined, Finding>()
  for (const finding of findings) if (!byLine.has(finding.line)) byLine.set(finding.line, finding)
  return [...byLine.values()].slice(0, MAX_MISTAKES)
}
