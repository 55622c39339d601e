// What an item of a list comes to.

/** Keys of a file, or why there are none. */
export interface Reading {
  readonly domain?: string
  /** Keys of the file other than `domain`; null where one is to be taken out. */
  readonly fields?: Readonly<Record<string, unknown>>
  /** Keys of which it names only some parts: what else a file has there stays. */
  readonly partial?: readonly string[]
  /** What was not carried over as it stands there, and why. */
  readonly notes?: readonly string[]
  /** Why nothing came of it, though nothing is wrong with it. */
  readonly left?: string
  /** What is wrong with it, and how to mend it. */
  readonly fault?: string
}

export type Values = Readonly<Record<string, unknown>>

/** A text or number that stands there, without blanks around it; undefined where nothing does. */
export function wordOf(values: Values, key: string): string | undefined {
  const value = values[key]
  const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''
  return text === '' ? undefined : text
}

/** `True` and `False` as PowerShell writes them, in tables too. */
export function flagOf(values: Values, key: string): boolean | undefined {
  const value = values[key]
  if (typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value.trim().toLowerCase() : ''
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** Texts of a list, or of one that was written as a text; `odd`: whatever else stands in it. */
export function wordsOf(
  values: Values,
  key: string,
): { readonly words: readonly string[]; readonly odd: readonly string[] } {
  const value = values[key] ?? ''
  const listed: readonly unknown[] = typeof value === 'string' ? value.split(/[\s,;]+/) : [value].flat()
  const texts = listed.filter((one) => typeof one === 'string')
  const others = listed.filter((one) => typeof one !== 'string' && one !== null)
  return {
    words: texts.map((one) => one.trim()).filter((one) => one !== ''),
    odd: others.map((one) => JSON.stringify(one).slice(0, MOST_SHOWN)),
  }
}

const MOST_SHOWN = 100

/** Does anything stand there? */
export function isSaid(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false
  if (typeof value === 'string') return value.trim() !== ''
  return typeof value === 'object' ? Object.keys(value).length > 0 : true
}
