// The shapes of challenges as they are kept over restarts: JSON, read strictly, since what decoys look like must not change
// with a restart. There is no name in it and no salt.

import { isKind, type Kind } from './kinds.ts'

/** What challenges of one kind have in common. */
export interface Shape {
  readonly salt: Kind
  readonly more: Kind
  readonly iterations: number
  readonly rest: string
}

/** What is known of one mechanism at one domain. */
export interface KnownWay {
  readonly domain: string
  readonly mechanism: string
  readonly isFresh: boolean
  /** The one seen last at the end. */
  readonly shapes: readonly Shape[]
}

export const writeShapes = (ways: readonly KnownWay[]): string =>
  `${JSON.stringify({ version: 1, ways }, undefined, 2)}\n`

/** What `writeShapes` wrote; nothing where it is anything else. */
export function readShapes(text: string | undefined): readonly KnownWay[] {
  try {
    const { version, ways } = fields(JSON.parse(text ?? '{}'))
    return version === 1 ? list(ways).map((way) => wayOf(way)) : []
  } catch {
    return []
  }
}

function wayOf(value: unknown): KnownWay {
  const { domain, mechanism, isFresh, shapes } = fields(value)
  if (typeof domain !== 'string' || typeof mechanism !== 'string' || typeof isFresh !== 'boolean') throw new TypeError()
  return { domain, mechanism, isFresh, shapes: list(shapes).map((shape) => shapeOf(shape)) }
}

function shapeOf(value: unknown): Shape {
  const { salt, more, iterations, rest } = fields(value)
  const isWhole = isKind(salt) && isKind(more) && typeof iterations === 'number' && typeof rest === 'string'
  if (!isWhole) throw new TypeError()
  return { salt, more, iterations, rest }
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError()
  return { ...value }
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError()
  return value
}
