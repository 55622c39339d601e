// `serve` as a process of its own, exactly as it would run anywhere else, and its log.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'

const PATIENCE_MS = 30_000
const PARTING_MS = 5000

export class Serving implements AsyncDisposable {
  readonly #log: string[] = []
  #process: ChildProcess | undefined
  #isAsked = false

  /** Runs the gateway of an installation; resolves when it listens. @throws with the end of its log when it does not */
  async start(script: string, directory: string): Promise<void> {
    const child = spawn(process.execPath, [script, 'serve', '--directory', directory], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#process = child
    this.#isAsked = false
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const because = (what: string): Error => new Error(`${what}:\n${this.#log.slice(-20).join('\n')}`)
    const timer = setTimeout(() => reject(because('the gateway is not up')), PATIENCE_MS)
    let rest = ''
    const read = (data: Buffer): void => {
      const lines = (rest + data.toString()).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        this.#log.push(line)
        if (line.includes('"event":"gateway.started"')) resolve()
      }
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', (code) => reject(because(`the gateway ended with ${code}`)))
    await promise.finally(() => clearTimeout(timer))
  }

  /** Of the process that runs it. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  /** How it has ended though nobody here has asked it to; undefined: it has not. */
  get ended(): string | undefined {
    const { exitCode = null, signalCode = null } = this.#isAsked ? {} : (this.#process ?? {})
    if (signalCode !== null) return `by ${signalCode}`
    return exitCode === null ? undefined : `with exit code ${exitCode}`
  }

  /** Its log so far, a line of JSON each. */
  log(): readonly string[] {
    return this.#log
  }

  /** In good order, or by force when that takes too long. It can be started again. */
  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), PARTING_MS)
    await once(child, 'exit')
    clearTimeout(timer)
  }

  /** Asks it to end, and does not wait. */
  ask(): void {
    this.#isAsked = true
    this.#process?.kill('SIGTERM')
  }

  /** Without any order. It can be started again. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
