// SCRAM-SHA-256 (RFC 5802, RFC 7677), both sides of it, for the one remote user of the lab and the core they log in at.
// Without channel binding, and without the odd names and passwords that need preparation.

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

export const SCRAM = 'SCRAM-SHA-256'
const ITERATIONS = 4096
/** `n,,` in Base64: no channel binding. */
const NO_BINDING = 'c=biws'

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const hash = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
const xor = (one: Buffer, other: Buffer): Buffer => Buffer.from(one.map((byte, at) => byte ^ other[at]!))

/** The keys that follow from a password. */
function keysOf(password: string, salt: Buffer, iterations: number) {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  return { client: hmac(salted, 'Client Key'), server: hmac(salted, 'Server Key') }
}

const attribute = (message: string, name: string): string | undefined =>
  message
    .split(',')
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(2)

/** The core's side. */
export class ScramServer {
  readonly #passwordOf: (user: string) => string | undefined
  readonly #salt = randomBytes(16)
  #user = ''
  #soFar = ''
  #nonce = ''

  /** `passwordOf`: undefined for whoever is not known. */
  constructor(passwordOf: (user: string) => string | undefined) {
    this.#passwordOf = passwordOf
  }

  get user(): string {
    return this.#user
  }

  /** The client's first message → ours; undefined: it is none. */
  challenge(first: string): string | undefined {
    const [, bare] = /^[ny],(?:a=[^,]*)?,(n=.*)$/.exec(first) ?? []
    const user = bare && attribute(bare, 'n')
    const nonce = bare && attribute(bare, 'r')
    if (bare === undefined || user === undefined || nonce === undefined) return undefined
    this.#user = user
    this.#nonce = nonce + randomBytes(18).toString('base64')
    const challenge = `r=${this.#nonce},s=${this.#salt.toString('base64')},i=${ITERATIONS}`
    this.#soFar = `${bare},${challenge}`
    return challenge
  }

  /** The client's second message → ours, which proves us; undefined: it proves nothing. */
  finish(final: string): string | undefined {
    const [, words = '', proof = ''] = /^(.*),p=([^,]+)$/.exec(final) ?? []
    const password = this.#passwordOf(this.#user)
    if (words !== `${NO_BINDING},r=${this.#nonce}` && words !== `c=eSws,r=${this.#nonce}`) return undefined
    const keys = keysOf(password ?? '', this.#salt, ITERATIONS)
    const said = `${this.#soFar},${words}`
    const signature = hmac(hash(keys.client), said)
    const given = Buffer.from(proof, 'base64')
    const fits = given.length === signature.length && timingSafeEqual(xor(given, signature), keys.client)
    return fits && password !== undefined ? `v=${hmac(keys.server, said).toString('base64')}` : undefined
  }
}

/** The user's side. */
export class ScramClient {
  readonly first: string
  readonly #bare: string
  readonly #password: string
  #proof: Buffer | undefined

  constructor(user: string, password: string) {
    this.#bare = `n=${user},r=${randomBytes(18).toString('base64')}`
    this.first = `n,,${this.#bare}`
    this.#password = password
  }

  /** The server's challenge → our second message. */
  final(challenge: string): string {
    const salt = Buffer.from(attribute(challenge, 's') ?? '', 'base64')
    const keys = keysOf(this.#password, salt, Number(attribute(challenge, 'i')))
    const words = `${NO_BINDING},r=${attribute(challenge, 'r')}`
    const said = `${this.#bare},${challenge},${words}`
    this.#proof = hmac(keys.server, said)
    return `${words},p=${xor(keys.client, hmac(hash(keys.client), said)).toString('base64')}`
  }

  /** Has the server proven that it knows the password too? */
  believes(word: string): boolean {
    const given = Buffer.from(attribute(word, 'v') ?? '', 'base64')
    return this.#proof !== undefined && given.equals(this.#proof)
  }
}
