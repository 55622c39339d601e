// The words of SCRAM (RFC 5802 §7) as far as a gateway reads or says them: the challenge that a server shows first.
// Whoever is refused is shown one as well, so that it does not tell who there is.

/** What a challenge says of an account. */
export interface ScramChallenge {
  /** Base64. */
  readonly salt: string
  readonly iterations: number
}

/** The server's first message → what it says; undefined: it is none. */
export function readScramChallenge(message: Buffer): ScramChallenge | undefined {
  const [, salt, digits] =
    /^(?:m=[^,]*,)?r=[^,]+,s=([A-Za-z0-9+/]+={0,2}),i=([1-9]\d{0,8})(?:,|$)/.exec(message.toString()) ?? []
  return salt === undefined ? undefined : { salt, iterations: Number(digits) }
}

/** The nonce in a client's first message. */
export function scramNonce(message: Buffer): string | undefined {
  return /^[ny],(?:a=[^,]+)?,n=[^,]+,r=([!-+\--~]+)(?:,|$)/.exec(message.toString())?.[1]
}

/** A server's first message; `more`: what a server adds to the nonce. */
export const scramChallenge = (nonce: string, more: string, { salt, iterations }: ScramChallenge): string =>
  `r=${nonce}${more},s=${salt},i=${iterations}`
