// Taking a running gateway out of service, and back into it.
//
// Rule 1: readiness fails first. Only when a balancer has had the time to notice is anybody turned away.
// Rule 2: then new streams are refused, and those that peers have to us close one after another, so that not all come
//         back elsewhere at once. What is still up works as ever.
// Rule 3: when no peer can send any more, what waits goes back, the answers get their time, and our own streams close
//         one after another too. From then on no link is made. Once begun this is finished: an undo waits for it, and what was
//         wished last holds.
// Rule 4: each step has its time. What is left then is cut.

import type { Settings } from '../config/settings.ts'
import type { Stream } from '../net/stream.ts'
import type { Bounce } from './bounce.ts'
import type { Service } from './control.ts'
import { paced, patiently, pause } from './pace.ts'
import type { Ways } from './ways.ts'

/** Why it is done: an administrator's wish, or the end of the process. */
export type DrainReason = 'SP-629' | 'SP-471'

export interface DrainTimes {
  /** From the end of readiness to the first refusal. */
  readonly noticeMs: number
  /** Over which streams close. */
  readonly paceMs: number
  /** For the answers to what is sent back. */
  readonly drainMs: number
  /** For the closing handshakes. */
  readonly closeMs: number
}

/** The times of the settings. Where nobody can ask whether we are ready, nobody needs time to notice. */
export function drainTimes({ listen, limits }: Settings): DrainTimes {
  const { drainNoticeMs, drainPaceMs, drainMs, closeMs } = limits
  return { noticeMs: listen.admin ? drainNoticeMs : 0, paceMs: drainPaceMs, drainMs, closeMs }
}

export interface DrainingOptions {
  readonly ways: Pick<Ways, 'all' | 'busy' | 'close' | 'reopen'>
  /** Every stream that is up. */
  streams(): Iterable<Stream>
  /** Every session of a remote user. */
  sessions(): Iterable<{ end(reason: DrainReason, detail: string): void }>
  /** What waits there goes on. */
  readonly limiting: { letGo(): void }
  /** Answers whoever still waits for an answer that can come no more. */
  settle(why: Bounce): void
  /** Gives up what holds attempts: questions to DNS. */
  abandon(): void
  times(): DrainTimes
  reference(): string
  now(): number
  changed(state: Service['state']): void
}

/** One time through; an undo ends it where it can. */
interface Pass {
  readonly hurry: AbortController
  undone: boolean
}

interface Run {
  done: Promise<void>
  pass: Pass
}

const begin = (): Pass => ({ hurry: new AbortController(), undone: false })

export class Draining {
  readonly #options: DrainingOptions
  #state: Service['state'] = 'serving'
  #since: number | undefined
  #reason: DrainReason | undefined
  #run: Run | undefined

  constructor(options: DrainingOptions) {
    this.#options = options
  }

  get service(): Service {
    return { state: this.#state, since: this.#since === undefined ? undefined : new Date(this.#since).toISOString() }
  }

  /** Why new streams are refused; undefined: they are not. */
  get refuses(): DrainReason | undefined {
    return this.#reason
  }

  /** Resolves when nothing is left. What is under way already goes on. */
  start(reason: DrainReason): Promise<void> {
    if (this.#run) return this.#run.pass.undone ? this.#anew(reason, this.#run) : this.#run.done
    const run: Run = { done: Promise.resolve(), pass: begin() }
    this.#run = run
    this.#become('draining')
    run.done = this.#drain(reason, run.pass)
    return run.done
  }

  /** Calls off an undo that waits still. */
  #anew(reason: DrainReason, run: Run): Promise<void> {
    const pass = begin()
    run.pass = pass
    run.done = run.done.then(() => (this.#state === 'drained' ? undefined : this.#drain(reason, pass)))
    return run.done
  }

  /** Resolves when nothing is left and nothing comes back: at once, as far as peers allow. */
  async finish(reason: DrainReason): Promise<void> {
    while (this.#state !== 'drained') {
      const done = this.start(reason)
      this.hasten()
      await done
    }
  }

  /** There is no time to wait for balancers or to pace anything. */
  hasten(): void {
    this.#run?.pass.hurry.abort()
  }

  /** Back into service, at once or when what has begun is finished. */
  async undo(): Promise<void> {
    const run = this.#run
    if (!run) return
    const { pass } = run
    pass.undone = true
    pass.hurry.abort()
    await run.done
    if (this.#run !== run || run.pass !== pass) return
    this.#run = undefined
    this.#reason = undefined
    this.#options.ways.reopen()
    this.#become('serving')
  }

  async #drain(reason: DrainReason, pass: Pass): Promise<void> {
    const { ways, streams, sessions, limiting, settle, abandon, times, reference } = this.#options
    const { signal } = pass.hurry
    await pause(times().noticeMs, signal)
    if (pass.undone) return
    this.#reason = reason
    const detail = reason === 'SP-471' ? 'the gateway is stopped' : 'the gateway is being drained'
    const end = (stream: Stream): void => stream.close(reason, { detail, reference: reference() })
    await paced([...sessions()], times().paceMs, signal, (session) => pass.undone || session.end(reason, detail))
    // What goes both ways still carries our answers: there the peer is only heard no more.
    const hushed: Stream[] = []
    const theirs = [...streams()].filter(({ info }) => info.bidi || info.role === 'receiving')
    await paced(theirs, times().paceMs, signal, (stream) => {
      if (pass.undone || !stream.open) return
      if (!stream.info.bidi) return end(stream)
      stream.hush()
      hushed.push(stream)
    })
    if (pass.undone) return hushed.forEach(end)

    const why = { reason, detail, reference: reference() }
    limiting.letGo()
    settle(why)
    for (const link of ways.all()) link.stop(why)
    await patiently(times().drainMs, () => {
      for (const link of ways.all()) link.forgo()
      return ways.busy()
    })
    ways.close()
    abandon()
    await paced([...ways.all()], times().paceMs, signal, (link) => link.close(why))
    const left = [...streams()]
    for (const stream of left) if (stream.open) end(stream)
    const gone = Promise.all(left.map(async (stream) => stream[Symbol.asyncDispose]()))
    let closing = true
    void gone.finally(() => (closing = false))
    await patiently(times().closeMs, () => (closing ? [gone, ...ways.busy()] : ways.busy()))
    for (const stream of left) stream.destroy()
    this.#become('drained')
  }

  #become(state: Service['state']): void {
    this.#state = state
    if (state !== 'drained') this.#since = state === 'serving' ? undefined : this.#options.now()
    this.#options.changed(state)
  }
}
