// What a contestant adds to the time that a stanza is under way: against a direct TLS connection between the same two ends,
// which takes its turn before each run.

import type { Cleanup } from '../../test/support/program.ts'
import { Worker } from '../generator/worker.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { makeSetting, OURS } from '../setting.ts'
import { setStage } from '../stage.ts'
import type { Workload } from './workload.ts'

/** Enough for a thousandth to be more than chance. */
const LEAST_SECONDS = 5

/** Faster than what is measured: a compiler that learns from what runs has seen little after some thousand stanzas. */
const WARM_UP_PACE = 4000

interface Sample {
  readonly p50: number
  readonly p99: number
  readonly p999: number
}

const kind = (about: string, better: FigureKind['better']): FigureKind => ({ about, unit: 'ms', better })

export function latency(perSecond: number): Workload {
  return {
    name: `latency-${perSecond}`,
    about: `time under way of ${perSecond.toLocaleString('en')} chats a second, one stream in, delivered to a component, over that of a direct TLS connection`,
    refuses: (contestant) => contestant.refuses('in'),
    seconds: ({ runs, seconds, warmUpSeconds }) => 4 + 2 * (warmUpSeconds + runs * Math.max(seconds, LEAST_SECONDS)),
    async measure(contestant, options): Promise<Figures> {
      await using stack = new AsyncDisposableStack()
      const t: Cleanup = { after: (clean) => stack.defer(clean) }
      const [courier, runner] = [Worker.start(t, 'courier'), Worker.start(t, 'courier')]
      const { setting, source } = await setStage(t, contestant, 1, courier, options)
      const { credentials } = setting
      await courier.ask('done', { order: 'open', ends: source, credentials, purpose: 'source', kind: 'chat' })
      await runDirectly(t, runner)
      const pace = (worker: Worker, seconds: number, by = perSecond): Promise<Sample> =>
        worker.ask('paced', { order: 'pace', perSecond: by, seconds })
      for (const worker of [runner, courier]) await pace(worker, options.warmUpSeconds, WARM_UP_PACE)
      const samples: { readonly direct: Sample; readonly through: Sample }[] = []
      for (let run = 0; run < options.runs; run++) {
        const seconds = Math.max(options.seconds, LEAST_SECONDS)
        const sample = { direct: await pace(runner, seconds), through: await pace(courier, seconds) }
        samples.push(sample)
        options.tell(`direct ${describe(sample.direct)} · through it ${describe(sample.through)}`)
      }
      const added = (share: keyof Sample): readonly number[] =>
        samples.map(({ direct, through }) => through[share] - direct[share])
      const direct = (share: keyof Sample): readonly number[] => samples.map((sample) => sample.direct[share])
      return {
        addedP50: figure(kind('added, p50', 'less'), added('p50')),
        addedP99: figure(kind('added, p99', 'less'), added('p99')),
        addedP999: figure(kind('added, p99.9', 'less'), added('p999')),
        directP50: figure(kind('directly, p50', 'neither'), direct('p50')),
        directP99: figure(kind('directly, p99', 'neither'), direct('p99')),
        directP999: figure(kind('directly, p99.9', 'neither'), direct('p999')),
      }
    },
  }
}

const describe = ({ p50, p99, p999 }: Sample): string => [p50, p99, p999].map((ms) => ms.toFixed(3)).join('/')

/** Both ends of one TLS connection in one process. */
async function runDirectly(t: Cleanup, runner: Worker): Promise<void> {
  const setting = await makeSetting(t, { way: 'in', partners: 1, entries: 1 })
  const { credentials, ports, partners } = setting
  const [partner = ''] = partners
  const sink = { opens: 'they', port: ports.core, speaks: 'tls', local: OURS, remote: partner } as const
  const source = { opens: 'we', port: ports.core, speaks: 'tls', local: partner, remote: OURS } as const
  await runner.ask('done', { order: 'open', ends: [sink], credentials, purpose: 'sink', kind: 'chat' })
  await runner.ask('done', { order: 'open', ends: [source], credentials, purpose: 'source', kind: 'chat' })
}
