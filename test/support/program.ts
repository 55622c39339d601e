// Real programs as children of a test: started in the foreground, logged into a file, never left behind.
//
// Rule 1: ready means that the program says so in its log; nobody sleeps and hopes.
// Rule 2: the child dies with the test process, also when that is killed (PR_SET_PDEATHSIG, by setpriv of util-linux).
// Rule 3: the log is kept in memory for assertions and in a file for people; `tail()` goes into the message of a failure.

import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { WriteStream } from 'node:fs'
import { text } from 'node:stream/consumers'
import { StringDecoder } from 'node:string_decoder'
import { within } from './within.ts'

/** What of node:test's context a helper needs: a place for its cleaning up. */
export interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

export interface ProgramOptions {
  /** For messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly logFile: string
  /** A line that the program writes once it serves. */
  readonly ready: RegExp
  readonly readyMs?: number
  /** How it is asked to end; whoever does not listen within two seconds is killed. */
  readonly signal?: NodeJS.Signals
}

export interface Log {
  readonly file: string
  /** Number of lines so far: a mark for `expect` and `lines`. */
  readonly length: number
  /** The lines since the mark that match. */
  lines(pattern: RegExp, since?: number): readonly string[]
  /** The first line since the mark that matches, as soon as there is one, `unless` something comes before it. */
  expect(
    pattern: RegExp,
    options?: { readonly since?: number; readonly ms?: number; readonly unless?: Promise<never> },
  ): Promise<RegExpExecArray>
  tail(lines?: number): string
}

class Lines implements Log {
  readonly file: string
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  readonly #sink: WriteStream
  readonly #name: string
  #rest = ''

  constructor(name: string, file: string) {
    this.#name = name
    this.file = file
    this.#sink = createWriteStream(file, { flags: 'a' })
  }

  get length(): number {
    return this.#lines.length
  }

  push(written: string): void {
    this.#sink.write(written)
    const lines = (this.#rest + written).split('\n')
    this.#rest = lines.pop() ?? ''
    if (lines.length === 0) return
    for (const line of lines) this.#lines.push(line)
    for (const look of this.#waiting) look()
  }

  close(): void {
    this.#sink.end()
  }

  lines(pattern: RegExp, since = 0): readonly string[] {
    return this.#lines.slice(since).filter((line) => pattern.test(line))
  }

  async expect(
    pattern: RegExp,
    { since = 0, ms = 15_000, unless }: { since?: number; ms?: number; unless?: Promise<never> } = {},
  ): Promise<RegExpExecArray> {
    let next = since
    const find = (): RegExpExecArray | undefined => {
      for (; next < this.#lines.length; next++) {
        const found = pattern.exec(this.#lines[next] ?? '')
        if (found) return found
      }
      return undefined
    }
    const already = find()
    if (already) return already
    const { promise, resolve } = Promise.withResolvers<RegExpExecArray>()
    const look = (): void => {
      const found = find()
      if (found) resolve(found)
    }
    this.#waiting.add(look)
    try {
      const first = unless ? Promise.race([promise, unless]) : promise
      return await within(ms, first, () => `${this.#name} never logged ${pattern}\n${this.tail()}`)
    } finally {
      this.#waiting.delete(look)
    }
  }

  tail(lines = 40): string {
    return [`--- ${this.#name}, end of ${this.file}`, ...this.#lines.slice(-lines)].join('\n')
  }
}

export class Program implements AsyncDisposable {
  readonly name: string
  readonly log: Log
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exited: Promise<number | string>
  readonly #signal: NodeJS.Signals
  #running = true

  private constructor(o: ProgramOptions, log: Lines) {
    this.name = o.name
    this.log = log
    this.#signal = o.signal ?? 'SIGTERM'
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', o.command, ...o.args], {
      cwd: o.cwd,
      env: { ...process.env, ...o.env },
    })
    for (const pipe of [this.#child.stdout, this.#child.stderr]) {
      const decoder = new StringDecoder('utf8')
      pipe.on('data', (chunk: Buffer) => log.push(decoder.write(chunk)))
    }
    this.#child.stdin.on('error', () => {}) // A dead child is reported by its exit.
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message))
      this.#child.once('close', (code, signal) => resolve(signal ?? code ?? 'unknown'))
    })
    this.#child.once('close', () => {
      this.#running = false
      log.close()
    })
  }

  /** Starts the program and resolves when its log says that it is ready. Rejects, with its log, when it is not to be. */
  static async start(t: Cleanup, o: ProgramOptions): Promise<Program> {
    const program = new Program(o, new Lines(o.name, o.logFile))
    t.after(() => program[Symbol.asyncDispose]())
    const failed = program.#exited.then((how) => {
      throw new Error(`${o.name} ended (${how}) before it was ready\n${program.log.tail()}`)
    })
    failed.catch(() => {}) // Once it is ready, whoever minds asks for `exited`.
    await program.log.expect(o.ready, { ms: o.readyMs ?? 90_000, unless: failed })
    return program
  }

  /** Writes a line to its standard input. */
  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Resolves with the exit code, or the signal, once the program is gone. */
  get exited(): Promise<number | string> {
    return this.#exited
  }

  kill(signal: NodeJS.Signals = this.#signal): void {
    if (this.#running) this.#child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#running) return
    this.kill()
    const timer = setTimeout(() => this.kill('SIGKILL'), 2_000)
    await this.#exited
    clearTimeout(timer)
  }
}

/** Runs a program to its end. Gives back what it wrote and its exit code; never rejects because of the code. */
export async function run(
  command: string,
  args: readonly string[],
  o: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>>; readonly ms?: number } = {},
): Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(command, args, { cwd: o.cwd, env: { ...process.env, ...o.env }, timeout: o.ms ?? 30_000 })
  child.stdin.end()
  const [stdout, stderr, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: signal ?? code, stdout, stderr }
}
