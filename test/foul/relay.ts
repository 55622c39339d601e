// The road between two servers: carries bytes as they come, at a pace that a test may change, until it is cut.

import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cleanup } from '../support/program.ts'

const PORT = 5269
const STEP_MS = 100

export class Relay {
  readonly address: string
  /** Bytes a second, each way of each connection; undefined: as fast as they come. */
  pace: number | undefined
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(address: string, to: string) {
    this.address = address
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#join(near, to))
  }

  /** Listens at an address for whoever wants to reach another one, both at the port for servers. */
  static async open(t: Cleanup, address: string, to: string): Promise<Relay> {
    const relay = new Relay(address, to)
    relay.#server.listen(PORT, address)
    await once(relay.#server, 'listening')
    t.after(() => {
      relay.#server.close()
      relay.cut()
    })
    return relay
  }

  /** Breaks every connection as a failing router would: both ends are told, nothing more arrives. */
  cut(): void {
    for (const socket of this.#sockets) reset(socket)
  }

  #join(near: Socket, to: string): void {
    const far = connect({ host: to, port: PORT, allowHalfOpen: true, noDelay: true })
    for (const [from, into] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.on('error', () => reset(into)) // as if it had come through: nothing is delivered any more
      from.on('close', () => {
        this.#sockets.delete(from)
        into.destroySoon()
      })
      void this.#carry(from, into)
    }
  }

  async #carry(from: Socket, into: Socket): Promise<void> {
    try {
      for await (const chunk of from) await this.#pass(chunk as Buffer, into)
      into.end()
    } catch {
      into.destroy()
    }
  }

  async #pass(chunk: Buffer, into: Socket): Promise<void> {
    for (let rest = chunk; rest.length > 0;) {
      const { pace } = this
      const part = pace === undefined ? rest : rest.subarray(0, Math.max(1, (pace * STEP_MS) / 1000))
      rest = rest.subarray(part.length)
      if (!into.write(part)) await Promise.race([once(into, 'drain'), once(into, 'close')])
      if (into.destroyed) return
      if (pace !== undefined) await pause(STEP_MS)
    }
  }
}

/** Node cannot reset what it is about to end: the handle would be left open for ever. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}
