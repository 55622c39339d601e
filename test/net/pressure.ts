// A gateway as a process of its own between partners that send as fast as they are let, and a core that reads only when
// it is told to: what is held where is counted in bytes, and the memory of the process is the kernel's word.

import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import * as z from 'zod'
import { Dialog } from '../support/dialog.ts'
import { Gateway } from '../support/gateway.ts'
import { type Issued, issue, makeCa } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'
import { eventually, within } from '../support/within.ts'
import { AUTH, header, STARTTLS } from './gate.ts'

const SECRET = 'sesame'
const OURS = 'us.test'

/** What `status --json` tells of streams and of what is under way, as far as these tests ask. */
const Flow = z.object({
  streams: z.array(z.object({ leg: z.string(), remote: z.string(), held: z.boolean() })),
  underWay: z.object({ bytes: z.number() }),
})

export interface Pressure {
  readonly gateway: Gateway
  readonly core: Core
  /** A stream of this partner to us that is ready. */
  partner(domain: string): Promise<Source>
  /** Resolves when streams of these partners are held, and no others, with the bytes that are under way. */
  holds(...partners: readonly string[]): Promise<number>
}

export interface PressureOptions {
  readonly connections?: 'one' | 'per-domain'
  readonly limits?: Readonly<Record<string, unknown>>
}

/** `host`: an address of loopback that a file of tests has to itself. */
export async function underPressure(
  t: Cleanup,
  host: string,
  partners: readonly string[],
  { connections = 'per-domain', limits = {} }: PressureOptions = {},
): Promise<Pressure> {
  const ca = await makeCa()
  const core = await Core.open(host)
  t.after(() => core[Symbol.asyncDispose]())
  const gateway = await Gateway.start(t, {
    domains: { [OURS]: await issue({ ca, names: [OURS] }) },
    core: host,
    coreTrust: ca,
    anchors: [ca],
    inner: host,
    outer: host,
    dns: host,
    component: { secret: SECRET, connections },
    settings: { limits },
    partners: Object.fromEntries(partners.map((domain) => [domain, { status: 'allowed' }])),
  })
  const wanted = connections === 'one' ? 1 : partners.length
  await eventually('the connections to the core', () => (core.names.length === wanted ? true : undefined))
  return {
    gateway,
    core,
    async partner(domain) {
      const certificate = await issue({ ca, names: [domain] })
      const source = await Source.open(host, domain, certificate)
      t.after(() => source[Symbol.asyncDispose]())
      return source
    },
    async holds(...whom) {
      let held = ''
      return eventually(
        () => `that ${whom.join(' ')} are held, and not ${held}`,
        async () => {
          const { streams, underWay } = Flow.parse(await gateway.command('status'))
          const sources = streams.filter((stream) => stream.held && stream.leg === 'partner')
          held = sources.map(({ remote }) => remote).join(' ')
          return held.split(' ').toSorted().join(' ') === whom.join(' ') ? underWay.bytes : undefined
        },
        { ms: 60_000 },
      )
    },
  }
}

/** A core with components, which counts the numbered messages that come, and checks their order. */
export class Core implements AsyncDisposable {
  readonly #server: Server
  /** By the name of the component. */
  readonly #connections = new Map<string, Socket>()
  readonly #arrived = new Map<string, number>()
  /** From whom a message came out of turn. */
  readonly astray: string[] = []
  /** How many messages of all the others had come when the first of a sender came. */
  readonly before = new Map<string, number>()
  #all = 0
  bytes = 0

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket: Socket) => this.#greet(socket))
  }

  static async open(host: string): Promise<Core> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve) => void server.listen(5347, host, resolve))
    return new Core(server)
  }

  get names(): readonly string[] {
    return [...this.#connections.keys()]
  }

  /** How many messages of a sender have come, which were numbered from 0. */
  arrived(sender: string): number {
    return this.#arrived.get(sender) ?? 0
  }

  /** Resolves when so many of a sender's have come. */
  async has(sender: string, count: number, ms = 60_000): Promise<void> {
    await eventually(
      () => `${count} of ${sender}; ${this.arrived(sender)} have come`,
      () => (this.arrived(sender) >= count ? true : undefined),
      { ms },
    )
  }

  /** Reads nothing more on the connections of these names. */
  stall(...names: readonly string[]): void {
    for (const name of names) this.#connections.get(name)?.pause()
  }

  resume(...names: readonly string[]): void {
    for (const name of names) this.#connections.get(name)?.resume()
  }

  #greet(socket: Socket): void {
    let rest = ''
    let name = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      this.bytes += chunk.length
      const text = rest + chunk.toString('latin1')
      const cut = text.lastIndexOf('<')
      rest = cut === -1 ? text : text.slice(cut)
      for (const [, sender = '', number] of text.slice(0, cut).matchAll(/<message [^>]*id='([^'-]+)-(\d+)'[^>]*>/g)) {
        this.#count(sender, Number(number))
      }
      if (name !== '') return
      name = /<stream:stream [^>]*to='([^']+)'/.exec(text)?.[1] ?? ''
      if (name === '') return
      const attributes = `xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='${name}' id='i'`
      socket.write(`<?xml version='1.0'?><stream:stream ${attributes}><handshake/>`)
      this.#connections.set(name, socket)
    })
  }

  #count(sender: string, number: number): void {
    if (number !== this.arrived(sender)) this.astray.push(`${sender}-${number} after ${this.arrived(sender)}`)
    if (number === 0) this.before.set(sender, this.#all)
    this.#all += 1
    this.#arrived.set(sender, number + 1)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#connections.values()) socket.destroy()
    this.#server.close()
    await Promise.resolve()
  }
}

