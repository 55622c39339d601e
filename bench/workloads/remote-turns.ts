// Many remote users who each say a little: every session writes one stanza, in turn, and the next round begins when the core has
// them all, so that there is never more than one stanza of a session under way. Beside it HAProxy, which ends the same TLS in front of
// the same core and looks at nothing.

import type { Cleanup } from '../../test/support/program.ts'
import { Worker } from '../generator/worker.ts'
import { startBareCore } from '../remote/cores.ts'
import { startGateway, type RemoteGateway } from '../remote/gateway.ts'
import { startHaproxy } from '../remote/haproxy.ts'
import { doorAt, makeWorld } from '../remote/world.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { onlySallyport, scaled } from './remote.ts'
import type { Workload } from './workload.ts'

const SESSIONS = 1000
const AT_ONCE = 16

interface Sample {
  readonly perCpuSecond: number
  readonly perSecond: number
}

export const remoteTurns: Workload = {
  name: 'remote-turns',
  about: `281-byte chats of ${SESSIONS.toLocaleString('en')} remote users, one of each in turn, to a core that counts them, inner leg in plaintext`,
  refuses: onlySallyport,
  seconds: ({ runs, seconds, warmUpSeconds }) => 15 + 2 * (warmUpSeconds + runs * seconds),
  async measure(_, options): Promise<Figures> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const world = await makeWorld(t, options.profileFolder)
    const { core, worker } = await startBareCore(world)
    const ways = { sallyport: await startGateway(world, core, 'plain'), haproxy: await startHaproxy(world, core) }
    const clients = Worker.start(t, 'clients')
    for (const [group, { port }] of Object.entries(ways)) {
      const door = doorAt(port, core, 'counted')
      await clients.ask('done', { order: 'join', group, door, atOnce: AT_ONCE, sessions: scaled(SESSIONS, options) })
    }
    const rounds = async (group: keyof typeof ways, seconds: number): Promise<Sample> => {
      const { tree }: Pick<RemoteGateway, 'tree'> = ways[group]
      const [before, startedAt] = [tree.cpuSeconds(), performance.now()]
      await worker.ask('done', { order: 'begin' })
      let sent = 0
      while (performance.now() - startedAt < seconds * 1000) {
        sent += (await clients.ask('sent', { order: 'round', group })).stanzas
        await worker.ask('counted', { order: 'reach', count: sent })
      }
      const took = (performance.now() - startedAt) / 1000
      return { perCpuSecond: sent / (tree.cpuSeconds() - before), perSecond: sent / took }
    }
    const turn = async (seconds: number) => ({
      ours: await rounds('sallyport', seconds),
      theirs: await rounds('haproxy', seconds),
    })
    await turn(options.warmUpSeconds)
    const samples: Awaited<ReturnType<typeof turn>>[] = []
    for (let run = 0; run < options.runs; run++) {
      const sample = await turn(options.seconds)
      samples.push(sample)
      const tell = ({ perCpuSecond, perSecond }: Sample) =>
        `${perCpuSecond.toFixed(0)}/CPU-s, ${perSecond.toFixed(0)}/s`
      options.tell(`${tell(sample.ours)} · HAProxy ${tell(sample.theirs)}`)
    }
    const of = (about: string, unit: FigureKind['unit'], value: (sample: (typeof samples)[number]) => number) =>
      figure({ about, unit, better: 'more' }, samples.map(value))
    return {
      perCpuSecond: of('stanzas per CPU-second', 'per CPU-second', ({ ours }) => ours.perCpuSecond),
      haproxyPerCpuSecond: of('those of HAProxy', 'per CPU-second', ({ theirs }) => theirs.perCpuSecond),
      ofHaproxy: of('over those of HAProxy', '×', ({ ours, theirs }) => ours.perCpuSecond / theirs.perCpuSecond),
      perSecond: of('stanzas per second', 'per second', ({ ours }) => ours.perSecond),
    }
  },
}
