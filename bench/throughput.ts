// The measurement behind most workloads: stanzas are sent for some seconds, as fast as they are taken, and the time counts
// until the last one has arrived.
//
// Rule 1: every stanza that was sent must arrive, in every run and in the warm-up; else there is no figure.
// Rule 2: the generator's and the sink's own time is told beside, so that one can see whom a figure is the limit of.

import type { Cleanup, Program } from '../test/support/program.ts'
import type { Contestant } from './contestants/contestant.ts'
import type { Writes } from './generator/orders.ts'
import type { LoadKind } from './generator/stanzas.ts'
import type { End } from './generator/ends.ts'
import { Worker } from './generator/worker.ts'
import { MemoryWatch, Tree } from './measure.ts'
import { figure, type FigureKind, type Figures } from './results.ts'
import { makeSetting, OURS, type Way } from './setting.ts'
import type { MeasureOptions, Workload } from './workloads/workload.ts'

/** About what a contestant needs to start and to end, and what was sent to arrive. */
const [START_SECONDS, DRAIN_SECONDS] = [4, 0.3]

export interface ThroughputOptions {
  readonly name: string
  readonly about: string
  readonly way: Way
  readonly load: LoadKind
  readonly writes: Writes
  /** How many partners have a stream. */
  readonly partners: number
  /** How many are on the list. */
  readonly entries: number
  /** A policy of many groups and rules holds for them. */
  readonly policy?: boolean
}

/** What was measured while stanzas went through. Times are in seconds. */
export interface Stretch {
  readonly stanzas: number
  readonly elapsed: number
  /** Processor time of the contestant, of the generator and of the sink. */
  readonly cpu: number
  readonly generatorCpu: number
  readonly sinkCpu: number
  readonly peakBytes: number
}

/** Figures of one run. */
export interface Sample {
  readonly perSecond: number
  readonly perCpuSecond: number
  readonly microseconds: number
  readonly cores: number
  readonly generatorCores: number
  readonly sinkCores: number
  readonly peakBytes: number
}

const KINDS: Readonly<Record<keyof Sample, FigureKind>> = {
  perSecond: { about: 'stanzas per second', unit: 'per second', better: 'more' },
  perCpuSecond: { about: 'stanzas per second of its processor time', unit: 'per CPU-second', better: 'more' },
  microseconds: { about: 'processor time for a stanza', unit: 'µs', better: 'less' },
  cores: { about: 'processors that it kept busy', unit: 'cores', better: 'neither' },
  generatorCores: { about: 'processors that the generator kept busy', unit: 'cores', better: 'neither' },
  sinkCores: { about: 'processors that the sink kept busy', unit: 'cores', better: 'neither' },
  peakBytes: { about: 'most resident memory', unit: 'bytes', better: 'less' },
}

export function throughput(o: ThroughputOptions): Workload {
  return {
    name: o.name,
    about: o.about,
    refuses: (contestant) => contestant.refuses(o.way),
    seconds: ({ runs, seconds, warmUpSeconds }) => START_SECONDS + warmUpSeconds + runs * (seconds + DRAIN_SECONDS),
    async measure(contestant, options) {
      await using path = await Path.open(contestant, o, options)
      await path.run(options.warmUpSeconds)
      const samples: Sample[] = []
      for (let i = 0; i < options.runs; i++) {
        const sample = sampleOf(await path.run(options.seconds))
        samples.push(sample)
        options.tell(describe(sample))
      }
      return figuresOf(samples)
    },
  }
}

/** One run, in one stretch or in several. */
export function sampleOf(...stretches: readonly Stretch[]): Sample {
  const sum = (of: keyof Stretch): number => stretches.reduce((total, stretch) => total + stretch[of], 0)
  const [stanzas, elapsed, cpu] = [sum('stanzas'), sum('elapsed'), sum('cpu')]
  return {
    perSecond: stanzas / elapsed,
    perCpuSecond: stanzas / cpu,
    microseconds: (cpu / stanzas) * 1e6,
    cores: cpu / elapsed,
    generatorCores: sum('generatorCpu') / elapsed,
    sinkCores: sum('sinkCpu') / elapsed,
    peakBytes: Math.max(...stretches.map(({ peakBytes }) => peakBytes)),
  }
}