/** A partner's stream, on which what is offered goes as fast as it is taken. */
export class Source implements AsyncDisposable {
  readonly domain: string
  readonly #dialog: Dialog
  /** Bytes that its operating system has taken. */
  taken = 0

  private constructor(domain: string, dialog: Dialog) {
    this.domain = domain
    this.#dialog = dialog
  }

  static async open(host: string, domain: string, certificate: Issued): Promise<Source> {
    const dialog = await Dialog.open({ host, port: 5269 })
    const ours = header({ from: domain, to: OURS })
    await dialog.say(ours).expect(/<stream:features><starttls.*<\/stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ certificate })
    await dialog.say(ours).expect(/<mechanism>EXTERNAL<\/mechanism>.*<\/stream:features>/)
    await dialog.say(AUTH).expect(/<success/)
    await dialog.say(ours).expect(/<stream:features>.*<\/stream:features>/)
    return new Source(domain, dialog)
  }

  /** Writes pieces until there is none, or the connection has gone; resolves then. */
  async offer(pieces: Iterable<Buffer>): Promise<void> {
    const { socket } = this.#dialog
    const gone = new Promise<'gone'>((resolve) => void socket.once('close', () => resolve('gone')))
    for (const piece of pieces) {
      if (!socket.writable) return
      const taken = new Promise<'taken'>((resolve) => {
        const room = socket.write(piece, (error) => {
          if (error) return
          this.taken += piece.length
          if (!room) resolve('taken')
        })
        if (room) resolve('taken')
      })
      if ((await Promise.race([taken, gone])) === 'gone') return
    }
  }

  /** Waits for words of the gateway. */
  expect(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#dialog.expect(pattern)
  }

  end(): Promise<string> {
    return this.#dialog.end()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dialog[Symbol.asyncDispose]()
  }
}

export interface MessagesOptions {
  /** The first number. */
  readonly from?: number
  readonly count: number
  /** Of each body. */
  readonly bytes: number
  /** Blanks after each. */
  readonly pad?: number
}

/** Numbered messages, many in a piece. */
export function* messages(domain: string, options: MessagesOptions): Iterable<Buffer> {
  const { from = 0, count, bytes, pad = 0 } = options
  const [body, blanks] = ['x'.repeat(bytes), ' '.repeat(pad)]
  const each = Math.max(1, Math.floor(65_536 / (bytes + pad + 100)))
  const message = (n: number): string =>
    `<message from='a@${domain}' to='b@${OURS}' id='${domain}-${n}'><body>${body}</body></message>${blanks}`
  for (let n = from; n < from + count; n += each) {
    yield Buffer.from(Array.from({ length: Math.min(each, from + count - n) }, (_, k) => message(n + k)).join(''))
  }
}

/** The resident memory of a process, in bytes: now, and at most since the last `forgetPeak`. */
export async function memoryOf(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  const figure = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1]) * 1024
  return { now: figure('VmRSS'), peak: figure('VmHWM') }
}

export const forgetPeak = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5')

/** Resolves when a figure has stopped changing. */
export async function steady(figure: () => number): Promise<number> {
  let last = -1
  await within(
    60_000,
    (async () => {
      for (let same = 0; same < 5;) {
        await new Promise((resolve) => setTimeout(resolve, 100))
        same = figure() === last ? same + 1 : 0
        last = figure()
      }
    })(),
    () => `something steady; it is ${last}`,
  )
  return last
}
