// The process that opens streams: many, one after the other, to see what it costs to meet somebody, or many at a time, to see
// what it costs to know them.

import type { Socket } from 'node:net'
import type { Credentials, End } from './ends.ts'
import { Newcomers, type Newcomer } from '../trust/newcomers.ts'
import { forget, reach } from './meet.ts'
import { now, type Answer } from './orders.ts'
import { serveOrders } from './serve-orders.ts'

/** Those who stay. One that goes by itself is a fault. */
const staying = new Set<Socket>()
let fault: string | undefined

let newcomers: Newcomers | undefined
/** Those that have not come yet. */
let waiting: readonly Newcomer[] = []

/** A stream on which the other side has agreed to who we are. */
async function visit(end: End, credentials: Credentials): Promise<Socket> {
  const { socket, early } = await reach(end, credentials)
  // In TLS 1.3 our side is ready before the other has seen our certificate; a word of theirs comes after that. RFC 8446 §4.4
  if (end.speaks === 'tls' && early.length === 0) await firstWord(socket)
  return socket
}

function firstWord(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (error?: unknown): void => reject(error instanceof Error ? error : new Error('closed without a word'))
    socket.once('error', gone).once('close', gone)
    socket.once('data', () => {
      socket.off('error', gone).off('close', gone).pause()
      resolve()
    })
    socket.resume()
  })
}

/** Says goodbye and waits until the connection is gone. Some cut it when they have heard that, and that is no fault. */
function leave(socket: Socket, { speaks }: End): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? resolve() : reject(error)))
    socket.once('close', () => resolve())
    socket.resume()
    if (speaks === 'tls') socket.end()
    else socket.end('</stream:stream>')
  })
}

/** A visit of somebody who never comes again. */
async function meet({ end, identity }: Newcomer, { secret }: Credentials): Promise<void> {
  await leave(await visit(end, { identities: { [end.local]: identity }, secret }), end)
  forget(end.local)
}

/** Does something with one end after the other, over and over, so many at a time, while `goesOn`. */
async function inTurn<T>(
  ends: readonly T[],
  atOnce: number,
  goesOn: (done: number) => boolean,
  act: (end: T) => Promise<void>,
): Promise<number> {
  let begun = 0
  const one = async (): Promise<void> => {
    while (goesOn(begun)) {
      const end = ends[begun++ % ends.length]
      if (!end) throw new Error('nowhere to go')
      await act(end)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return begun
}

serveOrders(async (order): Promise<Answer> => {
  if (order.order === 'prepare') {
    newcomers ??= new Newcomers(order.ca)
    waiting = newcomers.make(order.ends, order.count)
    return { told: 'done' }
  }
  if (order.order === 'visit') {
    const { ends, credentials, atOnce, seconds } = order
    const startedAt = now()
    const until = startedAt + seconds * 1000
    const meetNext = (begun: number): boolean => begun < waiting.length && now() < until
    const streams = order.newcomers
      ? await inTurn(waiting, atOnce, meetNext, async (one) => meet(one, credentials))
      : await inTurn(
          ends,
          atOnce,
          () => now() < until,
          async (end) => leave(await visit(end, credentials), end),
        )
    return { told: 'visited', streams, seconds: (now() - startedAt) / 1000 }
  }
  if (order.order !== 'stay') throw new Error(`visitors do not ${order.order}`)
  const { ends, credentials, atOnce, streams } = order
  const wanted = staying.size + streams
  await inTurn(
    ends,
    atOnce,
    (begun) => begun < streams,
    async (end) => {
      const socket = await visit(end, credentials)
      staying.add(socket)
      socket.on('error', (error) => (fault ??= error.message))
      socket.on('close', () => {
        staying.delete(socket)
        fault ??= 'a stream was closed'
      })
      socket.resume()
    },
  )
  if (fault !== undefined || staying.size !== wanted) {
    throw new Error(`${staying.size} of ${wanted} streams are open: ${fault ?? 'nobody knows why'}`)
  }
  return { told: 'done' }
})
