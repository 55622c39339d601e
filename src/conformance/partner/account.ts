// An account of ours at a live partner: a client that logs in there like anybody's, so that what a scenario says can be said, and
// heard, at both ends.
//
// Rule 1: TLS, and a certificate that proves the server, before anything but the domain is said.
// Rule 2: SCRAM where the server has it, the strongest; PLAIN, inside TLS, where it has nothing else. RFC 6120 §13.8
// Rule 3: it answers requests by itself, as clients do (RFC 6120 §8.2.3), and nothing besides.

import { randomBytes } from 'node:crypto'
import { domainToASCII } from 'node:url'
import xml, { type Element } from '@xmpp/xml'
import { answers } from '../../lab/behaviour.ts'
import { ScramClient, strongest } from '../../lab/scram.ts'
import { type Inner, reachCore } from '../../net/client/inner.ts'
import { DEFAULT_LIMITS } from '../../net/limits.ts'
import type { AddressResolution, Target } from '../../net/resolve.ts'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import type { Verdict } from '../../trust/verdict.ts'
import { parseElement, serialize } from '../../xml/element.ts'
import { NAMESPACES } from '../namespaces.ts'
import { Unready } from '../unready.ts'

const { SASL } = NAMESPACES
const BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
const ROSTER = 'jabber:iq:roster'
/** Of the request that makes the account one that is told of subscriptions. */
const ROSTER_ID = 'roster'
/** For each word of the log-in. */
const PATIENCE_MS = 15_000

export interface AccountOptions {
  readonly user: string
  readonly domain: string
  readonly password: string
  /** Where its clients are led; tried in their order. @throws when nowhere */
  places(): Promise<readonly Target[]>
  addresses(host: string): Promise<AddressResolution>
  readonly profile: ProfileName
  /** Does the chain (DER, leaf first) prove the server of the domain? */
  verify(chain: readonly Buffer[]): Verdict
}

export class Account {
  readonly #inner: Inner
  readonly #read: Element[] = []
  #bell: (() => void) | undefined
  #hear: ((stanza: Element) => void) | undefined
  #ended: string | undefined
  /** Full. */
  address = ''
  /** By which it has logged in. */
  mechanism = ''

  private constructor(inner: Inner) {
    this.#inner = inner
    inner.handler = {
      header: () => {},
      frame: (frame) => this.#take(parseElement(frame)),
      drained: () => {},
      ended: (reason, detail) => {
        this.#ended = `${reason} ${detail}`.trim()
        this.#bell?.()
      },
    }
    inner.release()
  }

