// Log-ins of remote users through the gateway, against those straight to the same core, which is met by TLS both times. Prosody
// and ejabberd are cores as people have them; the bare core shows what the gateway costs where the core costs nothing.
//
// Rule 1: straight and through take turns in front of one core that runs, so that whatever else the machine does slows both.
// Rule 2: measured twice. The gateway on a processor of its own, as it has a host of its own in front of a core: core and
//         clients have the same rest of the machine both times. And all of them on all processors, as on a host that they
//         share, where what the gateway works is taken from the core.

import type { Cleanup } from '../../test/support/program.ts'
import type { Door } from '../generator/orders.ts'
import { Worker } from '../generator/worker.ts'
import type { Tree } from '../measure.ts'
import { spareOne } from '../processors.ts'
import { missingPrograms } from '../programs.ts'
import { startBareCore, startEjabberd, startProsody } from '../remote/cores.ts'
import { startGateway } from '../remote/gateway.ts'
import { doorAt, makeWorld, type RemoteCore, type World } from '../remote/world.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { onlySallyport } from './remote.ts'
import type { MeasureOptions, Pace, Workload } from './workload.ts'

const AT_ONCE = 16
/** A compiler has to have seen some hundred log-ins: the first of them cost the gateway twice what they cost later. */
const LEAST_WARM_UP_SECONDS = 10

interface Core {
  /** Of its figures. */
  readonly name: 'prosody' | 'ejabberd' | 'bare'
  readonly words: string
  readonly programs: readonly string[]
  start(world: World): Promise<RemoteCore>
}

const CORES: readonly Core[] = [
  { name: 'prosody', words: 'Prosody', programs: ['prosody'], start: startProsody },
  { name: 'ejabberd', words: 'ejabberd', programs: ['ejabberdctl', 'erl'], start: startEjabberd },
  { name: 'bare', words: 'the bare core', programs: [], start: async (world) => (await startBareCore(world)).core },
]

interface Sample {
  readonly straight: number
  readonly overTls: number
  readonly overPlain: number
  /** Processor time of the gateway with an inner leg in TLS, for a log-in. */
  readonly milliseconds: number
}

type Place = 'own' | 'shared'

const PLACES: Readonly<Record<Place, string>> = {
  own: 'the gateway has a processor of its own',
  shared: 'clients, gateway and core share all processors',
}

const ABOUT = `log-ins of remote users over direct TLS, bound and left again, ${AT_ONCE} at a time: through the gateway, and straight to the same core`

const workload = (name: string, place: Place): Workload => ({
  name,
  about: `${ABOUT}; ${PLACES[place]}`,
  refuses: onlySallyport,
  seconds: (pace) => CORES.length * (10 + 3 * (warmUpOf(pace) + pace.runs * pace.seconds)),
  async measure(_, options): Promise<Figures> {
    const all: Record<string, ReturnType<typeof figure>> = {}
    for (const core of CORES) {
      if (missingPrograms(core.programs).length > 0) options.tell(`${core.words} is not installed`)
      else Object.assign(all, await measureCore(core, place, options))
    }
    return all
  },
})

export const remoteLogIns = workload('remote-log-ins', 'own')
export const remoteLogInsShared = workload('remote-log-ins-shared', 'shared')

/** In a run that is shorter than a second, which is for a look at it, as it is asked for. */
const warmUpOf = ({ seconds, warmUpSeconds }: Pace): number =>
  seconds < 1 ? warmUpSeconds : Math.max(warmUpSeconds, LEAST_WARM_UP_SECONDS)

async function measureCore({ name, words, start }: Core, place: Place, options: MeasureOptions): Promise<Figures> {
  await using stack = new AsyncDisposableStack()
  const t: Cleanup = { after: (clean) => stack.defer(clean) }
  const prefix = place === 'own' ? spareOne(t) : []
  if (!prefix) {
    options.tell(`${words}: this machine has one processor, and the gateway none of its own`)
    return {}
  }
  const world = await makeWorld(t, options.profileFolder)
  const core = await start(world)
  const overTls = await startGateway(world, core, 'tls', prefix)
  const overPlain = await startGateway(world, core, 'plain', prefix)
  const clients = Worker.start(t, 'clients')
  const visit = async (port: number, seconds: number, tree?: Tree) => {
    const door: Door = doorAt(port, core, 'given back')
    const before = tree?.cpuSeconds() ?? 0
    const visited = await clients.ask('visited', { order: 'log-ins', door, atOnce: AT_ONCE, seconds })
    const cpu = (tree?.cpuSeconds() ?? 0) - before
    return { perSecond: visited.streams / visited.seconds, milliseconds: (cpu / visited.streams) * 1000 }
  }
  const turn = async (seconds: number): Promise<Sample> => {
    const straight = await visit(core.tlsPort, seconds)
    const { perSecond, milliseconds } = await visit(overTls.port, seconds, overTls.tree)
    const plain = await visit(overPlain.port, seconds)
    return { straight: straight.perSecond, overTls: perSecond, overPlain: plain.perSecond, milliseconds }
  }
  await turn(warmUpOf(options))
  const samples: Sample[] = []
  for (let run = 0; run < options.runs; run++) {
    const sample = await turn(options.seconds)
    samples.push(sample)
    options.tell(
      `${words}: straight ${sample.straight.toFixed(0)}/s · through ${sample.overTls.toFixed(0)}/s (inner leg in plaintext ${sample.overPlain.toFixed(0)}/s) · ${sample.milliseconds.toFixed(2)} ms of the gateway's processor time each`,
    )
  }
  const of = (kind: FigureKind, value: (sample: Sample) => number) => figure(kind, samples.map(value))
  const rate = (about: string): FigureKind => ({ about: `${words}: ${about}`, unit: 'per second', better: 'more' })
  const ratio = (about: string): FigureKind => ({ about: `${words}: ${about}`, unit: '×', better: 'more' })
  return {
    [`${name}Straight`]: of(rate('straight'), ({ straight }) => straight),
    [`${name}Through`]: of(rate('through'), (sample) => sample.overTls),
    [`${name}Ratio`]: of(ratio('through over straight'), (sample) => sample.overTls / sample.straight),
    [`${name}PlainRatio`]: of(ratio('the same with an inner leg in plaintext'), (s) => s.overPlain / s.straight),
    [`${name}Cpu`]: of(
      { about: `${words}: processor time of the gateway`, unit: 'ms', better: 'less' },
      (sample) => sample.milliseconds,
    ),
  }
}
