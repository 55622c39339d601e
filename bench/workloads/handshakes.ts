// New streams of partners: TCP, STARTTLS with certificates on both sides, SASL EXTERNAL, ready, and closed again. The limit is
// a TLS server in Node that looks at the certificate and says one word.
//
// handshakes: the same partners come back with the same certificates. trust-newcomers: each stream is of somebody who was
// never there, with a certificate that was never seen, below an intermediate CA that is sent along; there the gateway takes
// turns with the limit, which begins with TLS: with direct TLS as it does, and with STARTTLS.

import { makeCa, type Issued } from '../../test/support/pki.ts'
import type { Cleanup } from '../../test/support/program.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { tlsServer } from '../contestants/tls-server.ts'
import type { End } from '../generator/ends.ts'
import { Worker } from '../generator/worker.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { setStage, type Stage } from '../stage.ts'
import { refusesStreams } from './streams.ts'
import type { MeasureOptions, Workload } from './workload.ts'

const PARTNERS = 100
const AT_ONCE = 16
/** Of the gateway and its limit in each run: what slows a machine may come and go within a second. */
const TURNS = 4
/** So many newcomers are made for each second of a run; who meets them faster is measured for a shorter time. */
const MOST_PER_SECOND = 1500
/** Newcomers of a warm-up for each second that it is asked to take, and how long they may take in all. */
const WARM_UP_PER_SECOND = 2000
const MOST_SECONDS = 300

/** How TLS begins. */
type Way = 'direct' | 'starttls'
const WAYS: readonly Way[] = ['direct', 'starttls']

interface Sample {
  readonly perSecond: number
  readonly perCpuSecond: number
  readonly milliseconds: number
}

const KINDS: Readonly<Record<keyof Sample, FigureKind>> = {
  perSecond: { about: 'new streams per second', unit: 'per second', better: 'more' },
  perCpuSecond: { about: 'new streams per second of its processor time', unit: 'per CPU-second', better: 'more' },
  milliseconds: { about: 'processor time for a stream', unit: 'ms', better: 'less' },
}

export const handshakes: Workload = {
  name: 'handshakes',
  about: `new TLS streams of ${PARTNERS} partners, authenticated by certificate and closed again, ${AT_ONCE} at a time`,
  refuses: refusesStreams,
  seconds: ({ runs, seconds, warmUpSeconds }) => 5 + warmUpSeconds + runs * seconds,
  measure: (contestant, options) => measureVisits(contestant, options, false),
}

export const newcomers: Workload = {
  name: 'trust-newcomers',
  about: `new TLS streams, each of another domain with a certificate that was never seen, authenticated and closed again, ${AT_ONCE} at a time`,
  refuses: refusesStreams,
  seconds: ({ runs, seconds, warmUpSeconds }) => 10 + 3 * (2 * warmUpSeconds + runs * seconds),
  measure: (contestant, options) =>
    contestant.kind === 'gateway' ? measureInTurns(contestant, options) : measureVisits(contestant, options, true),
}

async function measureVisits(contestant: Contestant, options: MeasureOptions, isNew: boolean): Promise<Figures> {
  await using visits = await Visits.open(contestant, options, isNew)
  await visits.warmUp(options.warmUpSeconds)
  const samples: Sample[] = []
  for (let run = 0; run < options.runs; run++) {
    const sample = await visits.run(options.seconds)
    samples.push(sample)
    options.tell(describe(sample))
  }
  return figuresOf(samples)
}

/**
 * In turns with the limit, several in a run, so that whatever else the machine does slows both: each turn is held against
 * its neighbour.
 */
