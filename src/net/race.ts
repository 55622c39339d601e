// Connecting to a host that has several addresses: the next one is tried when the one before has failed or takes long,
// and the first that answers wins. RFC 8305 §5 ("happy eyeballs"). No sockets here, and the clock is an argument.
//
// Rule 1: addresses are started in their order, each once.
// Rule 2: when one has won, whatever else is under way is given up, and what still answers is thrown away.

/** From the start of one attempt to that of the next, while none has failed. RFC 8305 §8 */
export const STAGGER_MS = 250

/** Calls `then` after so long; gives back how to call it off. */
export type Delay = (ms: number, then: () => void) => () => void

export interface RaceOptions<Won, Lost> {
  readonly addresses: readonly string[]
  /** One attempt; ends soon after the signal. Must not reject. */
  attempt(
    address: string,
    signal: AbortSignal,
  ): Promise<{ readonly ok: true; readonly won: Won } | { readonly ok: false; readonly lost: Lost }>
  /** Throws away what came too late. */
  discard(won: Won): void
  readonly delay: Delay
  /** Nobody waits for it any more: all attempts are given up. */
  readonly signal?: AbortSignal | undefined
}

export interface RaceResult<Won, Lost> {
  readonly winner: { readonly address: string; readonly won: Won } | undefined
  /** The attempts that failed by themselves, in the order of their end. */
  readonly failed: readonly { readonly address: string; readonly lost: Lost }[]
}

/** Resolves with the first address that answers, or when all have failed. Never rejects. */
export function race<Won, Lost>(options: RaceOptions<Won, Lost>): Promise<RaceResult<Won, Lost>> {
  const { addresses, attempt, discard, delay, signal } = options
  return new Promise((resolve) => {
    const giveUp = new AbortController()
    const isAlone = addresses.length === 1
    const given = signal && !isAlone ? AbortSignal.any([signal, giveUp.signal]) : (signal ?? giveUp.signal)
    const failed: { address: string; lost: Lost }[] = []
    let started = 0
    let over = false
    let callOff: (() => void) | undefined

    const end = (winner: RaceResult<Won, Lost>['winner']): void => {
      over = true
      callOff?.()
      const settled = failed.length + (winner ? 1 : 0)
      if (started > settled) giveUp.abort() // which costs more than all the rest
      resolve({ winner, failed })
    }
    const startNext = (): void => {
      callOff?.()
      callOff = undefined
      const address = addresses[started]
      if (address === undefined) return
      started += 1
      if (started < addresses.length) callOff = delay(STAGGER_MS, startNext)
      void attempt(address, given).then((outcome) => {
        if (over) return outcome.ok && discard(outcome.won)
        if (outcome.ok) return end({ address, won: outcome.won })
        failed.push({ address, lost: outcome.lost })
        if (failed.length === addresses.length) return end(undefined)
        return startNext()
      })
    }
    if (addresses.length === 0) end(undefined)
    else startNext()
  })
}
