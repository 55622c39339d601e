// A port of this machine that swallows whatever comes: a stopped process accepts nothing, and once the queue of its listener
// is full, the kernel drops what else comes.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const SCRIPT = `const [host, port] = process.argv.slice(1)
const s = require('net').createServer().listen({ port, host, backlog: 1 }, () => console.log(s.address().port))`

export class BlackHole implements AsyncDisposable {
  readonly port: number
  readonly #child: ChildProcess
  readonly #fillers: readonly Socket[]

  private constructor(port: number, child: ChildProcess, fillers: readonly Socket[]) {
    this.port = port
    this.#child = child
    this.#fillers = fillers
  }

  /** `wanted` 0: any free port. */
  static async open(host = '127.0.0.1', wanted = 0): Promise<BlackHole> {
    const child = spawn(process.execPath, ['-e', SCRIPT, host, String(wanted)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line]: unknown[] = await once(child.stdout, 'data')
    const port = Number(String(line))
    child.kill('SIGSTOP')
    const fillers = [1, 2, 3].map(() => connect({ host, port }).on('error', () => {}))
    await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')))
    return new BlackHole(port, child, fillers)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const filler of this.#fillers) filler.destroy()
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}
