// Reading what is long, or many files, without holding anybody up: on a thread that is there while there is something to read.
//
// Rule 1: what is read comes out the same on either way.
// Rule 2: one request after the other, none of them large: what comes back is taken in within a short turn.
// Rule 3: what ends the thread, or keeps it too long, costs time: files of partners the caller then reads for itself, each of them short;
// a long policy nobody reads on the thread that serves traffic: what is known of it stays, that is told, and it is tried again.
// Rule 4: after its end nothing is read, and nobody waits.

import { basename } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Partner } from '../policy/partner.ts'
import type { Policy } from '../policy/remote/grants.ts'
import type { Finding } from './finding.ts'
import { lineOfTable, type LineTable } from './line-table.ts'
import type { PartnerReading, Place, PolicyReading } from './readings.ts'
import { readYaml, type YamlFile } from './yaml.ts'

const IDLE_MS = 10_000
/** The longest policy takes some seconds. */
const LONGEST_MS = 60_000
/** Files of partners in one request. */
const BATCH = 50

export type ThreadRequest =
  | { readonly text: string; readonly place: Place }
  | { readonly files: readonly PartnerFile[]; readonly root: string }

export interface PartnerFile {
  readonly path: string
  /** Its name for the operator. */
  readonly shown: string
}

export interface PolicyOnThread {
  readonly yaml: { readonly value: unknown; readonly lines: LineTable } | undefined
  readonly policy: Policy | undefined
  readonly findings: readonly Finding[]
}

/** A file that could not be read. */
export interface Unread {
  readonly problem?: string | undefined
  readonly missing?: boolean
}

export type PartnersOnThread = readonly (
  | { readonly unread: Unread }
  | {
      readonly text: string
      readonly partner: Partner | undefined
      readonly findings: readonly Finding[]
      readonly isYaml: boolean
    }
)[]

export type ThreadAnswer = { readonly policy: PolicyOnThread } | { readonly partners: PartnersOnThread }

export class ThreadReader implements AsyncDisposable {
  readonly #program: URL
  #worker: Worker | undefined
  #last: Promise<unknown> = Promise.resolve()
  #idle: NodeJS.Timeout | undefined
  #disposed = false
  #answered: ((answer: ThreadAnswer | undefined) => void) | undefined

  constructor(program = new URL('reading-thread.ts', import.meta.url)) {
    this.#program = program
  }

  /** The text of policy.yaml → its reading; undefined: the thread could not. */
  async policy(text: string, place: Place): Promise<PolicyReading | undefined> {
    const answer = await this.#ask({ text, place })
    if (answer === undefined || !('policy' in answer)) return undefined
    const { yaml, policy, findings } = answer.policy
    if (yaml === undefined) return { yaml, policy, findings }
    const { value, lines } = yaml
    return { yaml: { file: place.file, value, lineOf: lineOfTable(value, lines) }, policy, findings }
  }

  /** Files of partners, some at a time; fewer than were asked for where the thread could not go on. */
  async *partners(
    files: readonly PartnerFile[],
    root: string,
  ): AsyncIterable<readonly [PartnerFile, PartnerReading | Unread]> {
    for (let from = 0; from < files.length; from += BATCH) {
      const some = files.slice(from, from + BATCH)
      const answer = await this.#ask({ files: some, root })
      if (answer === undefined || !('partners' in answer)) return
      for (const [index, one] of answer.partners.entries()) {
        const file = some[index]!
        yield [file, 'unread' in one ? one.unread : readingOf(one, file)]
      }
    }
  }

  /** What waits for an answer then has none. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true
    const worker = this.#leave()
    this.#answered?.(undefined)
    await worker?.terminate()
  }

  /** One after the other; undefined where there is no answer. */
  #ask(request: ThreadRequest): Promise<ThreadAnswer | undefined> {
    const answer = this.#last.then(() => this.#askNow(request))
    this.#last = answer
    return answer
  }

  async #askNow(request: ThreadRequest): Promise<ThreadAnswer | undefined> {
    if (this.#disposed) return undefined
    clearTimeout(this.#idle)
    const { promise, resolve } = Promise.withResolvers<ThreadAnswer | undefined>()
    this.#answered = resolve
    const late = setTimeout(() => resolve(undefined), LONGEST_MS)
    try {
      const worker = (this.#worker ??= this.#start())
      worker.ref()
      worker.postMessage(request, [])
    } catch {
      resolve(undefined)
    }
    const answer = await promise
    clearTimeout(late)
    if (answer === undefined) void this.#leave()?.terminate()
    this.#worker?.unref()
    this.#idle = setTimeout(() => void this.#leave()?.terminate(), IDLE_MS).unref()
    return answer
  }

  #start(): Worker {
    const worker = new Worker(this.#program)
    const answered = (answer?: ThreadAnswer): void => {
      if (this.#worker === worker) this.#answered?.(answer)
    }
    const ended = (): void => {
      answered()
      if (this.#worker === worker) this.#leave() // Nobody is to ask one that has ended.
    }
    worker.on('message', (answer: ThreadAnswer) => answered(answer))
    worker.on('error', ended)
    worker.on('exit', ended)
    return worker
  }

  #leave(): Worker | undefined {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    return worker
  }
}

/** Of such a small file lines are found where somebody asks for them. */
function readingOf(
  { text, partner, findings, isYaml }: Exclude<PartnersOnThread[number], { unread: Unread }>,
  { shown }: PartnerFile,
): PartnerReading {
  let read: YamlFile | undefined
  const whole = (): YamlFile | undefined => (read ??= readYaml(text, shown).yaml)
  const yaml: YamlFile = {
    file: shown,
    get value() {
      return whole()?.value
    },
    lineOf: (...place) => whole()?.lineOf(...place),
  }
  return { name: basename(shown), text, yaml: isYaml ? yaml : undefined, partner, findings }
}
