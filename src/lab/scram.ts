// SCRAM (RFC 5802, RFC 7677), both sides of it: for the one remote user of the lab and the core they log in at, by SHA-256, and
// for accounts at servers of others, by what those offer. Without channel binding, and without preparation of passwords.

import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto'

export const SCRAM = 'SCRAM-SHA-256'
/** By name; the strongest first. */
const HASHES = {
  'SCRAM-SHA-512': { hash: 'sha512', octets: 64 },
  'SCRAM-SHA-256': { hash: 'sha256', octets: 32 },
  'SCRAM-SHA-1': { hash: 'sha1', octets: 20 },
} as const
export type ScramName = keyof typeof HASHES
const ITERATIONS = 4096
/** Of a server that asks for more, no user would see the end. */
const MOST_ITERATIONS = 1_000_000
/** `n,,` in Base64: no channel binding. */
const NO_BINDING = 'c=biws'

const xor = (one: Buffer, other: Buffer): Buffer => Buffer.from(one.map((byte, at) => byte ^ other[at]!))

/** What both sides compute from a password, by one hash. RFC 5802 §3 */
class Computing {
  readonly #name: ScramName

  constructor(name: ScramName) {
    this.#name = name
  }

  hmac(key: Buffer, text: string): Buffer {
    return createHmac(HASHES[this.#name].hash, key).update(text).digest()
  }

  hash(bytes: Buffer): Buffer {
    return createHash(HASHES[this.#name].hash).update(bytes).digest()
  }

  keysOf(password: string, salt: Buffer, iterations: number) {
    const { hash, octets } = HASHES[this.#name]
    const salted = pbkdf2Sync(password, salt, iterations, octets, hash)
    return { client: this.hmac(salted, 'Client Key'), server: this.hmac(salted, 'Server Key') }
  }
}

/** @returns the strongest SCRAM of those that a server offers, where it offers one */
export const strongest = (offered: readonly string[]): ScramName | undefined =>
  NAMES.find((name) => offered.includes(name))
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an object literal are its names
const NAMES = Object.keys(HASHES) as readonly ScramName[]

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
    const computing = new Computing(SCRAM)
    const keys = computing.keysOf(password ?? '', this.#salt, ITERATIONS)
    const said = `${this.#soFar},${words}`
    const signature = computing.hmac(computing.hash(keys.client), said)
    const given = Buffer.from(proof, 'base64')
    const fits = given.length === signature.length && timingSafeEqual(xor(given, signature), keys.client)
    return fits && password !== undefined ? `v=${computing.hmac(keys.server, said).toString('base64')}` : undefined
  }
}

/** The user's side. */
export class ScramClient {
  readonly first: string
  readonly #bare: string
  readonly #nonce = randomBytes(18).toString('base64')
  readonly #password: string
  readonly #computing: Computing
  #proof: Buffer | undefined

  constructor(user: string, password: string, name: ScramName = SCRAM) {
    this.#bare = `n=${escapedName(user)},r=${this.#nonce}`
    this.first = `n,,${this.#bare}`
    this.#password = password
    this.#computing = new Computing(name)
  }

  /** The server's challenge → our second message; undefined: it is no answer to our first one, or asks for too much. */
  final(challenge: string): string | undefined {
    const nonce = attribute(challenge, 'r') ?? ''
    const salt = Buffer.from(attribute(challenge, 's') ?? '', 'base64')
    const iterations = Number(attribute(challenge, 'i'))
    // SECURITY: a nonce that is not ours continued is somebody else's conversation played again. RFC 5802 §5
    if (!nonce.startsWith(this.#nonce) || nonce === this.#nonce || salt.length === 0) return undefined
    if (!Number.isInteger(iterations) || iterations < 1 || iterations > MOST_ITERATIONS) return undefined
    const computing = this.#computing
    const keys = computing.keysOf(this.#password, salt, iterations)
    const words = `${NO_BINDING},r=${nonce}`
    const said = `${this.#bare},${challenge},${words}`
    this.#proof = computing.hmac(keys.server, said)
    return `${words},p=${xor(keys.client, computing.hmac(computing.hash(keys.client), said)).toString('base64')}`
  }

  /** Has the server proven that it knows the password too? */
  believes(word: string): boolean {
    const given = Buffer.from(attribute(word, 'v') ?? '', 'base64')
    return this.#proof !== undefined && given.equals(this.#proof)
  }
}

/** RFC 5802 §5.1, saslname */
const escapedName = (user: string): string => user.replaceAll('=', '=3D').replaceAll(',', '=2C')