export function figuresOf(samples: readonly Sample[]): Figures {
  return Object.fromEntries(
    Object.entries(KINDS).map(([name, kind]) => [
      name,
      figure(
        kind,
        samples.map((sample) => sample[name as keyof Sample]),
      ),
    ]),
  )
}

export function describe(sample: Sample): string {
  const { perSecond, perCpuSecond, microseconds, cores, generatorCores, sinkCores, peakBytes } = sample
  const thousands = (value: number): string => `${(value / 1000).toFixed(1)} k`
  return [
    `${thousands(perSecond)}/s`,
    `${thousands(perCpuSecond)}/CPU-s`,
    `${microseconds.toFixed(2)} µs each`,
    `${[cores, generatorCores, sinkCores].map((one) => one.toFixed(2)).join(' + ')} cores`,
    `${(peakBytes / 2 ** 20).toFixed(0)} MB`,
  ].join(' · ')
}

/** A contestant that runs, between a generator and a sink. */
export class Path implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack
  readonly #program: Program
  readonly #generator: Worker
  readonly #sink: Worker
  readonly #o: ThroughputOptions

  private constructor(
    parts: { stack: AsyncDisposableStack; program: Program; generator: Worker; sink: Worker },
    o: ThroughputOptions,
  ) {
    this.#stack = parts.stack
    this.#program = parts.program
    this.#generator = parts.generator
    this.#sink = parts.sink
    this.#o = o
  }

  static async open(
    contestant: Contestant,
    o: ThroughputOptions,
    { profileFolder }: Pick<MeasureOptions, 'profileFolder'>,
  ): Promise<Path> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const setting = await makeSetting(t, o)
    const [generator, sink] = [Worker.start(t, 'generator'), Worker.start(t, 'sink')]
    const { credentials, partners } = setting
    const { source, sink: far, answers = [] } = contestant.ends(setting)
    const open = async (opens: 'we' | 'they'): Promise<void> => {
      const chosen = (ends: readonly End[]): readonly End[] => ends.filter((end) => end.opens === opens)
      const order = { order: 'open', kind: o.load, credentials } as const
      await sink.ask('done', { ...order, purpose: 'sink', ends: chosen(far) })
      await generator.ask('done', { ...order, purpose: 'answers', ends: chosen(answers) })
      await generator.ask('done', { ...order, purpose: 'source', ends: chosen(source) })
    }
    await open('they')
    const program = await contestant.start(t, setting, { profileFolder })
    await open('we')
    const route = { from: partners[0] ?? '', to: OURS }
    if (o.load === 'mixed') await sink.ask('done', { order: 'answer', kind: o.load, writes: o.writes, route })
    return new Path({ stack: stack.move(), program, generator, sink }, o)
  }

  /** Sends for so long and waits until all of it has arrived. Rejects, with the contestant's last words, when it does not. */
  async run(seconds: number): Promise<Stretch> {
    try {
      return await this.#run(seconds)
    } catch (error) {
      throw new Error(this.#program.log.tail(), { cause: error })
    }
  }

  async #run(seconds: number): Promise<Stretch> {
    const trees = [this.#program, this.#generator, this.#sink].map(({ pid = 0 }) => new Tree(pid))
    const [tree, ...own] = trees
    if (!tree) throw new Error('no contestant')
    for (const worker of [this.#sink, this.#generator]) await worker.ask('done', { order: 'begin' })
    const before = trees.map((one) => one.cpuSeconds())
    using memory = new MemoryWatch(tree)
    const { load: kind, writes, partners: streams } = this.#o
    const sent = await this.#generator.ask('sent', { order: 'send', kind, writes, streams, seconds })
    const [counted, answered] = await Promise.all([
      this.#sink.ask('counted', { order: 'reach', count: sent.stanzas }),
      this.#generator.ask('counted', { order: 'reach', count: sent.questions }),
    ])
    const [cpu = NaN, generatorCpu = NaN, sinkCpu = NaN] = [tree, ...own].map(
      (one, i) => one.cpuSeconds() - (before[i] ?? 0),
    )
    const lastAt = sent.questions > 0 ? Math.max(counted.lastAt, answered.lastAt) : counted.lastAt
    const elapsed = (lastAt - sent.startedAt) / 1000
    return { stanzas: sent.stanzas, elapsed, cpu, generatorCpu, sinkCpu, peakBytes: memory.peak() }
  }

  /** Lets the contestant end by itself, so that it writes its profile, and then everything else. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}