async function measureInTurns(contestant: Contestant, options: MeasureOptions): Promise<Figures> {
  await using ours = await Visits.open(contestant, options, true)
  await using bare = await Visits.open(tlsServer, options, true)
  for (const tls of WAYS) await ours.warmUp(options.warmUpSeconds / 2, tls)
  await bare.warmUp(options.warmUpSeconds)
  const samples: Sample[] = []
  const ratios = { direct: Array<number>(), starttls: Array<number>() }
  for (let turn = 0; turn < options.runs * TURNS; turn++) {
    const limit = await bare.run(options.seconds / TURNS)
    const told = [`${tlsServer.name} ${describe(limit)}`]
    for (const tls of WAYS) {
      const sample = await ours.run(options.seconds / TURNS, tls)
      const ratio = sample.perCpuSecond / limit.perCpuSecond
      if (tls === 'starttls') samples.push(sample)
      ratios[tls].push(ratio)
      told.push(`${tls} ${describe(sample)} = ${ratio.toFixed(2)} ×`)
    }
    options.tell(told.join(' · '))
  }
  const kind = (way: string): FigureKind => ({
    about: `with ${way}: per second of processor time, of what ${tlsServer.name} meets in turns with it`,
    unit: '×',
    better: 'more',
  })
  return {
    ...figuresOf(samples),
    inTurns: figure(kind('direct TLS'), ratios.direct),
    inTurnsStarttls: figure(kind('STARTTLS'), ratios.starttls),
  }
}

/** A contestant that runs, and those who visit it. */
class Visits implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack
  readonly #visitors: Worker
  readonly #stage: Stage
  readonly #ca: Issued | undefined

  private constructor(stack: AsyncDisposableStack, visitors: Worker, stage: Stage, ca: Issued | undefined) {
    this.#stack = stack
    this.#visitors = visitors
    this.#stage = stage
    this.#ca = ca
  }

  static async open(contestant: Contestant, options: MeasureOptions, isNew: boolean): Promise<Visits> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const [sink, visitors] = [Worker.start(t, 'sink'), Worker.start(t, 'visitors')]
    const stage = await setStage(t, contestant, PARTNERS, sink, { ...options, below: isNew })
    const ca = isNew ? await makeCa({ ca: stage.setting.ca, pathLength: 0 }) : undefined
    return new Visits(stack.move(), visitors, stage, ca)
  }

  /** Newcomers are counted: the compiler is done after so many, however fast they come. */
  async warmUp(seconds: number, way: Way = 'starttls'): Promise<void> {
    if (this.#ca) await this.#visit(MOST_SECONDS, Math.ceil(seconds * WARM_UP_PER_SECOND), way)
    else await this.run(seconds)
  }

  run(seconds: number, way: Way = 'starttls'): Promise<Sample> {
    return this.#visit(seconds, Math.ceil(seconds * MOST_PER_SECOND), way)
  }

  /** For so long, or until so many newcomers have come. */
  async #visit(seconds: number, count: number, way: Way): Promise<Sample> {
    const { setting, tree, source } = this.#stage
    const { direct: port } = setting.ports
    const ends = way === 'direct' ? source.map((end): End => ({ ...end, port, tls: way })) : source
    if (this.#ca) {
      const { pem: cert, keyPem: key } = this.#ca
      await this.#visitors.ask('done', { order: 'prepare', ends, ca: { cert, key }, count })
    }
    const before = tree.cpuSeconds()
    const { credentials } = setting
    const about = { ends, credentials, atOnce: AT_ONCE, seconds, newcomers: this.#ca !== undefined }
    const visited = await this.#visitors.ask('visited', { order: 'visit', ...about })
    const cpu = tree.cpuSeconds() - before
    const { streams } = visited
    return { perSecond: streams / visited.seconds, perCpuSecond: streams / cpu, milliseconds: (cpu / streams) * 1000 }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

const describe = ({ perSecond, perCpuSecond, milliseconds }: Sample): string =>
  `${perSecond.toFixed(0)}/s · ${perCpuSecond.toFixed(0)}/CPU-s · ${milliseconds.toFixed(3)} ms each`

const figuresOf = (samples: readonly Sample[]): Figures =>
  Object.fromEntries(
    Object.entries(KINDS).map(([name, kind]) => [
      name,
      figure(
        kind,
        samples.map((sample) => sample[name as keyof Sample]),
      ),
    ]),
  )
