// The frame of a process that makes or takes load: it gets orders from the bench, and ends with it.

import { type Answer, type Order } from './orders.ts'

/** Performs orders, one after the other, until the bench is gone. */
export function serveOrders(perform: (order: Order) => Promise<Answer>): void {
  const answer = (given: Answer): void => void process.send?.(given)
  process.on('message', (order: Order) => {
    perform(order).then(answer, (error: unknown) => {
      answer({ told: 'failed', why: error instanceof Error ? error.message : String(error) })
    })
  })
  process.on('disconnect', () => process.exit())
}
