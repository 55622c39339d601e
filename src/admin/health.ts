// The admin listener, as far as this release has it: health and metrics over plain HTTP, for this machine alone.
//
//   GET /health/live    200 while the process works
//   GET /health/ready   200 or 503, and why: {"ready": false, "why": ["…"]}
//   GET /metrics        OpenMetrics text
//
// Rule 1: nothing else is answered with anything but an error, and no body of a request is read.
// Rule 2: everything is bounded: connections, bytes of a request, time for it and between two. A connection has one request
//         at a time.
//
// SECURITY: a page in a browser on this machine can send requests here under a name of its own that it lets resolve to
// loopback. So only requests that name loopback as their host are answered.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { isLoopback, type HostPort } from '../config/values.ts'
import { ListenError } from '../gateway/listening.ts'
import { hostAndPort } from '../gateway/status.ts'
import { OPEN_METRICS_TYPE } from '../observe/metrics.ts'

export interface Readiness {
  readonly ready: boolean
  /** Why not, in words. */
  readonly why: readonly string[]
}

export interface HealthOptions {
  readonly at: HostPort
  readiness(): Readiness
  /** OpenMetrics text. */
  metrics(): string
  /** Something threw that must not. */
  bug(error: unknown): void
  readonly limits?: Partial<HealthLimits>
}

export interface HealthLimits {
  readonly connections: number
  readonly headerBytes: number
  /** For a whole request, and between two of one connection. */
  readonly requestMs: number
}

const DEFAULTS: HealthLimits = { connections: 32, headerBytes: 8192, requestMs: 5000 }
/** How often Node looks for requests that take too long. */
const LOOK_MS = 500

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly allow?: string
}

export class HealthListener implements AsyncDisposable {
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  /** @throws ListenError */
  static async open(options: HealthOptions): Promise<HealthListener> {
    const { connections, headerBytes, requestMs } = { ...DEFAULTS, ...options.limits }
    const busy = new WeakSet<Socket>()
    const server = createServer(
      {
        maxHeaderSize: headerBytes,
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        keepAliveTimeout: requestMs,
        connectionsCheckingInterval: Math.min(LOOK_MS, requestMs),
      },
      (request, response) => {
        const { socket } = request
        // SECURITY: thousands of requests fit into one packet, and Node would hold the answers to all of them.
        if (busy.has(socket)) {
          socket.destroy()
          return
        }
        busy.add(socket)
        response.once('close', () => busy.delete(socket))
        give(response, answered(request, options))
      },
    )
    server.maxConnections = connections
    const { host, port } = options.at
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen({ host, port, exclusive: true }, resolve)
    try {
      await promise
    } catch (error) {
      throw new ListenError('listen.admin', hostAndPort(host, port), error)
    }
    server.off('error', reject)
    server.on('error', () => undefined) // an accept that fails (EMFILE) must not end the gateway
    return new HealthListener(server)
  }

  /** The port it listens on. */
  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    this.#server.closeAllConnections()
    await promise
  }
}

function answered(request: IncomingMessage, options: HealthOptions): Answer {
  try {
    return answer(request, options)
  } catch (error) {
    options.bug(error)
    return words(500, 'an error in the gateway itself; its log has it')
  }
}

function answer({ method, url = '', headers }: IncomingMessage, { readiness, metrics }: HealthOptions): Answer {
  if (!isOurs(headers.host)) return words(421, 'ask for 127.0.0.1, [::1] or localhost')
  const path = url.split('?', 1)[0] ?? ''
  const known = path === '/health/live' || path === '/health/ready' || path === '/metrics'
  if (!known) return words(404, 'here are /health/live, /health/ready and /metrics')
  if (method !== 'GET') return { ...words(405, 'only GET'), allow: 'GET' }
  if (path === '/metrics') return { status: 200, type: OPEN_METRICS_TYPE, body: metrics() }
  if (path === '/health/live') return json(200, { live: true })
  const { ready, why } = readiness()
  return json(ready ? 200 : 503, { ready, why })
}

const words = (status: number, body: string): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: `${body}\n`,
})

const json = (status: number, value: object): Answer => ({
  status,
  type: 'application/json',
  body: `${JSON.stringify(value)}\n`,
})

function isOurs(host: string | undefined): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host ?? '') ?? []
  return isLoopback(name.replace(/^\[(.*)\]$/, '$1').toLowerCase())
}

function give(response: ServerResponse, { status, type, body, allow }: Answer): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(allow === undefined ? {} : { Allow: allow }),
    // Whatever follows an error, such as a body, is not read.
    ...(status >= 400 && status !== 503 ? { Connection: 'close' } : {}),
  })
  response.end(response.req.method === 'HEAD' ? undefined : body)
}
