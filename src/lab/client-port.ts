// Where clients of the lab's core log in: over plain TCP on loopback, by SCRAM-SHA-256. Behind the gateway nobody else can
// come here; it does what a session needs and no more.

import type { Element } from '@xmpp/xml'
import { Listener, type Welcome } from '../net/listener.ts'
import type { StreamLimits } from '../net/limits.ts'
import { parseElement, serialize } from '../xml/element.ts'
import { Scanner } from '../xml/scanner.ts'
import { escapeAttribute, escapeText, STREAM_FOOTER, streamHeader } from '../xml/write.ts'
import { NS } from '../xmpp/namespaces.ts'
import { SCRAM, ScramServer } from './scram.ts'

const BIND = 'urn:ietf:params:xml:ns:xmpp-bind'

export interface ClientPortOptions {
  readonly domain: string
  readonly host: string
  readonly port: number
  readonly limits: StreamLimits
  /** Local part → password. */
  readonly passwords: ReadonlyMap<string, string>
  /** What a client says to somebody else, with its own address. */
  said(stanza: Element): void
  reference(): string
}

export class ClientPort implements AsyncDisposable {
  readonly #sessions = new Set<LabSession>()
  #listener: Listener | undefined

  static async open(options: ClientPortOptions): Promise<ClientPort> {
    const port = new ClientPort()
    const { domain, host, port: at, limits, reference } = options
    port.#listener = await Listener.open({
      name: `lab clients of ${domain}`,
      host,
      port: at,
      limits: () => limits,
      doorman: { reference, turnedAway: () => {}, bug: () => {} },
      welcome(socket) {
        const session = new LabSession(socket, options)
        port.#sessions.add(session)
        void session.gone.then(() => port.#sessions.delete(session))
        return session
      },
    })
    return port
  }

  /** Gives a stanza to the sessions of whom it is for; false: there are none. */
  deliver(stanza: Element): boolean {
    const { to = '' } = stanza.attrs
    const those = [...this.#sessions].filter(
      ({ address }) => address !== '' && (address === to || address.startsWith(`${to}/`)),
    )
    for (const session of those) session.deliver(stanza)
    return those.length > 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener?.[Symbol.asyncDispose]()
  }
}

type Socket = Parameters<Welcome>[0]

/** One client, from its connection on. */
class LabSession {
  readonly settled = false
  readonly gone: Promise<void>
  /** Full, once it is bound. */
  address = ''
  readonly #socket: Socket
  readonly #options: ClientPortOptions
  readonly #scanner: Scanner
  #scram: ScramServer | undefined
  #user: string | undefined

  constructor(socket: Socket, options: ClientPortOptions) {
    this.#socket = socket
    this.#options = options
    this.#scanner = new Scanner(options.limits.before)
    this.gone = new Promise((resolve) => socket.on('close', () => resolve()))
    socket.on('error', () => {}).on('end', () => socket.end())
    socket.on('data', (chunk: Buffer) => {
      this.#scanner.push(chunk)
      for (let event = this.#scanner.next(); event; event = this.#scanner.next()) {
        if (event.kind === 'header') this.#welcome()
        else if (event.kind === 'frame') this.#hear(parseElement(event.frame))
        else return this.leave()
      }
    })
  }

  leave(): void {
    this.#socket.end(STREAM_FOOTER)
  }

  deliver(stanza: Element): void {
    stanza.attrs['xmlns'] = NS.client
    this.#say(serialize(stanza).toString())
  }

  #say(words: string): void {
    this.#socket.write(words)
  }

  #welcome(): void {
    const { domain, reference } = this.#options
    this.#say(streamHeader({ from: domain, id: reference(), lang: 'en', namespace: NS.client }))
    const offer = this.#user
      ? `<bind xmlns='${BIND}'/>`
      : `<mechanisms xmlns='${NS.sasl}'><mechanism>${SCRAM}</mechanism></mechanisms>`
    this.#say(`<stream:features>${offer}</stream:features>`)
  }

  #hear(element: Element): void {
    if (element.getNS() === NS.sasl)
      return this.#prove(element.name, Buffer.from(element.getText(), 'base64').toString())
    if (this.#user === undefined) return this.leave()
    const bind = element.getChild('bind', BIND)
    if (bind && this.address === '') return this.#bind(element.attrs['id'] ?? '', bind.getChildText('resource') ?? '')
    if (this.address === '') return this.leave()
    const { to, type, id } = element.attrs
    element.attrs.from = this.address
    if (to !== undefined) return this.#options.said(element)
    // To itself: a roster that is empty, and presence that nobody has asked to see.
    if (element.is('iq') && (type === 'get' || type === 'set')) {
      this.#say(
        `<iq type='result' id='${escapeAttribute(id ?? '')}'>${element.getChild('query', 'jabber:iq:roster') ? "<query xmlns='jabber:iq:roster'/>" : ''}</iq>`,
      )
    }
  }

  #prove(step: string, words: string): void {
    const { passwords, limits } = this.#options
    if (step === 'auth') this.#scram = new ScramServer((user) => passwords.get(user))
    const scram = this.#scram
    const answer = step === 'auth' ? scram?.challenge(words) : step === 'response' ? scram?.finish(words) : undefined
    if (!scram || answer === undefined) {
      this.#scram = undefined
      return this.#say(`<failure xmlns='${NS.sasl}'><not-authorized/></failure>`)
    }
    const done = step === 'auth' ? 'challenge' : 'success'
    this.#say(`<${done} xmlns='${NS.sasl}'>${Buffer.from(answer).toString('base64')}</${done}>`)
    if (done === 'challenge') return
    this.#user = scram.user
    this.#scram = undefined
    this.#scanner.setLimits(limits.after)
    this.#scanner.restart()
  }

  #bind(id: string, wish: string): void {
    const { domain, reference } = this.#options
    this.address = `${this.#user}@${domain}/${wish === '' ? reference() : wish}`
    const jid = `<bind xmlns='${BIND}'><jid>${escapeText(this.address)}</jid></bind>`
    this.#say(`<iq type='result' id='${escapeAttribute(id)}'>${jid}</iq>`)
  }
}
