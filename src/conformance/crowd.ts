// Many connections at once, from an address that nobody else of the run has.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { violated } from './ends.ts'

const ADDRESS = '127.54.0.1'
const HOST = '127.0.0.1'
const PATIENCE_MS = 10_000
/** Time in which one that is not taken would have been ended. */
const SETTLE_MS = 1000

/** Holds so many connections, and tries one more. @throws Ends where one of them ends, or the last one does not */
export async function crowd(port: number, count: number): Promise<void> {
  using stack = new DisposableStack()
  const open = (): Socket => {
    const socket = connect({ host: HOST, port, localAddress: ADDRESS })
    socket.on('error', () => undefined)
    stack.defer(() => socket.destroy())
    return socket
  }
  const held = Array.from({ length: count }, open)
  await Promise.all(held.map((socket) => once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) })))
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
  const ended = held.filter((socket) => socket.closed || socket.readableEnded).length
  if (ended > 0) throw violated(`of ${count} connections ${ended} were ended`)
  const last = open()
  let said = 0
  last.on('data', (data: Buffer) => void (said += data.length))
  const isOver = await Promise.race([
    new Promise<boolean>((resolve) => last.once('close', () => resolve(true))),
    new Promise<boolean>((resolve) => setTimeout(resolve, PATIENCE_MS, false).unref()),
  ])
  if (!isOver) throw violated(`the connection after ${count} was taken`)
  if (said > 0) throw violated(`${said} octets were said on a connection that was not taken`)
}
