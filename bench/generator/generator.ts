// The process that makes the load: it holds the source ends of a way and sends prepared stanzas into them, as fast as they
// are taken. What comes back is looked at for answers, and for words that mean that something went wrong.

import type { Socket } from 'node:net'
import { Arrivals } from './arrivals.ts'
import { StanzaCounter } from './counter.ts'
import { openEnds, type Ready } from './meet.ts'
import { blockSize, now, type Answer, type Order } from './orders.ts'
import { serveOrders } from './serve-orders.ts'
import { makeBlock, type Block } from './stanzas.ts'

const PATIENCE_MS = 20_000
const TROUBLE = /<stream:error.*|<\/stream:stream>|\stype=["']error["'].*/s

const answers = new Arrivals('questions')
const streams: Ready[] = []
const blocks = new Map<string, Block>()
let arrived: () => void = () => {}

function listen({ socket, early, end }: Ready): void {
  const counter = new StanzaCounter(false)
  answers.watch(counter)
  const hear = (chunk: Buffer): void => {
    counter.add(chunk)
    answers.came()
    const heard = TROUBLE.exec(chunk.toString('latin1'))
    if (heard) answers.fail(`${end.local} was told: ${heard[0].slice(0, 500)}`)
  }
  hear(early)
  socket.on('data', hear).resume()
  socket.on('error', (error) => answers.fail(`a stream of ${end.local} broke: ${error.message}`))
  socket.on('close', () => answers.fail(`a stream of ${end.local} was closed`))
}

function add(stream: Ready): void {
  listen(stream)
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

async function send(o: Extract<Order, { order: 'send' }>): Promise<Answer> {
  await untilStreams(o.streams)
  const prepared = streams.map(({ end }) => {
    const name = `${o.kind} ${o.writes} ${end.local} ${end.remote}`
    const route = { from: end.local, to: end.remote }
    const block = blocks.get(name) ?? makeBlock(o.kind, route, blockSize(o.kind, o.writes))
    blocks.set(name, block)
    return block
  })
  const startedAt = now()
  const until = startedAt + o.seconds * 1000
  const write = o.writes === 'blocks' ? writeBlocks : writeStanzas
  const sent = await Promise.all(streams.map(({ socket }, i) => write(socket, prepared[i]!, until)))
  if (answers.fault !== undefined) throw new Error(answers.fault)
  const sum = (of: keyof Sent): number => sent.reduce((total, one) => total + one[of], 0)
  return { told: 'sent', stanzas: sum('stanzas'), questions: sum('questions'), bytes: sum('bytes'), startedAt }
}

interface Sent {
  readonly stanzas: number
  readonly questions: number
  readonly bytes: number
}

/** What so many stanzas, block after block, come to. */
function sentOf({ ends, questions }: Block, stanzas: number): Sent {
  const [whole, rest] = [Math.floor(stanzas / ends.length), stanzas % ends.length]
  const upTo = (sums: readonly number[]): number => whole * (sums.at(-1) ?? 0) + (sums[rest - 1] ?? 0)
  return { stanzas, questions: upTo(questions), bytes: upTo(ends) }
}

function writeBlocks(socket: Socket, block: Block, until: number): Promise<Sent> {
  const { bytes, ends } = block
  return new Promise((resolve) => {
    let stanzas = 0
    const next = (): void => {
      if (answers.fault !== undefined || now() > until) return resolve(sentOf(block, stanzas))
      stanzas += ends.length
      socket.write(bytes, next)
    }
    next()
  })
}

/** One stanza a write, and the next when the system has taken it: else Node would put several into one record. */
function writeStanzas(socket: Socket, block: Block, until: number): Promise<Sent> {
  const each = block.ends.map((end, i) => block.bytes.subarray(block.ends[i - 1] ?? 0, end))
  return new Promise((resolve) => {
    // A block is finished, so that questions come in the order that those who answer know.
    let stanzas = 0
    const next = (): void => {
      const begins = stanzas % each.length === 0
      if (answers.fault !== undefined || (begins && now() > until)) return resolve(sentOf(block, stanzas))
      socket.write(each[stanzas % each.length]!, next)
      stanzas += 1
    }
    next()
  })
}

serveOrders(async (order) => {
  if (order.order === 'send') return send(order)
  if (order.order === 'reach') return answers.until(order.count)
  if (order.order === 'begin') answers.begin()
  else if (order.order === 'open') {
    const ready = order.purpose === 'answers' ? listen : add
    await openEnds(order.ends, order.credentials, ready, (error) => answers.fail(String(error)))
  } else throw new Error(`the generator does not ${order.order}`)
  return { told: 'done' }
})
