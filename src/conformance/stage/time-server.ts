// A time server of a run, whose clock is ahead by as much as a case says. RFC 5905 §7.3

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

const PACKET_BYTES = 48
/** Version 4, mode server; stratum 2; it is asked every 64 s. */
const HEAD = [0x24, 2, 6, 0xec]
const EPOCH_S = 2_208_988_800
const ERA_S = 2 ** 32

export class TimeServerOfRun implements AsyncDisposable {
  readonly #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  /** @param aheadMs of the clock of this machine */
  static async open(host: string, aheadMs: number): Promise<TimeServerOfRun> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.on('message', (question, from) => {
      if (question.length < PACKET_BYTES) return
      const seconds = (Date.now() + aheadMs) / 1000 + EPOCH_S
      const answer = Buffer.alloc(PACKET_BYTES)
      answer.set(HEAD)
      // What was sent at what time comes back as the origin.
      question.copy(answer, 24, 40, 48)
      for (const at of [16, 32, 40]) {
        answer.writeUInt32BE(Math.floor(seconds) % ERA_S, at)
        answer.writeUInt32BE(Math.floor((seconds % 1) * ERA_S), at + 4)
      }
      socket.send(answer, from.port, from.address)
    })
    socket.bind(0, host)
    await once(socket, 'listening')
    return new TimeServerOfRun(socket)
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** `address:port`. */
  get address(): string {
    const { address } = this.#socket.address()
    return `${address.includes(':') ? `[${address}]` : address}:${this.port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }
}
