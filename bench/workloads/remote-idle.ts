// What it costs to keep a remote user: resident memory of the gateway for each session that is logged in and says nothing, with
// the inner leg in plaintext and in TLS.
//
// Rule: measured as for idle streams: at rest, and over what the first thousand took.

import type { Cleanup } from '../../test/support/program.ts'
import { Worker } from '../generator/worker.ts'
import { atRest } from '../measure.ts'
import { startBareCore } from '../remote/cores.ts'
import { startGateway, type InnerLeg } from '../remote/gateway.ts'
import { doorAt, makeWorld } from '../remote/world.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { onlySallyport, scaled } from './remote.ts'
import type { MeasureOptions, Workload } from './workload.ts'

const FIRST = 1000
const SESSIONS = 8000
const AT_ONCE = 16
const REST_SECONDS = 5

const bytes = (about: string): FigureKind => ({ about, unit: 'bytes', better: 'less' })

export const remoteIdle: Workload = {
  name: 'remote-idle',
  about: `${SESSIONS.toLocaleString('en')} sessions of as many remote users over direct TLS, logged in, on which nothing is said`,
  refuses: onlySallyport,
  seconds: () => 100,
  async measure(_, options): Promise<Figures> {
    const plain = await measureLeg('plain', options)
    const tls = await measureLeg('tls', options)
    return {
      plainBytes: figure(bytes('memory for a session, inner leg in plaintext'), [plain]),
      tlsBytes: figure(bytes('memory for a session, inner leg in TLS'), [tls]),
    }
  },
}

async function measureLeg(leg: InnerLeg, options: MeasureOptions): Promise<number> {
  await using stack = new AsyncDisposableStack()
  const t: Cleanup = { after: (clean) => stack.defer(clean) }
  const world = await makeWorld(t, options.profileFolder)
  const { core } = await startBareCore(world)
  const { port, tree } = await startGateway(world, core, leg)
  const clients = Worker.start(t, 'clients')
  const door = doorAt(port, core, 'given back')
  const join = (sessions: number): Promise<unknown> =>
    clients.ask('done', { order: 'join', group: 'idle', door, atOnce: AT_ONCE, sessions })
  const rest = (): Promise<number> => atRest(tree, Math.min(options.seconds * REST_SECONDS, REST_SECONDS))
  await join(scaled(FIRST, options))
  const before = await rest()
  const more = scaled(SESSIONS - FIRST, options)
  await join(more)
  const after = await rest()
  const each = (after - before) / more
  options.tell(`inner leg ${leg}: ${(each / 1024).toFixed(1)} KB a session, ${(after / 2 ** 20).toFixed(0)} MB in all`)
  return each
}
