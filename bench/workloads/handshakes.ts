// New streams of partners: TCP, STARTTLS with certificates on both sides, SASL EXTERNAL, ready, and closed again. The limit is
// a TLS server in Node that looks at the certificate and says one word.
//
// handshakes: the same partners come back with the same certificates. trust-newcomers: each stream is of somebody who was
// never there, with a certificate that was never seen, below an intermediate CA that is sent along.

import { makeCa } from '../../test/support/pki.ts'
import type { Cleanup } from '../../test/support/program.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { Worker } from '../generator/worker.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { setStage } from '../stage.ts'
import { refusesStreams } from './streams.ts'
import type { MeasureOptions, Workload } from './workload.ts'

const PARTNERS = 100
const AT_ONCE = 16
/** So many newcomers are made for each second of a run; who meets them faster is measured for a shorter time. */
const MOST_PER_SECOND = 1500

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
  seconds: ({ runs, seconds, warmUpSeconds }) => 5 + 1.3 * (2 * warmUpSeconds + runs * seconds),
  measure: (contestant, options) => measureVisits(contestant, options, true),
}

async function measureVisits(contestant: Contestant, options: MeasureOptions, isNew: boolean): Promise<Figures> {
  await using stack = new AsyncDisposableStack()
  const t: Cleanup = { after: (clean) => stack.defer(clean) }
  const [sink, visitors] = [Worker.start(t, 'sink'), Worker.start(t, 'visitors')]
  const stage = await setStage(t, contestant, PARTNERS, sink, { ...options, below: isNew })
  const { setting, tree, source: ends } = stage
  const { credentials } = setting
  const ca = isNew ? await makeCa({ ca: setting.ca, pathLength: 0 }) : undefined
  const visit = async (seconds: number): Promise<Sample> => {
    if (ca) {
      const count = Math.ceil(seconds * MOST_PER_SECOND)
      await visitors.ask('done', { order: 'prepare', ends, ca: { cert: ca.pem, key: ca.keyPem }, count })
    }
    const before = tree.cpuSeconds()
    const order = { order: 'visit', ends, credentials, atOnce: AT_ONCE, seconds, newcomers: isNew } as const
    const visited = await visitors.ask('visited', order)
    const cpu = tree.cpuSeconds() - before
    const { streams } = visited
    return { perSecond: streams / visited.seconds, perCpuSecond: streams / cpu, milliseconds: (cpu / streams) * 1000 }
  }
  // What is done for newcomers alone is not as hot as the rest by then.
  for (let warmUp = 0; warmUp < (isNew ? 2 : 1); warmUp++) await visit(options.warmUpSeconds)
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
}
