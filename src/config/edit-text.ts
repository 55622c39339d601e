// Changes keys of a YAML text and leaves every other byte as it is: comments, order, blank lines, quoting. Pure.
//
// Rule 1: what can be done by replacing a value, a line or a list item is done so.
// Rule 2: the outcome is parsed again; where it does not say what was asked for (a text in an unusual form), the YAML
// library rewrites the document instead, which keeps the comments but not every blank.

import { isDeepStrictEqual } from 'node:util'
import { Document, isCollection, isMap, isScalar, isSeq, parseDocument, type Node, type YAMLSeq } from 'yaml'
import { PLAIN_YAML } from './yaml.ts'

/** Top-level keys and their new values; undefined takes a key out. */
export type Changes = Readonly<Record<string, unknown>>

/** The text with the changes made; undefined when it is no YAML mapping. Keys are changed in the order given. */
export function changeText(text: string, changes: Changes): string | undefined {
  let result = text
  for (const [key, given] of Object.entries(changes)) {
    const value = given === undefined ? undefined : parse(inlineYaml(given)).toJS()
    const wanted = expected(result, key, value)
    if (wanted === undefined) return undefined
    const spliced = splice(result, key, value)
    if (spliced !== undefined && isDeepStrictEqual(valueOf(spliced), wanted)) result = spliced
    else result = rewrite(result, key, value)
  }
  return result
}

/** A value as it stands behind a key on one line. */
export function inlineYaml(value: unknown): string {
  const document = new Document(value)
  if (isCollection(document.contents)) document.contents.flow = true
  return document.toString({ lineWidth: 0 }).trimEnd()
}

const parse = (text: string) => parseDocument(text, PLAIN_YAML)

/** Where nothing but comments is left, that is a mapping without keys. */
function valueOf(text: string): unknown {
  const document = parse(text)
  return document.errors.length === 0 ? (document.toJS() ?? {}) : undefined
}

function expected(text: string, key: string, value: unknown): Changes | undefined {
  const document = parse(text)
  if (document.errors.length > 0 || (document.contents !== null && !isMap(document.contents))) return undefined
  const before: unknown = document.toJS() ?? {}
  const entries = Object.entries(before ?? {}).filter(([name]) => name !== key)
  return Object.fromEntries(value === undefined ? entries : [...entries, [key, value]])
}

/** The text with one key changed in place; undefined where that cannot be done. */
function splice(text: string, key: string, value: unknown): string | undefined {
  const root = parse(text).contents
  if (root !== null && (!isMap<Node, Node | null>(root) || root.flow === true)) return undefined
  const pair = root?.items.find((item) => isScalar(item.key) && item.key.value === key)
  if (pair === undefined) return value === undefined ? text : withLine(text, key, value)
  const [start] = pair.key.range ?? []
  const node = pair.value
  const [from, to] = node?.range ?? []
  if (start === undefined) return undefined
  if (value === undefined) return without(text, start, to ?? start)
  if (node === null || from === undefined || to === undefined) return undefined
  if (isSeq<Node>(node) && node.flow !== true) return Array.isArray(value) ? spliceList(text, node, value) : undefined
  const old = text.slice(from, to)
  // A comment within a list or mapping would be lost; a block or a text of several lines has an indentation to keep.
  if (isCollection(node) ? node.flow !== true || old.includes('#') : /\n|^[|>]/.test(old)) return undefined
  if (isLong(value)) {
    const isAlone = text.slice(to, lineEnd(text, to)).trim() === ''
    return isAlone
      ? text.slice(0, lineStart(text, start)) + lineOf(key, value) + text.slice(lineEnd(text, to))
      : undefined
  }
  const blank = from > 0 && !/\s/.test(text.charAt(from - 1)) ? ' ' : ''
  return text.slice(0, from) + blank + inlineYaml(value) + text.slice(to)
}

/** A new key: below the commented line that shows it, or at the end. */
function withLine(text: string, key: string, value: unknown): string {
  const line = lineOf(key, value)
  const shown = new RegExp(`^# ?${key}:.*\\n`, 'm').exec(text)
  if (shown) {
    const end = shown.index + shown[0].length
    return text.slice(0, end) + line + text.slice(end)
  }
  return text + (text === '' || text.endsWith('\n') ? '' : '\n') + line
}

/** Text of several lines stands below its key. */
const isLong = (value: unknown): boolean => typeof value === 'string' && value.includes('\n')

/** A key with its value, and the line end behind it. */
export const lineOf = (key: string, value: unknown): string =>
  isLong(value) ? new Document({ [key]: value }).toString({ lineWidth: 0 }) : `${key}: ${inlineYaml(value)}\n`

/** Takes whole lines out, from the one that `from` is on to the one that `to` is on. */
function without(text: string, from: number, to: number): string {
  return text.slice(0, lineStart(text, from)) + text.slice(lineEnd(text, to))
}

interface Item {
  readonly value: unknown
  readonly from: number
  readonly to: number
}

/** A list of one item per line: takes lines out and puts lines behind the last that stays. */
function spliceList(text: string, list: YAMLSeq<Node>, value: readonly unknown[]): string | undefined {
  const whole = new Document()
  const items = list.items.map((node): Item => {
    const [from = 0, to = 0] = node.range ?? []
    return { value: node.toJS(whole), from, to }
  })
  const kept = items.filter((item) => has(value, item.value))
  const last = kept.at(-1)
  if (last === undefined) return undefined
  const present = items.map((item) => item.value)
  const added = value.filter((one) => !has(present, one))
  const indent = /^[ \t]*/.exec(text.slice(lineStart(text, last.from)))?.[0] ?? ''
  const lines = added.map((one) => `${indent}- ${inlineYaml(one)}\n`).join('')
  let result = text
  // From the end to the beginning, so that the places of what comes before stay right.
  for (const item of items.toReversed()) {
    if (!kept.includes(item)) result = without(result, item.from, item.to)
    if (item !== last) continue
    const end = lineEnd(result, item.to)
    const gap = end === 0 || result.charAt(end - 1) === '\n' ? '' : '\n'
    result = result.slice(0, end) + (lines === '' ? '' : gap + lines) + result.slice(end)
  }
  return result
}

const has = (all: readonly unknown[], one: unknown): boolean => all.some((other) => isDeepStrictEqual(other, one))

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1

/** Behind the end of the line on which something ends; some values end with the line's own end. */
function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', text.charAt(at - 1) === '\n' ? at - 1 : at)
  return end === -1 ? text.length : end + 1
}

/** The same change by the YAML library. Items of a list that stay keep their comments. */
function rewrite(text: string, key: string, value: unknown): string {
  const document = parse(text)
  if (value === undefined) {
    document.delete(key)
    return document.toString({ lineWidth: 0 })
  }
  const old = document.get(key, true)
  const fresh = document.createNode(value)
  if (isSeq<Node>(old) && isSeq<Node>(fresh)) {
    fresh.flow = old.flow ?? false
    const before = old.items.map((node) => ({ node, value: node.toJS(document) as unknown }))
    fresh.items = fresh.items.map(
      (node) => before.find((item) => isDeepStrictEqual(item.value, node.toJS(document)))?.node ?? node,
    )
  }
  document.set(key, isScalar(fresh) ? fresh.value : fresh)
  return document.toString({ lineWidth: 0 })
}
