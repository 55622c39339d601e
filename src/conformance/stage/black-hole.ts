// A port of this machine that swallows whatever comes: a stopped process accepts nothing, and once the queue of its listener
// is full, the kernel drops what else comes.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { execPath } from 'node:process'

const SCRIPT = `const [host, port] = process.argv.slice(1)
require('net').createServer().listen({ port, host, backlog: 1, ipv6Only: true }, () => console.log('up'))`
const PATIENCE_MS = 5000

export class BlackHole implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #fillers: readonly Socket[]

  private constructor(child: ChildProcess, fillers: readonly Socket[]) {
    this.#child = child
    this.#fillers = fillers
  }

  /** @throws when nothing can listen there */
  static async open(host: string, port: number): Promise<BlackHole> {
    const child = spawn(execPath, ['-e', SCRIPT, host, String(port)], { stdio: ['ignore', 'pipe', 'ignore'] })
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error(`nothing can listen on ${host} port ${port}`))),
    ])
    child.kill('SIGSTOP')
    const fillers = [1, 2, 3].map(() => connect({ host, port }).on('error', () => undefined))
    const signal = AbortSignal.timeout(PATIENCE_MS)
    await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect', { signal })))
    return new BlackHole(child, fillers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const filler of this.#fillers) filler.destroy()
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
