// A place of the lab's PKI: over HTTP, each path of it answers, well or badly, as a test wants it to.

import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Cleanup } from './program.ts'

/** What a path does. `body`: what was sent to it. */
export type Act = (response: ServerResponse, body: Buffer) => void | Promise<void>

export class Places {
  readonly base: string
  /** What was asked for, in order. */
  readonly asked: string[] = []
  readonly #acts = new Map<string, Act>()

  private constructor(base: string) {
    this.base = base
  }

  static async open(t: Cleanup, host: string): Promise<Places> {
    const port = 8089
    const places = new Places(`http://${host}:${port}`)
    const server = createServer((request, response) => void places.#answer(request, response))
    await new Promise<void>((resolve) => {
      server.listen(port, host, resolve)
    })
    t.after(() => {
      server.closeAllConnections()
      server.close()
    })
    return places
  }

  /** Has a path act so; gives back its URL. */
  on(path: string, act: Act): string {
    this.#acts.set(path, act)
    return this.base + path
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '' } = request
    this.asked.push(url)
    response.on('error', () => {})
    const act = this.#acts.get(url)
    if (!act) return void response.writeHead(404).end()
    try {
      await act(response, await buffer(request))
    } catch (error) {
      response.destroy(error instanceof Error ? error : undefined)
    }
  }
}

/** The octets, as they are when they are asked for. */
export const sends =
  (octets: () => Buffer | Promise<Buffer>): Act =>
  async (response) =>
    void response.end(await octets())

export const says =
  (status: number): Act =>
  (response) =>
    void response.writeHead(status).end()

export const redirects =
  (to: string): Act =>
  (response) =>
    void response.writeHead(302, { location: to }).end()

/** Never says anything. */
export const keepsSilent: Act = () => {}

/** One octet after another, so slowly that it never ends. */
export const drips: Act = (response) => {
  response.write('0')
  const timer = setInterval(() => response.write('0'), 20)
  response.once('close', () => clearInterval(timer))
}

/** More and more, without end. */
export const floods: Act = (response) => {
  const chunk = Buffer.alloc(65_536)
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  more()
}
