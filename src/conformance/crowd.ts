// Many connections, at once or as fast as they go, from addresses that nobody else of the run has.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { violated } from './ends.ts'

const ADDRESS = '127.54.0.1'
const FLOODING = '127.54.0.2'
/** Handshakes that are under way at a time. */
const AT_ONCE = 20
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

/**
 * Begins so many handshakes, each gone as soon as it is through: so many are served and no more, but for those that a minute would
 * bring anew while it lasts. @returns what came of them. @throws Ends where it is otherwise
 */
export async function flood(port: number, count: number, served: number): Promise<string> {
  const began = performance.now()
  let left = count
  let through = 0
  const worker = async (): Promise<void> => {
    while (left-- > 0) if (await shakesHands(port)) through += 1
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const seconds = (performance.now() - began) / 1000
  const most = served + Math.ceil((seconds * served) / 60)
  const said = `of ${count} handshakes in ${seconds.toFixed(1)} s ${through} were served`
  if (through < served || through > most) throw violated(`${said} instead of ${served}`)
  return said
}

async function shakesHands(port: number): Promise<boolean> {
  const plain = connect({ host: HOST, port, localAddress: FLOODING }).on('error', () => undefined)
  const socket = connectTls({ socket: plain, rejectUnauthorized: false }).on('error', () => undefined)
  const timer = setTimeout(() => plain.destroy(), PATIENCE_MS)
  const isThrough = await new Promise<boolean>((resolve) => {
    socket.once('secureConnect', () => resolve(true)).once('close', () => resolve(false))
    plain.once('close', () => resolve(false))
  })
  clearTimeout(timer)
  socket.destroy()
  plain.destroy()
  return isThrough
}
