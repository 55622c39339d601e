// The process that holds both ends of a way and one stream at each: for what must be timed by one clock, and for a far end
// that stops taking while the near one goes on.

import type { Socket } from 'node:net'
import { Tree } from '../measure.ts'
import { StanzaCounter } from './counter.ts'
import { openEnds, type Ready } from './meet.ts'
import { now, type Answer, type Order } from './orders.ts'
import { serveOrders } from './serve-orders.ts'
import { makeBlock } from './stanzas.ts'

const PATIENCE_MS = 20_000
/** How long nothing may arrive before what is missing is called lost. */
const SILENCE_MS = 20_000
const BLOCK_STANZAS = 932
const LOOK_MS = 100

const ends: { source?: Ready; sink?: Ready } = {}
let fault: string | undefined
let lastAt = 0
const counter = new StanzaCounter(true)
/** Hears what arrives, while somebody wants to. */
let heard: (chunk: Buffer) => void = () => {}

function take(role: 'source' | 'sink', ready: Ready): void {
  const { socket } = ready
  ends[role] = ready
  socket.on('error', (error) => (fault ??= `the ${role}'s stream broke: ${error.message}`))
  socket.on('close', () => (fault ??= `the ${role}'s stream was closed`))
  socket.on('data', (chunk: Buffer) => {
    if (role === 'source') {
      const said = /<stream:error.*|<\/stream:stream>|\stype=["']error["'].*/s.exec(chunk.toString('latin1'))
      if (said) fault ??= `the source heard: ${said[0].slice(0, 500)}`
      return
    }
    lastAt = now()
    counter.add(chunk)
    heard(chunk)
  })
  if (role === 'sink') counter.add(ready.early)
  socket.resume()
}

async function until(condition: () => boolean, what: string, patienceMs = PATIENCE_MS): Promise<void> {
  const since = now()
  while (!condition()) {
    if (fault !== undefined) throw new Error(fault)
    if (now() - since > patienceMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function bothEnds(): Promise<{ readonly source: Ready; readonly sink: Ready }> {
  await until(() => ends.source !== undefined && ends.sink !== undefined, 'both ends')
  const { source, sink } = ends
  if (!source || !sink) throw new Error('an end is missing')
  return { source, sink }
}

/** Sends stanzas that say in their id when they were sent, one at a time, when each is due. */
async function pace({ perSecond, seconds }: Extract<Order, { order: 'pace' }>): Promise<Answer> {
  const { source } = await bothEnds()
  const { socket, end } = source
  const total = Math.round(perSecond * seconds)
  const times: number[] = []
  const startedAt = now()
  const run = `r${Math.round(startedAt)}.`
  let rest = ''
  heard = (chunk) => {
    const at = now()
    const text = rest + chunk.toString('latin1')
    const pattern = new RegExp(`\\sid=['"]${run}([\\d.]+)['"]`, 'g')
    let read = 0
    for (const match of text.matchAll(pattern)) {
      times.push(at - startedAt - Number(match[1]))
      read = match.index + match[0].length
    }
    rest = text.slice(Math.max(read, text.length - 200))
  }
  const template = makeBlock('chat', { from: end.local, to: end.remote }, 1).bytes.toString('latin1')
  for (let sent = 0; sent < total;) {
    while (sent < total && now() - startedAt >= (sent * 1000) / perSecond) {
      const id = `${run}${(now() - startedAt).toFixed(4)}`
      socket.write(template.replace(/\sid='[^']*'/, ` id='${id}'`))
      sent += 1
    }
    if (fault !== undefined) throw new Error(fault)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await until(() => times.length >= total, `${total - times.length} of ${total} stanzas`)
  heard = () => {}
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
  return { told: 'paced', p50: at(0.5), p99: at(0.99), p999: at(0.999), longest: at(1) }
}

async function stall(o: Extract<Order, { order: 'stall' }>): Promise<Answer> {
  const { source, sink } = await bothEnds()
  const arrivedBefore = counter.stanzas
  sink.socket.pause()
  const offer = new Offer(source, o)
  await new Promise((resolve) => setTimeout(resolve, o.seconds * 1000))
  const takenBytes = offer.bytes
  sink.socket.resume()
  const resumedAt = (lastAt = now())
  await offer.over
  const arrived = (): number => counter.stanzas - arrivedBefore
  const isOver = (): boolean => fault !== undefined || now() - lastAt > SILENCE_MS
  while (arrived() < offer.stanzas && !isOver()) await new Promise((resolve) => setTimeout(resolve, 5))
  if (fault !== undefined) throw new Error(fault)
  if (arrived() !== offer.stanzas) throw new Error(`${offer.stanzas} stanzas were sent, ${arrived()} arrived`)
  const drainSeconds = (lastAt - resumedAt) / 1000
  return { told: 'stalled', sentBytes: offer.bytes, takenBytes, drainSeconds, stopped: offer.stopped }
}

/** Blocks of stanzas, each as soon as the one before is taken, until there is a reason to stop. */
class Offer {
  bytes = 0
  stanzas = 0
  stopped: Extract<Answer, { told: 'stalled' }>['stopped'] = 'all was sent'
  /** Resolves when nothing more is offered. */
  readonly over: Promise<void>

  constructor({ socket, end }: Ready, { bytes, offerSeconds, pid, mostBytes }: Extract<Order, { order: 'stall' }>) {
    const block = makeBlock('chat', { from: end.local, to: end.remote }, BLOCK_STANZAS)
    const deadline = now() + offerSeconds * 1000
    const tree = new Tree(pid)
    let enough: 'time' | 'memory' | undefined
    const watch = setInterval(() => {
      if (now() > deadline) enough = 'time'
      else if (tree.residentBytes() > mostBytes) enough = 'memory'
    }, LOOK_MS)
    this.over = this.#run(socket, block, () => {
      this.stopped = enough ?? 'all was sent'
      return enough !== undefined || fault !== undefined || this.bytes >= bytes
    }).finally(() => clearInterval(watch))
  }

  async #run(socket: Socket, block: ReturnType<typeof makeBlock>, isEnough: () => boolean): Promise<void> {
    while (!isEnough()) {
      const taken = new Promise<void>((resolve) => {
        socket.write(block.bytes, () => resolve())
      })
      await taken
      this.bytes += block.bytes.length
      this.stanzas += block.ends.length
    }
  }
}

serveOrders(async (order): Promise<Answer> => {
  if (order.order === 'pace') return pace(order)
  if (order.order === 'stall') return stall(order)
  if (order.order !== 'open') throw new Error(`a courier does not ${order.order}`)
  const { credentials, purpose } = order
  await openEnds(
    order.ends,
    credentials,
    (ready) => take(purpose === 'source' ? 'source' : 'sink', ready),
    (error) => (fault ??= String(error)),
  )
  return { told: 'done' }
})
