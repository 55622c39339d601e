// A far end that takes nothing for a while, and a near one that offers a gigabyte meanwhile: how much memory that costs, whether
// the source is held back, and whether all that was taken arrives in the end.
//
// Rule: who hoards is stopped before the machine suffers, and after a while; what it took by then has to arrive all the same.

import type { Cleanup } from '../../test/support/program.ts'
import { Worker } from '../generator/worker.ts'
import { MemoryWatch } from '../measure.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { setStage } from '../stage.ts'
import type { Workload } from './workload.ts'

const SECONDS = 20
const OFFERED_BYTES = 1e9
const OFFER_SECONDS = 30
const MOST_BYTES = 4 * 2 ** 30

const bytes = (about: string, better: FigureKind['better'] = 'less'): FigureKind => ({ about, unit: 'bytes', better })

export const stalled: Workload = {
  name: 'stalled',
  about: `the component takes nothing for ${SECONDS} s while up to 1 GB of chats is offered, for ${OFFER_SECONDS} s at most; then everything must arrive`,
  refuses: (contestant) => contestant.refuses('in'),
  seconds: ({ warmUpSeconds }) => 15 + warmUpSeconds + OFFER_SECONDS,
  async measure(contestant, options): Promise<Figures> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const courier = Worker.start(t, 'courier')
    const { setting, pid, tree, source } = await setStage(t, contestant, 1, courier, options)
    const { credentials } = setting
    await courier.ask('done', { order: 'open', ends: source, credentials, purpose: 'source', kind: 'chat' })
    const offer = { offerSeconds: OFFER_SECONDS, pid, mostBytes: MOST_BYTES }
    // A stall of nothing is a warm-up: memory that traffic takes by itself is not the stall's.
    const warm = { seconds: 0, bytes: OFFERED_BYTES, pid, mostBytes: MOST_BYTES }
    await courier.ask('stalled', { order: 'stall', ...warm, offerSeconds: options.warmUpSeconds })
    const before = tree.residentBytes()
    using memory = new MemoryWatch(tree)
    const told = await courier.ask('stalled', { order: 'stall', seconds: SECONDS, bytes: OFFERED_BYTES, ...offer })
    const grown = memory.peak() - before
    const { takenBytes, sentBytes, drainSeconds, stopped } = told
    const megabytes = (value: number): string => `${(value / 2 ** 20).toFixed(0)} MB`
    options.tell(
      `took ${megabytes(takenBytes)} of ${megabytes(sentBytes)} while stalled, grew by ${megabytes(grown)}, all there after ${drainSeconds.toFixed(1)} s; offered until: ${stopped}`,
    )
    return {
      grownBytes: figure(bytes('memory gained'), [grown]),
      takenBytes: figure(bytes('taken from the source while stalled', 'neither'), [takenBytes]),
      sentBytes: figure(bytes('taken in all', 'neither'), [sentBytes]),
      drainSeconds: figure({ about: 'from the end of the stall until all is there', unit: 'ms', better: 'neither' }, [
        drainSeconds * 1000,
      ]),
    }
  },
}
