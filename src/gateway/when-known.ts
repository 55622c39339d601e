// Answers that are mostly there at once, and sometimes have to be waited for: whoever goes on with one that is there needs no
// promise for that.

/** Goes on with the answer: now, or when it is known. */
export function whenKnown<T, R>(answer: T | Promise<T>, goOn: (answer: T) => R): R | Promise<R> {
  return answer instanceof Promise ? answer.then(goOn) : goOn(answer)
}
