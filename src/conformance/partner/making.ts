// How the scenarios are written down: requests with their answers, what is said on either side, and what has to come to the
// other.

import type { Pattern } from '../case.ts'
import { NAMESPACES } from '../namespaces.ts'
import type { Side, Step } from './scenario.ts'

const { STANZA_ERRORS } = NAMESPACES

export const iq = (payload: string, to = '{peer}', type = 'get'): string =>
  `<iq type='${type}' from='{user}' to='${to}' id='{id}'>${payload}</iq>`

/** What our user is answered. */
export const result = (...has: readonly Pattern[]): Pattern => resultFrom('{peer}', ...has)
export const resultFrom = (from: string, ...has: readonly Pattern[]): Pattern => ({
  ...{ name: 'iq', attributes: { type: 'result', id: '{id}', from, to: '{user}' } },
  ...(has.length > 0 && { has }),
})

/** An error with one of these conditions. */
export const errors = (name: string, from: string, ...conditions: readonly string[]): readonly Pattern[] =>
  conditions.map((condition) => ({
    ...{ name, attributes: { type: 'error', id: '{id}', from } },
    has: [{ name: 'error', attributes: { type: true }, has: [{ name: condition, ns: STANZA_ERRORS }] }],
  }))

/** A request of our account at the partner, and what it may be answered. */
export const asks = (payload: string, to: string | undefined, ...answers: readonly Pattern[]): Step => ({
  by: 'theirs',
  says: `<iq type='get'${to === undefined ? '' : ` to='${to}'`} id='{id}'>${payload}</iq>`,
  answers,
})
export const setting = (payload: string, to?: string): string =>
  `<iq type='set'${to === undefined ? '' : ` to='${to}'`} id='{id}'>${payload}</iq>`
export const sets = (payload: string, to: string | undefined, ...answers: readonly Pattern[]): Step => ({
  by: 'theirs',
  says: setting(payload, to),
  answers: answers.length > 0 ? answers : [DONE],
})
/** What it is answered. */
export const DONE: Pattern = { name: 'iq', attributes: { type: 'result', id: '{id}' } }
export const answered = (from: string, ...has: readonly Pattern[]): Pattern => ({
  ...{ name: 'iq', attributes: { type: 'result', id: '{id}', from }, has },
})

export const tells = (by: Side, words: string): Step => ({ by, tells: words })
export const comes = (to: Side, ...patterns: readonly Pattern[]): Step => ({ to, comes: patterns })

/** Somebody says it, and it comes to the other side like this. */
export const passes = (by: Side, words: string, pattern: Pattern): readonly Step[] => [
  tells(by, words),
  comes(by === 'ours' ? 'theirs' : 'ours', pattern),
]

/** The same words of our user to our account there, and of that to our user. */
export const bothWays = (make: (by: Side, from: string, to: string) => readonly Step[]): readonly Step[] => [
  ...make('ours', '{ours}', '{theirs}'),
  ...make('theirs', '{theirs}', '{ours}'),
]