  /** Logs in, is available, and gives every stanza that comes to `hear`. @throws Unready why it could not */
  static async logIn(o: AccountOptions, hear: (stanza: Element) => void): Promise<Account> {
    const address = `${o.user}@${o.domain}`
    const why: string[] = []
    for (const { host, address: at, port, tls } of await o.places()) {
      const reached = await reachCore({
        ...{ domain: o.domain, host: at ?? host, port, tls, profile: o.profile, limits: DEFAULT_LIMITS },
        ...{ reference: 'account', signal: new AbortController().signal },
        addresses: (name) => o.addresses(name),
        mayBePlaintext: () => false,
        verify: (chain) => o.verify(chain),
        bug(error) {
          throw error
        },
      })
      if (!reached.ok) {
        why.push(`${host}:${port}: ${reached.reason} ${reached.detail}`.trim())
        continue
      }
      const account = new Account(reached.inner)
      try {
        await account.#logIn(o, parseElement(reached.features))
      } catch (error) {
        account.leave()
        throw noLogIn(address, error instanceof Error ? error.message : String(error), error)
      }
      account.#hear = hear
      // Who has not asked for the roster is not told of subscriptions. RFC 6121 §2.2
      account.say(`<iq type='get' id='${ROSTER_ID}'><query xmlns='${ROSTER}'/></iq>`)
      account.say('<presence/>')
      for (const stanza of account.#read.splice(0)) account.#take(stanza)
      return account
    }
    throw noLogIn(address, why.join('; '))
  }

  get isGone(): boolean {
    return this.#ended !== undefined
  }

  /** One stanza, as it stands in a client's stream. */
  say(stanza: string): void {
    this.#inner.send(Buffer.from(stanza))
  }

  /** Logs out, and resolves when its server knows that it has. RFC 6121 §4.5 */
  async logOut(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, PATIENCE_MS)
    const hear = this.#hear
    const id = `parting-${randomBytes(8).toString('hex')}`
    this.#hear = (stanza) => {
      if (stanza.attrs['id'] === id) resolve()
      else hear?.(stanza)
    }
    // What it says is taken in its order: once this is answered, the presence before it counts.
    this.say(`<presence type='unavailable'/><iq type='get' id='${id}'><query xmlns='${ROSTER}'/></iq>`)
    await promise
    clearTimeout(timer)
    this.leave()
  }

  /** Closes its stream. RFC 6120 §4.4 */
  leave(): void {
    this.#ended = 'logged out'
    this.#inner.leave()
  }

  /** The connection ends, as if the network had failed. */
  breakOff(): void {
    this.#ended = 'broken off'
    this.#inner.handler = { header: () => {}, frame: () => {}, drained: () => {}, ended: () => {} }
    this.#inner.end(true)
  }

  async #logIn({ user, domain, password }: AccountOptions, features: Element): Promise<void> {
    const offered = (features.getChild('mechanisms', SASL)?.getChildren('mechanism') ?? []).map((one) => one.getText())
    await this.#prove(user, password, offered)
    this.#inner.authenticated()
    this.#inner.reopen()
    await this.#expect('features')
    const id = randomBytes(8).toString('hex')
    this.say(`<iq type='set' id='${id}'><bind xmlns='${BIND}'/></iq>`)
    const bound = await this.#expect('iq')
    this.address = bound.getChild('bind', BIND)?.getChildText('jid') ?? ''
    const [, name = '', at = ''] = /^([^@/]*)@([^@/]*)\/./.exec(this.address) ?? []
    if (name.toLowerCase() !== user.toLowerCase() || domainToASCII(at) !== domain)
      throw new Error(`it was bound to "${this.address}"`)
    this.#inner.settled()
  }

  async #prove(user: string, password: string, offered: readonly string[]): Promise<void> {
    const name = strongest(offered)
    this.mechanism = name ?? 'PLAIN'
    if (name === undefined) {
      if (!offered.includes('PLAIN')) throw new Error(`it offers ${offered.join(', ') || 'no mechanism'}`)
      this.#answer('auth', `\0${user}\0${password}`, ` mechanism='PLAIN'`)
      await this.#expect('success')
      return
    }
    const scram = new ScramClient(user, password, name)
    this.#answer('auth', scram.first, ` mechanism='${name}'`)
    const proof = scram.final(wordsOf(await this.#expect('challenge')))
    if (proof === undefined) throw new Error('its challenge is none to our first message')
    this.#answer('response', proof)
    if (!scram.believes(wordsOf(await this.#expect('success'))))
      throw new Error('the server has not proven that it knows the password')
  }

  #answer(name: string, words: string, more = ''): void {
    this.say(`<${name} xmlns='${SASL}'${more}>${Buffer.from(words).toString('base64')}</${name}>`)
  }

  /** The next element while it logs in. @throws when it is another one, or none in time */
  async #expect(name: string): Promise<Element> {
    const late = setTimeout(() => {
      this.#ended ??= `no <${name}/> in time`
      this.#bell?.()
    }, PATIENCE_MS)
    try {
      while (this.#read.length === 0) {
        if (this.#ended !== undefined) throw new Error(this.#ended)
        await new Promise<void>((resolve) => {
          this.#bell = resolve
        })
      }
    } finally {
      clearTimeout(late)
    }
    const [element] = this.#read.splice(0, 1)
    if (element!.getName() === name && element!.attrs['type'] !== 'error') return element!
    throw new Error(`the server says ${element!.toString().slice(0, 300)}`)
  }

  #take(stanza: Element): void {
    if (!this.#hear) {
      this.#read.push(stanza)
      this.#bell?.()
      return
    }
    // SECURITY: whom the account knows is nobody's business; evidence is signed, and handed on.
    if (!isOfRoster(stanza, this.address)) this.#hear(stanza)
    for (const answer of answersOf(stanza, this.address)) this.say(serialize(answer).toString())
  }
}

const noLogIn = (address: string, why: string, cause?: unknown): Unready =>
  new Unready(
    `${address} cannot log in: ${why}`,
    'Compare account, password, address and anchors in its file with what the partner has.',
    'configuration',
    cause,
  )

const wordsOf = (element: Element): string => Buffer.from(element.getText(), 'base64').toString()

/** Is it the roster, or a change of it? */
export const isOfRoster = (stanza: Element, address: string): boolean =>
  stanza.is('iq') && (stanza.attrs['id'] === ROSTER_ID || isPush(stanza, address))

/** A change of the roster, which the server alone may tell. RFC 6121 §2.1.6 */
function isPush(stanza: Element, address: string): boolean {
  const { type, from } = stanza.attrs
  return type === 'set' && !!stanza.getChild('query', ROSTER) && (from === undefined || from === bareOf(address))
}

const bareOf = (address: string): string => address.replace(/\/.*$/s, '')

function answersOf(stanza: Element, address: string): readonly Element[] {
  const { type, id } = stanza.attrs
  if (!stanza.is('iq') || (type !== 'get' && type !== 'set')) return []
  const bare = bareOf(address)
  if (isPush(stanza, address)) return [xml('iq', { type: 'result', ...(id !== undefined && { id }) })]
  return answers(stanza, new Set([bare.replace(/@.*$/s, '')]))
}
