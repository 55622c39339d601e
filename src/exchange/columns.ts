// Our own table: the keys of partners' files as columns, as the schema has them. In a cell a list stands with blanks between its
// items, and where to connect as host:port, with /direct behind it for direct TLS; whatever cannot stand so, as JSON.

import * as z from 'zod'
import { isRecord } from '../config/check.ts'
import { PartnerSchema } from '../config/partner-schema.ts'
import { aboutOf, bare, keysOf } from '../config/schema-walk.ts'
import { suggest } from '../config/suggest.ts'
import { DOMAIN, DOMAIN_PATTERN, HOST_PORT } from '../config/values.ts'
import { unguarded } from './csv.ts'
import type { Reading } from './reading.ts'

const KEYS = new Map([...(keysOf(PartnerSchema) ?? [])].filter(([, child]) => aboutOf(child) !== undefined))

/** In the order in which they are written. */
export const COLUMNS: readonly string[] = [...KEYS.keys()]

/** An item of our table → keys of a file; null where one is to be taken out. What else a value is worth, the schema says. */
export function fromColumns(values: Readonly<Record<string, unknown>>, isTable: boolean): Reading {
  const unknown = Object.keys(values).find((name) => !KEYS.has(name))
  if (unknown !== undefined) {
    const near = suggest(unknown, COLUMNS)
    return {
      fault: `no key "${unknown}" is in files of partners${near === undefined ? '' : `; did you mean "${near}"?`}`,
    }
  }
  const read = Object.entries(values).map(
    ([name, value]) => [name, isTable && typeof value === 'string' ? fromCell(name, unguarded(value)) : value] as const,
  )
  const { domain: written, ...others } = Object.fromEntries(read)
  const domain = typeof written === 'string' ? DOMAIN.read(written) : undefined
  if (domain === undefined) return { fault: `domain: ${typeof written === 'string' ? '' : 'missing; '}${DOMAIN.how}` }
  const { alsoKnownAs: names } = others
  if (Array.isArray(names)) others['alsoKnownAs'] = names.map((name: unknown) => aLabels(name))
  return { domain, fields: others }
}

const aLabels = (name: unknown): unknown => (typeof name === 'string' ? (DOMAIN_PATTERN.read(name) ?? name) : name)

function fromCell(name: string, cell: string): unknown {
  if (cell === '') return null
  const schema = bare(KEYS.get(name)!)
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return cell
  if (schema instanceof z.ZodArray && !cell.startsWith('[')) {
    const items = cell.split(/\s+/).filter((item) => item !== '')
    return name === 'connect' ? items.map(placeIn) : items
  }
  try {
    return JSON.parse(cell)
  } catch {
    return cell
  }
}

function placeIn(text: string): unknown {
  const [, place = text, tls] = /^(.*?)(?:\/(direct|starttls))?$/.exec(text) ?? []
  return { ...(HOST_PORT.read(place) ?? { host: place }), ...(tls === undefined ? {} : { tls }) }
}

/** What stands in a file under a key → a cell. */
export function toCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return JSON.stringify(value)
  const cells = value.map((item: unknown) => (typeof item === 'string' ? item : placeText(item)))
  const isPlain = cells.every((cell) => cell !== undefined && /^[^\s[][^\s]*$/.test(cell))
  return isPlain && cells.length > 0 ? cells.join(' ') : JSON.stringify(value)
}

/** Undefined for what would not be read again as it is. */
function placeText(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined
  const { host, port, tls, ...others } = item
  if (typeof host !== 'string' || typeof port !== 'number' || Object.keys(others).length > 0) return undefined
  const text = `${host.includes(':') ? `[${host}]` : host}:${port}${typeof tls === 'string' ? `/${tls}` : ''}`
  return JSON.stringify(placeIn(text)) === JSON.stringify(item) ? text : undefined
}
