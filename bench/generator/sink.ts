// The process that takes the load: it holds the far ends of a way, counts every stanza that arrives, and answers questions
// where it is told to.

import { Arrivals } from './arrivals.ts'
import { StanzaCounter } from './counter.ts'
import { openEnds, type Ready } from './meet.ts'
import { blockSize } from './orders.ts'
import { serveOrders } from './serve-orders.ts'
import { makeAnswers, type LoadKind } from './stanzas.ts'

const arrivals = new Arrivals('stanzas')
let answers: readonly Buffer[] = []

function add({ socket, early, end }: Ready, kind: LoadKind): void {
  const counter = new StanzaCounter(kind === 'chat')
  arrivals.watch(counter)
  let answered = 0
  const take = (chunk: Buffer): void => {
    counter.add(chunk)
    arrivals.came()
    if (answers.length === 0 || counter.questions === answered) return
    const due = Array.from({ length: counter.questions - answered }, () => answers[answered++ % answers.length]!)
    socket.write(Buffer.concat(due))
  }
  take(early)
  socket.on('data', take).resume()
  socket.on('error', (error) => arrivals.fail(`a stream to ${end.local} broke: ${error.message}`))
  socket.on('close', () => arrivals.fail(`a stream to ${end.local} was closed`))
}

serveOrders(async (order) => {
  if (order.order === 'reach') return arrivals.until(order.count)
  if (order.order === 'begin') arrivals.begin()
  else if (order.order === 'answer') {
    answers = makeAnswers(order.kind, order.route, blockSize(order.kind, order.writes))
  } else if (order.order === 'open') {
    const { ends, credentials, kind } = order
    await openEnds(
      ends,
      credentials,
      (stream) => add(stream, kind),
      (error) => arrivals.fail(String(error)),
    )
  } else throw new Error(`the sink does not ${order.order}`)
  return { told: 'done' }
})
