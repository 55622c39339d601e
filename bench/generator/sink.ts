// The process that takes the load: it holds the far ends of a way and counts every stanza that arrives.

import { StanzaCounter } from './counter.ts'
import { openEnds, type Ready } from './meet.ts'
import { now, type Answer } from './orders.ts'
import { serveOrders } from './serve-orders.ts'

/** How long nothing may arrive before what is missing is called lost. */
const SILENCE_MS = 10_000

const counters: StanzaCounter[] = []
let fault: string | undefined
/** What had been counted before the run. */
let before = { stanzas: 0, bytes: 0 }
let lastAt = 0
let wanted: { readonly stanzas: number; reached(): void } | undefined

function add({ socket, early }: Ready): void {
  const counter = new StanzaCounter()
  counters.push(counter)
  const take = (chunk: Buffer): void => {
    counter.add(chunk)
    lastAt = now()
    if (wanted && total().stanzas - before.stanzas >= wanted.stanzas) wanted.reached()
  }
  take(early)
  socket.on('data', take).resume()
  socket.on('error', (error) => (fault ??= `the sink's stream broke: ${error.message}`))
  socket.on('close', () => (fault ??= `the sink's stream was closed`))
}

function total(): { readonly stanzas: number; readonly bytes: number } {
  const sum = (of: 'stanzas' | 'bytes'): number => counters.reduce((all, one) => all + one[of], 0)
  return { stanzas: sum('stanzas'), bytes: sum('bytes') }
}

async function until(stanzas: number): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const arrived = (): number => total().stanzas - before.stanzas
  wanted = { stanzas, reached: resolve }
  if (arrived() >= stanzas) resolve()
  const since = now()
  const watch = setInterval(() => {
    if (fault !== undefined || now() - Math.max(lastAt, since) > SILENCE_MS) resolve()
  }, 200)
  await promise
  clearInterval(watch)
  wanted = undefined
  if (fault !== undefined) throw new Error(fault)
  if (arrived() !== stanzas) throw new Error(`${stanzas} stanzas were sent, ${arrived()} arrived`)
  return { told: 'counted', stanzas, bytes: total().bytes - before.bytes, lastAt }
}

serveOrders(async (order) => {
  if (order.order === 'reach') return until(order.stanzas)
  if (order.order === 'begin') before = total()
  else if (order.order === 'open') {
    await openEnds(order.ends, order.credentials, add, (error) => (fault ??= String(error)))
  } else throw new Error(`the sink does not ${order.order}`)
  return { told: 'done' }
})
