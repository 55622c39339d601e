// A port of this machine that swallows whatever comes: a stopped process accepts nothing, and once the queue of its listener
// is full, the kernel drops what else comes.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { execPath } from 'node:process'

const SCRIPT = `const [host, port] = process.argv.slice(1)
require('net').createServer().listen({ port, host, backlog: 1, ipv6Only: true }, () => console.log('up'))`
const PATIENCE_MS = 5000

export class BlackHole implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack

  private constructor(stack: AsyncDisposableStack) {
    this.#stack = stack
  }

  /** @throws when nothing can listen there */
  static async open(host: string, port: number): Promise<BlackHole> {
    const child = spawn(execPath, ['-e', SCRIPT, host, String(port)], { stdio: ['ignore', 'pipe', 'ignore'] })
    await using stack = new AsyncDisposableStack()
    stack.defer(() => ended(child))
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error(`nothing can listen on ${host} port ${port}`))),
    ])
    child.kill('SIGSTOP')
    const fillers = [1, 2, 3].map(() => connect({ host, port }).on('error', () => undefined))
    stack.defer(() => fillers.forEach((filler) => filler.destroy()))
    const signal = AbortSignal.timeout(PATIENCE_MS)
    await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect', { signal })))
    return new BlackHole(stack.move())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
