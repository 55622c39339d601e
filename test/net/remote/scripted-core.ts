// The client port of a core that does as it is told: by default what any core does, with PLAIN, an address, and XEP-0198
// with resumption; and at any step what a test wants instead. It counts what it is asked and who is there.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { DEFAULT_LIMITS } from '../../../src/net/limits.ts'
import { parseElement } from '../../../src/xml/element.ts'
import type { Frame } from '../../../src/xml/frame.ts'
import { Scanner } from '../../../src/xml/scanner.ts'
import { escapeAttribute, streamHeader } from '../../../src/xml/write.ts'
import { NS } from '../../../src/xmpp/namespaces.ts'

export const PASSWORD = 'sesame'
export const OURS = 'corp.example'

/** Where a session stands when a word comes: nobody has spoken, there was a header, … */
export type Step = 'connected' | 'header' | 'auth' | 'restarted' | 'frame'

/** What is done instead; gives back false where it is to be as always. */
export type Play = (session: CoreSession, step: Step, frame: Frame | undefined) => boolean

export const AS_ALWAYS: Play = () => false

/** A stream that can be resumed: what the client may not have heard, and how much of it was heard. */
interface Kept {
  readonly address: string
  handled: number
  unheard: string[]
  sent: number
}

export class ScriptedCore implements AsyncDisposable {
  /** For connections that come from now on. */
  play: Play = AS_ALWAYS
  readonly sessions = new Set<CoreSession>()
  readonly bound = new Map<string, CoreSession>()
  readonly kept = new Map<string, Kept>()
  accepted = 0
  /** Sessions that were taken up again. */
  resumed = 0
  readonly #host: string
  readonly #port: number
  #server: Server | undefined

  private constructor(host: string, port: number) {
    this.#host = host
    this.#port = port
  }

  static async open(host: string, port: number): Promise<ScriptedCore> {
    const core = new ScriptedCore(host, port)
    await core.listen()
    return core
  }

