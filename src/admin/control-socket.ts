// The control socket: how commands reach a running gateway. Whoever may open it may do everything, so the file
// system guards it: the socket is 0600 in a directory that is 0700. Its lines are described in `wire.ts`.
//
// Rule 1: one gateway per directory. A socket that answers belongs to another gateway and is left alone; one that
//         does not is what a crash left behind, and is replaced.
// Rule 2: everything is bounded: connections, bytes per request, requests that wait, time for a request and for its answer.

import { chmod, lstat, mkdir, unlink } from 'node:fs/promises'
import { createServer, connect, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { Control } from '../gateway/control.ts'
import type { LabControl } from './lab.ts'
import { OperationError, type Outcome } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { Performer, type Call } from './perform.ts'
import { Lines, readLine, Request } from './wire.ts'

export interface ControlSocketLimits {
  readonly connections: number
  readonly requestBytes: number
  /** Requests of one connection that may wait behind the one being worked on. */
  readonly waiting: number
  /** For a connection to complete a request, and again to take its answer. */
  readonly idleMs: number
  /** For an operation that does not say itself that it may take longer. */
  readonly operationMs: number
}

export interface ControlSocketOptions {
  readonly control: Control
  /** The installation directory. */
  readonly directory: string
  readonly socketPath: string
  /** The embedded lab of an evaluation set-up. */
  readonly lab?: LabControl | undefined
  readonly now?: () => number
  readonly limits?: Partial<ControlSocketLimits>
  /** Told of every call, for the log. */
  readonly observe?: (call: Call) => void
}

const DEFAULTS: ControlSocketLimits = {
  connections: 32,
  requestBytes: 16 * 1_048_576,
  waiting: 16,
  idleMs: 30_000,
  operationMs: 60_000,
}

/** What `sun_path` of unix(7) holds, without the terminating zero. */
const MAX_PATH_BYTES = 107
const PROBE_MS = 2000

/** Offers the operations at a Unix socket. @throws OperationError when another gateway has it, or the path cannot be used. */
export async function serveControl(options: ControlSocketOptions): Promise<ControlSocket> {
  const { socketPath, directory } = options
  if (Buffer.byteLength(socketPath) > MAX_PATH_BYTES) {
    throw new OperationError(
      'unavailable',
      `the path of the control socket, ${socketPath}, has more than ${MAX_PATH_BYTES} bytes`,
      'Move the installation to a directory with a shorter path; the system allows no longer ones for sockets.',
    )
  }
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 })
  await chmod(dirname(socketPath), 0o700)
  await claim(socketPath, directory)
  const { control, lab, now = Date.now } = options
  const performer = new Performer({ control, directory, lab, now, running: true }, OPERATIONS, options.observe)
  return await ControlSocket.open(socketPath, performer, { ...DEFAULTS, ...options.limits })
}

/** The serving end; disposing of it ends its connections and removes the socket. */
export class ControlSocket implements AsyncDisposable {
  readonly path: string
  readonly #server: Server
  readonly #connections = new Set<Connection>()

  private constructor(path: string, performer: Performer, limits: ControlSocketLimits) {
    this.path = path
    // Half-open: whoever has said all still waits for the answers.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const connection = new Connection(socket, performer, limits, () => this.#connections.delete(connection))
      this.#connections.add(connection)
    })
    this.#server.maxConnections = limits.connections
  }

  static async open(path: string, performer: Performer, limits: ControlSocketLimits): Promise<ControlSocket> {
    const socket = new ControlSocket(path, performer, limits)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    socket.#server.once('error', reject)
    socket.#server.listen(path, resolve)
    await promise
    socket.#server.off('error', reject)
    socket.#server.on('error', () => undefined) // an accept that fails (EMFILE) must not end the gateway
    await chmod(path, 0o600)
    return socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    for (const connection of this.#connections) connection.end()
    await promise
  }
}

/** One caller. Its requests are answered in order, one at a time. */
class Connection {
  readonly #socket: Socket
  readonly #performer: Performer
  readonly #limits: ControlSocketLimits
  readonly #lines: Lines
  readonly #queue: Buffer[] = []
  #working = false
  /** What is being worked on, and whether its caller wants to hear what happens meanwhile. */
  #asking: AbortController | undefined
  #telling = false
  #ending = false
  #timer: NodeJS.Timeout | undefined

