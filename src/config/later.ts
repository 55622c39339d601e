// What the files may one day say and this release cannot do. Nothing that is configured is ever silently ignored, so
// such a value is an error with a sentence of its own, never an unknown key or a value that has no effect.
//
// When a feature arrives, its use of `later` gives way to a real field.

import * as z from 'zod'
import { alternatives, say } from './fields.ts'
import { suggest } from './suggest.ts'

/** A key that must not be there yet. Not shown in generated files, as it has no description. */
export function laterKey(what: string) {
  return z.undefined({ error: `${what} not in this release; remove this` }).optional()
}

/** A list that must be empty yet. */
export function laterList(what: string) {
  const how = `${what} not in this release; write []`
  return z.array(z.unknown(), { error: how }).max(0, { error: how })
}

/** One of a few words, where further ones are known and refused with a reason: `later` maps each to what is missing. */
export function oneOfNow<const Words extends readonly [string, ...string[]]>(
  words: Words,
  laterWords: Readonly<Record<string, string>>,
) {
  const how = `write ${alternatives(words)}`
  return z.enum(words, {
    error: (issue) => {
      const word = typeof issue.input === 'string' ? issue.input : ''
      const missing = Object.hasOwn(laterWords, word) ? laterWords[word] : undefined
      if (missing !== undefined) return `${missing} not in this release; ${how}`
      const near = suggest(word, words)
      return say(near === undefined || words.length === 1 ? how : `${how}; did you mean "${near}"?`)(issue)
    },
  })
}
