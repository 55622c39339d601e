// Looking into a schema: its keys, what stands there by default, what is said about them. For messages that know the
// neighbouring keys, and for documents that are generated from the schema.

import * as z from 'zod'

type Schema = z.core.$ZodType

/** The schema without what wraps it: defaults, optionality, read-only, conversions. */
export function bare(schema: Schema): Schema {
  let inner = schema
  for (;;) {
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) inner = inner.def.innerType
    else if (inner instanceof z.ZodOptional || inner instanceof z.ZodReadonly) inner = inner.def.innerType
    else if (inner instanceof z.ZodPipe) inner = inner.def.in
    else return inner
  }
}

/** The keys of a section, with their schemas; undefined for anything else. */
export function keysOf(schema: Schema): ReadonlyMap<string, Schema> | undefined {
  const inner = bare(schema)
  if (!(inner instanceof z.ZodObject)) return undefined
  const known = keys.get(inner)
  if (known !== undefined) return known
  const found = new Map(Object.entries(inner.shape))
  keys.set(inner, found)
  return found
}

/** Of each section, found once: ten thousand files ask for the same. */
const keys = new WeakMap<Schema, ReadonlyMap<string, Schema>>()

/** Does leaving the key out mean something that no value would mean? */
export const isOptional = (schema: Schema): boolean => schema instanceof z.ZodOptional

/** The schema behind a step into a section, a list or a mapping with free keys. */
export function childOf(schema: Schema, step: PropertyKey): Schema | undefined {
  const inner = bare(schema)
  if (inner instanceof z.ZodArray) return inner.element
  if (inner instanceof z.ZodRecord) return inner.valueType
  return keysOf(inner)?.get(String(step))
}

/** What is said about a key; undefined for one that is known only to be refused. */
export function aboutOf(schema: Schema): string | undefined {
  return z.globalRegistry.get(schema)?.description
}

export function exampleOf(schema: Schema): unknown {
  return z.globalRegistry.get(schema)?.['example']
}

/** What is wrong with a key that has nothing behind it; undefined where that is as good as no key. */
export function whenEmpty(schema: Schema): string | undefined {
  const words = z.globalRegistry.get(schema)?.['whenEmpty']
  return typeof words === 'string' ? words : undefined
}

/** What stands for a key that is left out, as it would be written in the file; undefined where there is none. */
export function defaultOf(schema: Schema): unknown {
  let inner = schema
  for (;;) {
    if (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) return inner.def.defaultValue
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodReadonly) inner = inner.def.innerType
    else return undefined
  }
}
