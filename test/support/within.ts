// Deadlines of tests: every wait has one, and says what it waited for. Nothing here sleeps for correctness: `eventually`
// asks a question that has no event to wait for (another process's state) again until the answer comes.

/** The promise's outcome, or a rejection that says what was not to be had in time. */
export async function within<T>(ms: number, promise: Promise<T>, what: string | (() => string)): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${typeof what === 'string' ? what : what()}`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Asks until the answer is not undefined; rejects after `ms`. */
export async function eventually<T>(
  what: string | (() => string),
  ask: () => T | undefined | Promise<T | undefined>,
  { ms = 10_000, everyMs = 50 }: { readonly ms?: number; readonly everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + ms
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > deadline)
      throw new Error(`not within ${ms} ms: ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
