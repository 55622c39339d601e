// New streams of partners: TCP, STARTTLS with certificates on both sides, SASL EXTERNAL, ready, and closed again. The limit is
// a TLS server in Node that looks at the certificate and says one word.

import type { Cleanup } from '../../test/support/program.ts'
import { Worker } from '../generator/worker.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { setStage } from '../stage.ts'
import { refusesStreams } from './streams.ts'
import type { Workload } from './workload.ts'

const PARTNERS = 100
const AT_ONCE = 16

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
  async measure(contestant, options): Promise<Figures> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const [sink, visitors] = [Worker.start(t, 'sink'), Worker.start(t, 'visitors')]
    const { setting, tree, source: ends } = await setStage(t, contestant, PARTNERS, sink, options)
    const visit = async (seconds: number): Promise<Sample> => {
      const before = tree.cpuSeconds()
      const { credentials } = setting
      const visited = await visitors.ask('visited', { order: 'visit', ends, credentials, atOnce: AT_ONCE, seconds })
      const cpu = tree.cpuSeconds() - before
      const { streams } = visited
      return { perSecond: streams / visited.seconds, perCpuSecond: streams / cpu, milliseconds: (cpu / streams) * 1000 }
    }
    await visit(options.warmUpSeconds)
    const samples: Sample[] = []
    for (let run = 0; run < options.runs; run++) {
      const sample = await visit(options.seconds)
      samples.push(sample)
      const { perSecond, perCpuSecond, milliseconds } = sample
      options.tell(`${perSecond.toFixed(0)}/s · ${perCpuSecond.toFixed(0)}/CPU-s · ${milliseconds.toFixed(3)} ms each`)
    }
    return Object.fromEntries(
      Object.entries(KINDS).map(([name, kind]) => [
        name,
        figure(
          kind,
          samples.map((sample) => sample[name as keyof Sample]),
        ),
      ]),
    )
  },
}
