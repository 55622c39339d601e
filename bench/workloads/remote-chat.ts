// What the gateway adds to the time until a chat of a remote user has come back from the core: against sessions straight to the
// same core by TLS, which take their turn before each run.

import type { Cleanup } from '../../test/support/program.ts'
import { Worker } from '../generator/worker.ts'
import { startBareCore } from '../remote/cores.ts'
import { startGateway } from '../remote/gateway.ts'
import { doorAt, makeWorld } from '../remote/world.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { onlySallyport, percentile, scaled } from './remote.ts'
import type { Workload } from './workload.ts'

const SESSIONS = 500
const PER_SECOND = 500
const AT_ONCE = 16
/** As for the latency of streams: enough for a hundredth to be more than chance, and a compiler that has seen something. */
const LEAST_SECONDS = 5
const WARM_UP_PACE = 3000

interface Sample {
  readonly p50: number
  readonly p99: number
}

export const remoteChat: Workload = {
  name: 'remote-chat',
  about: `round trips of ${PER_SECOND} chats a second over ${SESSIONS} sessions of remote users, to their own address and back, over those of sessions straight to the same core; inner leg in plaintext`,
  refuses: onlySallyport,
  seconds: ({ runs, seconds, warmUpSeconds }) => 12 + 2 * (warmUpSeconds + runs * Math.max(seconds, LEAST_SECONDS)),
  async measure(_, options): Promise<Figures> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const world = await makeWorld(t, options.profileFolder)
    const { core } = await startBareCore(world)
    const gateway = await startGateway(world, core, 'plain')
    const clients = Worker.start(t, 'clients')
    const join = (group: string, port: number): Promise<unknown> => {
      const door = doorAt(port, core, 'given back')
      return clients.ask('done', { order: 'join', group, door, atOnce: AT_ONCE, sessions: scaled(SESSIONS, options) })
    }
    await join('straight', core.tlsPort)
    await join('through', gateway.port)
    const converse = async (group: string, seconds: number, perSecond = PER_SECOND): Promise<Sample> => {
      const { times } = await clients.ask('conversed', { order: 'converse', group, perSecond, seconds })
      return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
    }
    for (const group of ['straight', 'through']) await converse(group, options.warmUpSeconds, WARM_UP_PACE)
    const samples: { readonly straight: Sample; readonly through: Sample }[] = []
    const seconds = options.seconds < 1 ? options.seconds : Math.max(options.seconds, LEAST_SECONDS)
    for (let run = 0; run < options.runs; run++) {
      const sample = { straight: await converse('straight', seconds), through: await converse('through', seconds) }
      samples.push(sample)
      const [straight, through] = [sample.straight, sample.through].map(
        (one) => `${one.p50.toFixed(3)}/${one.p99.toFixed(3)}`,
      )
      options.tell(`straight ${straight} · through it ${through}`)
    }
    const kind = (about: string, better: FigureKind['better']): FigureKind => ({ about, unit: 'ms', better })
    const of = (made: FigureKind, value: (sample: (typeof samples)[number]) => number) =>
      figure(made, samples.map(value))
    return {
      addedP50: of(kind('added, p50', 'less'), ({ straight, through }) => through.p50 - straight.p50),
      addedP99: of(kind('added, p99', 'less'), ({ straight, through }) => through.p99 - straight.p99),
      straightP50: of(kind('straight, p50', 'less'), ({ straight }) => straight.p50),
      straightP99: of(kind('straight, p99', 'less'), ({ straight }) => straight.p99),
    }
  },
}
