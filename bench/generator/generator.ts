// The process that makes the load: it holds the source ends of a way and sends prepared stanzas into them, as fast as they
// are taken.

import type { Socket } from 'node:net'
import { openEnds, type Ready } from './meet.ts'
import { now, type Answer, type Order } from './orders.ts'
import { serveOrders } from './serve-orders.ts'
import { makeBlock, type Block } from './stanzas.ts'

/** Stanzas of a block, by how they are written. */
const BLOCK_STANZAS = { blocks: 932, stanzas: 64 }
const PATIENCE_MS = 20_000

const streams: Ready[] = []
let fault: string | undefined
let arrived: () => void = () => {}

function add(stream: Ready): void {
  const { socket, early } = stream
  const listen = (chunk: Buffer): void => {
    const heard = /<stream:error.*|<\/stream:stream>|\stype=["']error["'].*/s.exec(chunk.toString('latin1'))
    if (heard) fault ??= `the generator heard: ${heard[0].slice(0, 500)}`
  }
  listen(early)
  socket.on('data', listen).resume()
  socket.on('error', (error) => (fault ??= `the generator's stream broke: ${error.message}`))
  socket.on('close', () => (fault ??= `the generator's stream was closed`))
  streams.push(stream)
  arrived()
}

async function untilStreams(count: number): Promise<void> {
  const deadline = now() + PATIENCE_MS
  while (streams.length < count) {
    const { promise, resolve } = Promise.withResolvers<void>()
    arrived = resolve
    const timer = setTimeout(resolve, PATIENCE_MS)
    await promise
    clearTimeout(timer)
    if (now() > deadline) throw new Error(`only ${streams.length} of ${count} streams came`)
  }
}

const blocks = new Map<string, Block>()

async function send(o: Extract<Order, { order: 'send' }>): Promise<Answer> {
  await untilStreams(o.streams)
  const prepared = streams.map(({ end }) => {
    const name = `${o.kind} ${o.writes} ${end.local} ${end.remote}`
    const block = blocks.get(name) ?? makeBlock(o.kind, { from: end.local, to: end.remote }, BLOCK_STANZAS[o.writes])
    blocks.set(name, block)
    return block
  })
  const startedAt = now()
  const until = startedAt + o.seconds * 1000
  const write = o.writes === 'blocks' ? writeBlocks : writeStanzas
  const sent = await Promise.all(streams.map(({ socket }, i) => write(socket, prepared[i]!, until)))
  if (fault !== undefined) throw new Error(fault)
  const sum = (of: 'stanzas' | 'bytes'): number => sent.reduce((total, one) => total + one[of], 0)
  return { told: 'sent', stanzas: sum('stanzas'), bytes: sum('bytes'), startedAt }
}

interface Sent {
  readonly stanzas: number
  readonly bytes: number
}

function writeBlocks(socket: Socket, { bytes, ends }: Block, until: number): Promise<Sent> {
  return new Promise((resolve) => {
    let written = 0
    const next = (): void => {
      if (fault !== undefined || now() > until) {
        resolve({ stanzas: written * ends.length, bytes: written * bytes.length })
        return
      }
      written += 1
      socket.write(bytes, next)
    }
    next()
  })
}

/** One stanza a write, and the next when the system has taken it: else Node would put several into one record. */
function writeStanzas(socket: Socket, { bytes, ends }: Block, until: number): Promise<Sent> {
  const stanzas = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end))
  return new Promise((resolve) => {
    let [written, size] = [0, 0]
    const next = (): void => {
      if (fault !== undefined || now() > until) {
        resolve({ stanzas: written, bytes: size })
        return
      }
      const stanza = stanzas[written % stanzas.length]!
      written += 1
      size += stanza.length
      socket.write(stanza, next)
    }
    next()
  })
}

serveOrders(async (order) => {
  if (order.order === 'send') return send(order)
  if (order.order !== 'open') throw new Error(`the generator does not ${order.order}`)
  await openEnds(order.ends, order.credentials, add, (error) => (fault ??= String(error)))
  return { told: 'done' }
})
