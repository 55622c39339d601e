// Asks the authoritative server of a domain about a key (XEP-0220 §2.1.2), on a stream that is opened for this and for
// nothing else.

import type { KeyAnswer, KeyQuestion } from '../stream/types.ts'
import { dial, type DialFailure, type DialOptions } from './dial.ts'

export type AskOptions = Omit<DialOptions, 'pair' | 'dialback' | 'answered'>

export type Asked =
  | { readonly ok: true; readonly answer: KeyAnswer }
  | { readonly ok: false; readonly failure: DialFailure }

/** Resolves with the answer as soon as it is there, or when there can be none. Never rejects. */
export function ask(question: KeyQuestion, options: AskOptions): Promise<Asked> {
  const early = Promise.withResolvers<Asked>()
  return Promise.race([early.promise, dialled(question, options, (answer) => early.resolve({ ok: true, answer }))])
}

async function dialled(
  question: KeyQuestion,
  options: AskOptions,
  answered: (answer: KeyAnswer) => void,
): Promise<Asked> {
  const result = await dial({ ...options, pair: question.pair, dialback: { question }, answered }, neverReady)
  if (result.ok) return neverReady()
  return { ok: false, failure: result.failure }
}

function neverReady(): never {
  throw new Error('a stream with a question has become ready')
}