  async listen(): Promise<void> {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.accepted += 1
      const session = new CoreSession(socket, this, this.play)
      this.sessions.add(session)
      socket.on('close', () => this.sessions.delete(session))
    }).listen({ host: this.#host, port: this.#port, backlog: 2000 })
    await once(this.#server, 'listening')
  }

  /** Takes no connections any more; those that are up go on. */
  shut(): void {
    this.#server?.close()
  }

  /** The session with this address, the last one that had it. */
  at(address: string): CoreSession {
    const found = this.bound.get(address)
    if (!found) throw new Error(`nobody is ${address}`)
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.shut()
    for (const { socket } of this.sessions) socket.destroy()
    await Promise.resolve()
  }
}

export class CoreSession {
  readonly socket: Socket
  /** Stanzas that came, by their ids. */
  readonly heard: string[] = []
  user: string | undefined
  kept: Kept | undefined
  readonly #core: ScriptedCore
  readonly #scanner = new Scanner(DEFAULT_LIMITS.after)
  #play: Play
  #counts = false

  constructor(socket: Socket, core: ScriptedCore, play: Play) {
    this.socket = socket
    this.#core = core
    this.#play = play
    socket.on('error', () => {}).on('end', () => socket.end())
    if (this.#play(this, 'connected', undefined)) socket.resume()
    else this.#listen()
  }

  #listen(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#scanner.push(chunk)
      for (let event = this.#scanner.next(); event; event = this.#scanner.next()) {
        if (event.kind === 'header') this.#header()
        else if (event.kind === 'frame') this.#frame(event.frame)
        else this.socket.end('</stream:stream>')
      }
    })
  }

  /** Another way from here on. */
  set play(play: Play) {
    this.#play = play
  }

  say(words: string): this {
    if (this.socket.writable) this.socket.write(words)
    return this
  }

  /** Says a stanza, which is counted; false: no more should be said for now. */
  tell(stanza: string): boolean {
    if (this.kept && this.#counts) {
      this.kept.unheard.push(stanza)
      this.kept.sent += 1
    }
    return this.socket.writable && this.socket.write(stanza)
  }

  greet(features: string): this {
    const id = randomBytes(6).toString('hex')
    return this.say(
      `${streamHeader({ from: OURS, id, lang: 'en', namespace: NS.client })}<stream:features>${features}</stream:features>`,
    )
  }

  /** What any core does at this step. */
  asAlways(step: Step, frame: Frame | undefined): void {
    if (step === 'header') this.greet(`<mechanisms xmlns='${NS.sasl}'><mechanism>PLAIN</mechanism></mechanisms>`)
    if (step === 'restarted') this.greet(`<bind xmlns='${NS.bind}'/><sm xmlns='${NS.sm}'/>`)
    if (step === 'auth' && frame) this.#prove(frame)
    if (step === 'frame' && frame) this.#hear(frame)
  }

  #header(): void {
    this.#take(this.user === undefined ? 'header' : 'restarted', undefined)
  }

  #frame(frame: Frame): void {
    this.#take(frame.namespace === NS.sasl ? 'auth' : 'frame', frame)
  }

  #take(step: Step, frame: Frame | undefined): void {
    if (!this.#play(this, step, frame)) this.asAlways(step, frame)
  }

  #prove(frame: Frame): void {
    const [, user, password] = Buffer.from(parseElement(frame).getText(), 'base64').toString().split('\0')
    if (password !== PASSWORD || user === undefined)
      return void this.say(`<failure xmlns='${NS.sasl}'><not-authorized/></failure>`)
    this.admit(user)
  }

  /** It is this user from here on; a new stream follows. */
  admit(user: string): void {
    this.user = user
    this.#scanner.restart()
    this.say(`<success xmlns='${NS.sasl}'/>`)
  }

  /** Its address is this from here on. */
  bindTo(resource: string): string {
    this.kept = { address: `${this.user}@${OURS}/${resource}`, handled: 0, unheard: [], sent: 0 }
    this.#core.bound.set(this.kept.address, this)
    return this.kept.address
  }

  /** Counts from here on; gives what tells the client so. XEP-0198 §3 */
  count(): string {
    const id = randomBytes(6).toString('hex')
    if (this.kept) this.#core.kept.set(id, this.kept)
    this.#counts = true
    return `<enabled xmlns='${NS.sm}' resume='true' id='${id}'/>`
  }

  #hear(frame: Frame): void {
    if (frame.namespace === NS.sm) return this.#count(frame)
    const id = escapeAttribute(frame.id ?? '')
    if (frame.payloads[0]?.namespace === NS.bind) {
      const resource = parseElement(frame).getChild('bind')?.getChildText('resource') ?? 'r'
      const jid = `<bind xmlns='${NS.bind}'><jid>${this.bindTo(resource)}</jid></bind>`
      return void this.say(`<iq type='result' id='${id}'>${jid}</iq>`)
    }
    this.heard.push(frame.id ?? '')
    if (this.kept && this.#counts) this.kept.handled += 1
    if (frame.name === 'iq') this.tell(`<iq type='result' id='${id}'/>`)
  }

  /** XEP-0198 */
  #count(frame: Frame): void {
    const { attrs } = parseElement(frame)
    switch (frame.name) {
      case 'enable':
        return void this.say(this.count())
      case 'resume': {
        const kept = this.#core.kept.get(attrs['previd'] ?? '')
        if (!kept) return void this.say(`<failed xmlns='${NS.sm}'/>`)
        this.kept = kept
        this.#counts = true
        this.#core.resumed += 1
        kept.unheard = kept.unheard.slice(kept.unheard.length - (kept.sent - Number(attrs['h'])))
        this.say(`<resumed xmlns='${NS.sm}' previd='${attrs['previd']}' h='${kept.handled}'/>`)
        for (const stanza of kept.unheard) this.say(stanza)
        return
      }
      case 'r':
        return void this.say(`<a xmlns='${NS.sm}' h='${this.kept?.handled ?? 0}'/>`)
      default:
    }
  }
}
