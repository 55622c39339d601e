// A YAML value against a schema: the checked value, or every mistake with its line and what to write instead.

import * as z from 'zod'
import { formatPath, type Finding, type PathStep } from './finding.ts'
import { aboutOf, bare, childOf, keysOf, whenEmpty } from './schema-walk.ts'
import { suggest } from './suggest.ts'
import type { YamlFile } from './yaml.ts'

export interface Checked<T> {
  readonly value: T | undefined
  readonly findings: readonly Finding[]
}

/** Checks a whole file. */
export function check<S extends z.ZodType>(schema: S, yaml: YamlFile): Checked<z.output<S>> {
  const findings: Finding[] = []
  const given = filled(schema, yaml.value, (path, message) => {
    findings.push(findingAt(yaml, path, message, { at: 'key' }))
  })
  const result = schema.safeParse(given)
  if (result.success) return { value: findings.length === 0 ? result.data : undefined, findings }
  findings.push(...result.error.issues.flatMap((issue) => findingsOf(schema, yaml, issue)))
  return { value: undefined, findings }
}

/** Checks a part of a file; undefined when it does not pass. For checks across parts while others are faulty. */
export function part<S extends z.ZodType>(
  schema: S,
  value: unknown,
  ...path: readonly string[]
): z.output<S> | undefined {
  let inner = value
  for (const step of path) inner = isRecord(inner) ? inner[step] : undefined
  const result = schema.safeParse(filled(schema, inner) ?? undefined)
  return result.success ? result.data : undefined
}

/** One mistake at a place of the file. */
export function findingAt(
  yaml: YamlFile,
  path: readonly PathStep[],
  message: string,
  options: { readonly severity?: Finding['severity']; readonly at?: 'key' | 'value' } = {},
): Finding {
  const { severity = 'error', at } = options
  return { severity, file: yaml.file, line: yaml.lineOf(path, at), path: formatPath(path), message }
}

/**
 * A key with nothing behind it is as good as none: in a file whose lines are all comments below `limits:`, nothing is
 * wrong. Behind a free key, such as a domain, nothing means no further words about it.
 * SECURITY: some keys it tells of (`neverEmpty`): a list whose last line was made a comment must not come to mean everyone.
 */
function filled(
  schema: z.core.$ZodType,
  value: unknown,
  tell?: (path: readonly PathStep[], message: string) => void,
  path: readonly PathStep[] = [],
): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => filled(childOf(schema, index) ?? schema, item, tell, [...path, index]))
  }
  if (!isRecord(value)) return value
  const free = bare(schema) instanceof z.ZodRecord
  const entries: [string, unknown][] = []
  for (const [key, inner] of Object.entries(value)) {
    const child = childOf(schema, key)
    if (child === undefined && keysOf(schema) !== undefined) {
      // Also where nothing follows: the schema says that it knows no such key.
      entries.push([key, inner])
      continue
    }
    if (inner === null && !free) {
      const message = child && whenEmpty(child)
      if (message !== undefined) tell?.([...path, key], message)
      continue
    }
    entries.push([key, inner === null ? {} : child === undefined ? inner : filled(child, inner, tell, [...path, key])])
  }
  return Object.fromEntries(entries)
}

function findingsOf(schema: z.ZodType, yaml: YamlFile, issue: z.core.$ZodIssue): readonly Finding[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => findingAt(yaml, [...path, key], unknownKey(schema, path, key), { at: 'key' }))
  }
  if (issue.code === 'invalid_key') {
    return [findingAt(yaml, path, issue.issues[0]?.message ?? issue.message, { at: 'key' })]
  }
  return [findingAt(yaml, path, issue.message)]
}

function unknownKey(schema: z.ZodType, path: readonly PathStep[], key: string): string {
  const here = path.reduce<z.core.$ZodType | undefined>((inner, step) => inner && childOf(inner, step), schema)
  const known = [...(here === undefined ? [] : (keysOf(here) ?? []))].filter(
    ([, inner]) => aboutOf(inner) !== undefined,
  )
  const near = suggest(
    key,
    known.map(([name]) => name),
  )
  if (near !== undefined) return `unknown key; did you mean "${near}"?`
  const elsewhere = places(schema, key, []).filter((place) => place.join('.') !== path.join('.'))
  const [place] = elsewhere
  if (place === undefined || elsewhere.length > 1) return 'unknown key'
  return place.length === 0
    ? 'unknown key; it belongs to the top of the file'
    : `unknown key; it belongs below ${place.join('.')}:`
}

/** The sections that know a key. */
function places(schema: z.core.$ZodType, key: string, path: readonly string[]): readonly (readonly string[])[] {
  const keys = keysOf(schema)
  if (keys === undefined) return []
  const here = keys.has(key) ? [path] : []
  return [...here, ...[...keys].flatMap(([name, inner]) => places(inner, key, [...path, name]))]
}

/** A mapping of a document. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
