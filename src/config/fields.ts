// The building blocks of the schemas: zod types whose messages tell an operator how to write the value. A field takes
// what the file says (`z.input`) and gives the plain value (`z.output`): milliseconds, bytes, canonical names.
//
// Every key of a section has a `.describe()`: the default file, docs/settings.md and forms are generated from it.

import * as z from 'zod'
import { suggest } from './suggest.ts'
import { DATE, DOMAIN, DOMAIN_PATTERN, DURATION, SIZE, type Written } from './values.ts'

const MAX_TEXT = 1000
const MAX_LINES = 4000
const MAX_LIST = 1000

/** The message of a field: what to write, and whether anything stood there at all. */
export const say =
  (how: string) =>
  (issue: { readonly input?: unknown }): string =>
    issue.input === undefined ? `missing; ${how}` : how

/** A text that `written` can read. */
export function written<T>(kind: Written<T>) {
  return z.string({ error: say(kind.how) }).transform((input, context): T => {
    const value = input.length > MAX_TEXT ? undefined : kind.read(input)
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: kind.hint?.(input) ?? kind.how })
    return z.NEVER
  })
}

export const domain = () => written(DOMAIN)
export const domainPattern = () => written(DOMAIN_PATTERN)
export const date = () => written(DATE)

/** A length of time within bounds, both written as durations; comes out in milliseconds. */
export function duration(least: string, most: string) {
  const [min, max] = [DURATION.read(least) ?? 0, DURATION.read(most) ?? Infinity]
  const bounds = `write a duration between ${least} and ${most}`
  return written(DURATION).refine((ms) => ms >= min && ms <= max, { error: bounds })
}

/** A number of bytes within bounds, written as a number or as `512KiB`; comes out in bytes. */
export function size(least: string, most: string) {
  const [min, max] = [SIZE.read(least) ?? 0, SIZE.read(most) ?? Infinity]
  const bounds = `write a size between ${least} and ${most}`
  return z
    .union([z.int(), z.string()], { error: say(SIZE.how) })
    .transform((value, context): number => {
      const bytes = SIZE.read(String(value))
      if (bytes !== undefined) return bytes
      context.addIssue({ code: 'custom', message: SIZE.how })
      return z.NEVER
    })
    .refine((bytes) => bytes >= min && bytes <= max, { error: bounds })
}

/** A whole number within bounds. */
export function count(least: number, most: number) {
  const how = `write a whole number between ${least} and ${most}`
  return z
    .int({ error: say(how) })
    .min(least, { error: how })
    .max(most, { error: how })
}

export const port = () => count(1, 65_535)

export const flag = () => z.boolean({ error: say('write true or false') })

/** One line of text for people. */
export function text() {
  const how = `write one line of text, up to ${MAX_TEXT} characters`
  return z
    .string({ error: say(how) })
    .max(MAX_TEXT, { error: how })
    .regex(/^[^\p{Cc}\u2028\u2029]+$/u, { error: how })
}

/** Text for people, of several lines where there is more to say. */
export function lines() {
  const how = `write text of up to ${MAX_LINES} characters`
  return z
    .string({ error: say(how) })
    .max(MAX_LINES, { error: how })
    .regex(/^(?:[^\p{Cc}\u2028\u2029]|\n)+$/u, { error: how })
}

/** The name of a file; relative ones are meant from the directory that holds `federation-config/`. */
export function file(what: string) {
  const how = `write the name of ${what}`
  return z
    .string({ error: say(how) })
    .max(MAX_TEXT, { error: how })
    .regex(/^[^\p{Cc}]+$/u, { error: how })
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, {
    error: (issue) => {
      const near = typeof issue.input === 'string' ? suggest(issue.input, words) : undefined
      return say(`write ${alternatives(words)}${near === undefined ? '' : `; did you mean "${near}"?`}`)(issue)
    },
  })
}

export function list<Item extends z.ZodType>(item: Item, example: string) {
  const how = `write a list, such as ${example}`
  return z
    .array(item, { error: say(how) })
    .max(MAX_LIST, { error: `write at most ${MAX_LIST} entries` })
    .readonly()
}

/**
 * For `.meta()` of a key that must not stand there with nothing behind it, since what holds without the key is laxer than
 * what one meant to write; `how` says what to write. Any other such key is as good as none (`check.ts`).
 */
export const neverEmpty = (how: string): { readonly whenEmpty: string } => ({ whenEmpty: `empty; ${how}` })

/** A mapping with known keys; `how` is for a file that has something else there. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape, how: string) {
  return z.strictObject(shape, { error: (issue) => (issue.code === 'invalid_type' ? say(how)(issue) : undefined) })
}

/** `allowed, blocked or suspended`. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