  constructor(socket: Socket, performer: Performer, limits: ControlSocketLimits, closed: () => void) {
    this.#socket = socket
    this.#performer = performer
    this.#limits = limits
    this.#lines = new Lines(limits.requestBytes)
    socket.on('data', (chunk: Buffer) => this.#received(chunk))
    socket.on('end', () => this.#said())
    socket.on('error', () => undefined) // a caller that went away; 'close' follows
    socket.on('close', () => {
      this.#ending = true
      this.#asking?.abort()
      clearTimeout(this.#timer)
      closed()
    })
    this.#wait()
  }

  /** Ends after the answer that is being worked on, which is asked to come soon. */
  end(): void {
    this.#ending = true
    this.#asking?.abort()
    this.#queue.length = 0
    if (!this.#working) this.#socket.destroy()
  }

  /** Nothing more will be asked; what was asked is answered, but nobody listens to more of what happens meanwhile. */
  #said(): void {
    this.#ending = true
    if (this.#telling) this.#asking?.abort()
    if (!this.#working) this.#socket.end()
  }

  /** The caller has this long to do its part. */
  #wait(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#socket.destroy(), this.#limits.idleMs)
    this.#timer.unref()
  }

  #received(chunk: Buffer): void {
    if (this.#ending) return
    const lines = this.#lines.push(chunk)
    if (lines === undefined) return this.#giveUp(tooLarge(this.#limits.requestBytes))
    this.#queue.push(...lines)
    if (this.#queue.length > this.#limits.waiting) return this.#giveUp(TOO_MANY)
    if (!this.#working) void this.#work()
  }

  async #work(): Promise<void> {
    this.#working = true
    for (let line = this.#queue.shift(); line !== undefined; line = this.#queue.shift()) {
      clearTimeout(this.#timer)
      const request = Request.safeParse(readLine(line))
      if (!request.success) {
        this.#working = false
        return this.#giveUp(NOT_A_REQUEST)
      }
      const { id, operation, input, progress: wanted = false } = request.data
      const asking = new AbortController()
      this.#asking = asking
      this.#telling = wanted
      if (this.#ending && wanted) asking.abort()
      const tell = (progress: unknown): boolean => {
        if (!wanted || this.#asking !== asking || !this.#roomy) return false
        this.#socket.write(`${JSON.stringify({ id, progress })}\n`)
        return true
      }
      const ms = Math.max(this.#limits.operationMs, this.#performer.longest(operation))
      const outcome = await withinTime(this.#performer.perform(operation, input, tell, asking.signal), ms)
      this.#asking = undefined
      if (!outcome.ok && outcome === LATE) asking.abort()
      if (this.#socket.destroyed) return
      this.#answer(id, outcome)
    }
    this.#working = false
    if (this.#ending) this.#socket.end()
  }

  /** Progress is for whoever reads it. */
  get #roomy(): boolean {
    return !this.#socket.destroyed && this.#socket.writableLength < this.#limits.requestBytes
  }

  #answer(id: string | number | undefined, outcome: Outcome): void {
    this.#socket.write(`${JSON.stringify({ id, ...outcome })}\n`)
    this.#wait()
  }

  #giveUp(outcome: Outcome): void {
    this.#ending = true
    this.#queue.length = 0
    this.#wait()
    this.#socket.end(`${JSON.stringify(outcome)}\n`)
  }
}

const tooLarge = (bytes: number): Outcome => ({
  ok: false,
  error: { code: 'too-large', message: `a request may have ${bytes} bytes`, act: 'Send less at once.' },
})

const TOO_MANY: Outcome = {
  ok: false,
  error: { code: 'too-large', message: 'too many requests wait on this connection', act: 'Read the answers first.' },
}

const NOT_A_REQUEST: Outcome = {
  ok: false,
  error: {
    code: 'bad-request',
    message: 'a request is one line of JSON: {"id", "operation", "input"}',
    act: 'Use the `sallyport` command, or write the request as described.',
  },
}

const LATE: Outcome = {
  ok: false,
  error: {
    code: 'timeout',
    message: 'the gateway took too long; what was asked may still happen',
    act: 'Look at `sallyport status` before asking again.',
  },
}

async function withinTime(work: Promise<Outcome>, ms: number): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const timer = setTimeout(() => resolve(LATE), ms)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Makes sure that the path is free: nobody answers there, and nothing of somebody else is in the way. */
async function claim(path: string, directory: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return
  if (!found.isSocket()) {
    throw new OperationError(
      'conflict',
      `${path} is in the way: it is not a socket`,
      'Move it elsewhere and start again.',
    )
  }
  if (await answers(path)) {
    throw new OperationError(
      'conflict',
      `another gateway is running in ${directory}`,
      'Use it (`sallyport status`), or stop it before starting one here.',
    )
  }
  await unlink(path)
}

async function answers(path: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(path)
  socket.setTimeout(PROBE_MS)
  socket.once('connect', () => resolve(true))
  socket.once('timeout', () => resolve(true)) // somebody has it open but is too busy to accept
  socket.once('error', (error: NodeJS.ErrnoException) => {
    resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
  })
  try {
    return await promise
  } finally {
    socket.destroy()
  }
}
