// The schemas in words: annotated files to begin with, and a table of all settings. Nothing here knows a key by name;
// what is said about a key stands beside it in the schema.

import type { GatewayInput } from './gateway-schema.ts'
import { GatewaySchema } from './gateway-schema.ts'
import { inlineYaml, lineOf } from './edit-text.ts'
import { PartnerSchema } from './partner-schema.ts'
import { PolicySchema } from './policy-schema.ts'
import { aboutOf, bare, childOf, defaultOf, exampleOf, isOptional, keysOf } from './schema-walk.ts'
import * as z from 'zod'

const WIDTH = 118

/** A gateway.yaml with the given settings, and all others as comments with what they mean and their defaults. */
export function describeGateway(values: GatewayInput): string {
  const head = comment(
    'Settings of the gateway. Lines with # right before a name show its default or an example. Unknown keys are errors; `sallyport check` says what is wrong.',
    '',
  )
  return `${[...head, '', ...annotated(GatewaySchema, values, '')].join('\n')}\n`
}

/** A partner's file with the given terms, whatever they are worth, and all others as comments. */
export function describePartner(values: Readonly<Record<string, unknown>>): string {
  return `${annotated(PartnerSchema, values, '').join('\n')}\n`
}

/** One setting, for documents and forms. */
export interface SettingAbout {
  readonly path: string
  readonly about: string
  /** As one would write it; undefined where a value is needed or nothing stands by default. */
  readonly default: string | undefined
}

/** All settings of gateway.yaml, in its order. */
export const gatewaySettings = (): readonly SettingAbout[] => settingsOf(GatewaySchema, '')

/** All terms of a partner's file, in its order. */
export const partnerSettings = (): readonly SettingAbout[] => settingsOf(PartnerSchema, '')

/** All settings of policy.yaml, in its order; `grants[].to` and `policies.<name>.rules` are what stands in each entry. */
export const policySettings = (): readonly SettingAbout[] => settingsOf(PolicySchema, '', true)

function settingsOf(schema: z.core.$ZodType, below: string, entries = false): readonly SettingAbout[] {
  return described(schema).flatMap(({ key, about, child }) => {
    const path = below === '' ? key : `${below}.${key}`
    if (isSection(child)) return settingsOf(child, path, entries)
    const value = defaultOf(child)
    const own = { path, about, default: value === undefined ? undefined : inlineYaml(value) }
    const entry = childOf(child, 0)
    const each = bare(child) instanceof z.ZodRecord ? `${path}.<name>` : `${path}[]`
    const inner = entries && entry !== undefined && isSection(entry) ? settingsOf(entry, each, entries) : []
    return [own, ...inner]
  })
}

/** A section that is always there; one that may be left out is shown as a whole. */
const isSection = (schema: z.core.$ZodType): boolean => keysOf(schema) !== undefined && !isOptional(schema)

function annotated(schema: z.core.$ZodType, values: unknown, indent: string): readonly string[] {
  return described(schema).flatMap(({ key, about, child }, index) => {
    const gap = indent === '' && index > 0 && schema === GatewaySchema ? [''] : []
    const words = comment(about, indent)
    const value = valueOf(values, key)
    if (isSection(child)) return [...gap, ...words, `${indent}${key}:`, ...annotated(child, value, `${indent}  `)]
    if (value !== undefined) return [...gap, ...words, ...live(key, value, indent)]
    const shown = shownFor(child)
    return [...gap, ...words, ...(shown === undefined ? [] : [`${indent}#${key}: ${shown}`])]
  })
}

/** What stands in a comment behind the key; found once for each: ten thousand files show the same. */
function shownFor(child: z.core.$ZodType): string | undefined {
  if (shown.has(child)) return shown.get(child)
  const value = exampleOf(child) ?? defaultOf(child)
  const text = value === undefined ? undefined : inlineYaml(value)
  shown.set(child, text)
  return text
}

const shown = new WeakMap<z.core.$ZodType, string | undefined>()

/** A mapping with free keys takes a line for each, and so does text of several lines; everything else stands on one. */
function live(key: string, value: unknown, indent: string): readonly string[] {
  if (typeof value === 'string' && value.includes('\n') && indent === '') return [lineOf(key, value).replace(/\n$/, '')]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [`${indent}${key}: ${inlineYaml(value)}`]
  }
  const lines = Object.entries(value).map(([name, inner]) => `${indent}  ${inlineYaml(name)}: ${inlineYaml(inner)}`)
  return [`${indent}${key}:`, ...lines]
}

interface Described {
  readonly key: string
  readonly about: string
  readonly child: z.core.$ZodType
}

/** The keys that are there to be used. */
function described(schema: z.core.$ZodType): readonly Described[] {
  return [...(keysOf(schema) ?? [])].flatMap(([key, child]) => {
    const about = aboutOf(child)
    return about === undefined ? [] : [{ key, about, child }]
  })
}

function comment(text: string, indent: string): readonly string[] {
  const known = comments.get(indent + text)
  if (known !== undefined) return known
  const lines = wrapped(text, indent)
  comments.set(indent + text, lines)
  return lines
}

/** What the schemas say, no more. */
const comments = new Map<string, readonly string[]>()

function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = []
  let line = `${indent}#`
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = `${indent}#`
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

function valueOf(values: unknown, key: string): unknown {
  if (typeof values !== 'object' || values === null) return undefined
  return Object.entries(values).find(([name]) => name === key)?.[1]
}
