// The words of SCRAM (RFC 5802 §7) as far as a gateway reads or says them: whom the client's first message names, the
// challenge that a server shows, and what a proof looks like. Whoever is refused is shown a challenge as well, so that it
// does not tell who there is.

import { readBase64 } from './sasl.ts'

/** What a client's first message says. */
export interface ScramFirst {
  /** What the proof repeats of it: the flag and the authorization identity, as written. */
  readonly header: string
  readonly user: string
  /** '' where nobody is named. */
  readonly authzid: string
  readonly nonce: string
}

/** What a server's challenge says. */
export interface ScramChallenge {
  /** Base64. */
  readonly salt: string
  readonly iterations: number
  /** What the server adds to the client's nonce. */
  readonly more: string
  /** Extensions, as written: `,x=…`. */
  readonly rest: string
}

const NAME = '(?:[^\\0,=]|=2C|=3D)+'
const NONCE = '[!-+\\--~]+'
const EXTENSIONS = '(?:,[A-Za-z]=[^\\0,]+)*'
const FIRST = new RegExp(`^([ny],(?:a=(${NAME}))?,)n=(${NAME}),r=(${NONCE})${EXTENSIONS}$`)
const CHALLENGE = new RegExp(`^r=(${NONCE}),s=([A-Za-z0-9+/]+={0,2}),i=([1-9]\\d{0,8})(${EXTENSIONS})$`)
const PROOF = new RegExp(`^c=([^,]*),r=([^,]*)${EXTENSIONS},p=([^,]*)$`)

/** A client's first message → what it says; undefined: it is none, or binds to a channel, which was not offered. */
export function readScramFirst(message: string): ScramFirst | undefined {
  const [, header = '', authzid = '', user = '', nonce = ''] = FIRST.exec(message) ?? []
  // SECURITY: Prosody 0.12 takes for the name what stands behind the last `n=` in it.
  if (nonce === '' || user.includes('n=')) return undefined
  return { header, user: unescaped(user), authzid: unescaped(authzid), nonce }
}

/** `=2C` is a comma, `=3D` an equals sign. RFC 5802 §5.1 */
const unescaped = (name: string): string => name.replaceAll('=2C', ',').replaceAll('=3D', '=')

/** The server's first message to a client with this nonce → what it says; undefined: it is none. */
export function readScramChallenge(message: Buffer, nonce: string): ScramChallenge | undefined {
  const [, both = '', salt, digits, rest = ''] = CHALLENGE.exec(message.toString()) ?? []
  if (salt === undefined || !both.startsWith(nonce)) return undefined
  return { salt, iterations: Number(digits), more: both.slice(nonce.length), rest }
}

/** A server's first message to a client with this nonce. */
export const scramChallenge = (nonce: string, { salt, iterations, more, rest }: ScramChallenge): Buffer =>
  Buffer.from(`r=${nonce}${more},s=${salt},i=${iterations}${rest}`)

/** Is it a client's last message, to a challenge that made this nonce of the two? Whether the proof is right, the core says. */
export function isScramProof(message: Buffer, mechanism: string, { header }: ScramFirst, nonce: string): boolean {
  const [, binding, both, proof = ''] = PROOF.exec(message.toString()) ?? []
  const isOfThis = binding === Buffer.from(header).toString('base64') && both === nonce
  return isOfThis && readBase64(proof)?.length === hashBytes(mechanism)
}

/** `SCRAM-SHA-256` → 32. */
function hashBytes(mechanism: string): number {
  const bits = Number(/\d+$/.exec(mechanism)?.[0])
  return bits === 1 ? 20 : bits / 8
}
