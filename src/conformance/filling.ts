// Puts the words of a run where a case has placeholders.

import type { Pattern, Step, TestCase } from './case.ts'

export type Words = Readonly<Record<string, string>>

export const filled = (text: string, words: Words): string =>
  text.replace(/\{(\w+)\}/g, (whole, word: string) => words[word] ?? whole)

/** The step with its words; every text in it may have some. */
export const filledStep = (step: Step, words: Words): Step => deep(step, words)

/** The same for what is expected of an element. */
export const filledPattern = (pattern: Pattern, words: Words): Pattern => deep(pattern, words)

/** The same for what an entry says. */
export const filledEntry = (entry: NonNullable<TestCase['entry']>, words: Words): NonNullable<TestCase['entry']> =>
  deep(entry, words)

/** The same for what settings say. */
export const filledSettings = (settings: NonNullable<TestCase['settings']>, words: Words): typeof settings =>
  deep(settings, words)

/** Fills texts and lists and the values of objects, which keep their shape. */
function deep<T>(value: T, words: Words): T
function deep(value: unknown, words: Words): unknown {
  if (typeof value === 'string') return filled(value, words)
  if (Array.isArray(value)) return value.map((one) => deep(one, words))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, deep(one, words)]))
}
