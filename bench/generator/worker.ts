// The bench's side of a process that makes or takes load.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Cleanup } from '../../test/support/program.ts'
import { within } from '../../test/support/within.ts'
import type { Answer, Order } from './orders.ts'

type Told<Kind extends Answer['told']> = Extract<Answer, { told: Kind }>

/** Longer than any order takes: a contestant that takes nothing more, without a word, does not hold up the run for ever. */
const LONGEST_ORDER_MS = 300_000

export class Worker {
  readonly #name: string
  readonly #child: ChildProcess

  private constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
  }

  static start(t: Cleanup, name: 'generator' | 'sink' | 'visitors' | 'courier' | 'clients' | 'bare-core'): Worker {
    const child = fork(join(import.meta.dirname, `${name}.ts`), { execArgv: [] })
    child.on('error', () => {}) // Whoever asks is told by its exit.
    t.after(async () => {
      const gone = once(child, 'exit')
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await gone
    })
    return new Worker(name, child)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Gives an order and waits for its answer. Rejects when it could not be done. */
  async ask<Kind extends Answer['told']>(told: Kind, order: Order): Promise<Told<Kind>> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) throw new Error(`the ${this.#name} has ended`)
    const answered = new Promise<Answer>((resolve, reject) => {
      const ended = (): void => reject(new Error(`the ${this.#name} has ended`))
      this.#child.once('exit', ended)
      this.#child.once('message', (answer: Answer) => {
        this.#child.off('exit', ended)
        resolve(answer)
      })
    })
    this.#child.send(order)
    const answer = await within(LONGEST_ORDER_MS, answered, `an answer of the ${this.#name} to ${order.order}`)
    if (answer.told === told) return answer as Told<Kind>
    throw new Error(answer.told === 'failed' ? answer.why : `the ${this.#name} answered ${answer.told}, not ${told}`)
  }
}
