// All remote users lose their connections at once, and come again at once. Meanwhile people inside go on talking, straight at the
// core, and so does a remote user whose connection held.
//
// Rule 1: they log in anew, since nobody asked for resumption (XEP-0198), and each that does not get in is a failure.
// Rule 2: afterwards everyone who came again says something, and it has to come back.

import type { Cleanup } from '../../test/support/program.ts'
import { Worker } from '../generator/worker.ts'
import { startBareCore } from '../remote/cores.ts'
import { startGateway } from '../remote/gateway.ts'
import { doorAt, makeWorld } from '../remote/world.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { onlySallyport, percentile, scaled } from './remote.ts'
import type { Workload } from './workload.ts'

const SESSIONS = 8000
const AT_ONCE = 16
/** So many connections are under way at a time: one process of clients has no use for more, and the gateway is never idle. */
const RETURNING = 1000
const INSIDE = { sessions: 20, perSecond: 100, seconds: 1 }
/** How fast all say something afterwards. */
const PROOF_PACE = 2000

export const remoteReconnect: Workload = {
  name: 'remote-reconnect',
  about: `${SESSIONS.toLocaleString('en')} remote users, cut off at once, log in again, ${RETURNING.toLocaleString('en')} at a time, inner leg in plaintext; meanwhile ${INSIDE.perSecond} chats a second go on inside`,
  refuses: onlySallyport,
  seconds: () => 80,
  async measure(_, options): Promise<Figures> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const world = await makeWorld(t, options.profileFolder)
    const { core } = await startBareCore(world)
    const gateway = await startGateway(world, core, 'plain')
    const sessions = scaled(SESSIONS, options)
    const [clients, inside, steady] = ['clients', 'inside', 'steady'].map(() => Worker.start(t, 'clients'))
    if (!clients || !inside || !steady) throw new Error('nobody is there')
    const join = (worker: Worker, port: number, count: number): Promise<unknown> => {
      const door = doorAt(port, core, 'given back')
      return worker.ask('done', { order: 'join', group: 'all', door, atOnce: AT_ONCE, sessions: count })
    }
    await join(clients, gateway.port, sessions)
    await join(inside, core.tlsPort, INSIDE.sessions)
    await join(steady, gateway.port, INSIDE.sessions)
    /** Talks until it is told that it is over, and gives back all round trips. */
    const talk = async (worker: Worker, isOver: () => boolean): Promise<readonly number[]> => {
      const { perSecond, seconds } = INSIDE
      const all: number[] = []
      while (!isOver()) {
        const { times } = await worker.ask('conversed', { order: 'converse', group: 'all', perSecond, seconds })
        all.push(...times)
      }
      return all
    }
    let turns = 0
    const quiet = await talk(inside, () => turns++ > options.warmUpSeconds)
    let over = false
    const meanwhile = Promise.all([inside, steady].map((worker) => talk(worker, () => over)))
    const cpuBefore = gateway.tree.cpuSeconds()
    const returned = await clients.ask('returned', { order: 'return', group: 'all', atOnce: RETURNING })
    const cpu = gateway.tree.cpuSeconds() - cpuBefore
    over = true
    const [insideTimes = [], steadyTimes = []] = await meanwhile
    if (returned.sessions > 0) {
      const seconds = returned.sessions / PROOF_PACE
      await clients.ask('conversed', { order: 'converse', group: 'all', perSecond: PROOF_PACE, seconds })
    }
    const failures = sessions - returned.sessions
    const [before, during, held] = [quiet, insideTimes, steadyTimes].map((times) => percentile(times, 0.99))
    options.tell(
      `${returned.sessions} of ${sessions} came again in ${returned.seconds.toFixed(1)} s${returned.why === undefined ? '' : ` (${returned.why})`} · inside p99 ${during?.toFixed(1)} ms (before ${before?.toFixed(1)}) · one who stayed ${held?.toFixed(1)} ms · ${((cpu / sessions) * 1000).toFixed(2)} ms of the gateway's processor time each`,
    )
    const one = (about: string, unit: FigureKind['unit'], value = NaN) =>
      figure({ about, unit, better: 'less' }, [value])
    return {
      failures: one('sessions that did not come again', 'count', failures),
      milliseconds: one('until all are there again', 'ms', returned.seconds * 1000),
      insideP99: one('a chat inside meanwhile, p99', 'ms', during),
      beforeP99: one('the same before', 'ms', before),
      steadyP99: one('a chat of a remote user who stayed, p99', 'ms', held),
    }
  },
}
