// The words of SCRAM (RFC 5802 §7) as far as a gateway reads or says them: the challenge that a server shows first.
// Whoever is refused is shown one as well, so that it does not tell who there is.

/** What a server's challenge says. */
export interface ScramChallenge {
  /** Base64. */
  readonly salt: string
  readonly iterations: number
  /** What the server adds to the client's nonce. */
  readonly more: string
}

/** The server's first message to a client with this nonce → what it says; undefined: it is none. */
export function readScramChallenge(message: Buffer, nonce: string): ScramChallenge | undefined {
  const [, both = '', salt, digits] =
    /^(?:m=[^,]*,)?r=([^,]+),s=([A-Za-z0-9+/]+={0,2}),i=([1-9]\d{0,8})(?:,|$)/.exec(message.toString()) ?? []
  if (salt === undefined || !both.startsWith(nonce)) return undefined
  return { salt, iterations: Number(digits), more: both.slice(nonce.length) }
}

/** The nonce in a client's first message. */
export function scramNonce(message: Buffer): string | undefined {
  return /^[ny],(?:a=[^,]+)?,n=[^,]+,r=([!-+\--~]+)(?:,|$)/.exec(message.toString())?.[1]
}

/** A server's first message to a client with this nonce. */
export const scramChallenge = (nonce: string, { salt, iterations, more }: ScramChallenge): string =>
  `r=${nonce}${more},s=${salt},i=${iterations}`
