// What it costs to know somebody: resident memory for each authenticated stream that is up and says nothing.
//
// Rule: measured once things have come to rest, and over what the contestant held with the first thousand, so that code
// that was loaded and rooms that were made for the first of them count for none.

import type { Cleanup } from '../../test/support/program.ts'
import { Worker } from '../generator/worker.ts'
import { atRest } from '../measure.ts'
import { figure, type Figures } from '../results.ts'
import { setStage } from '../stage.ts'
import { refusesStreams } from './streams.ts'
import type { Workload } from './workload.ts'

const PARTNERS = 1000
const FIRST = 1000
const STREAMS = 5000
const AT_ONCE = 16

export const idle: Workload = {
  name: 'idle',
  about: `${STREAMS.toLocaleString('en')} authenticated TLS streams of ${PARTNERS.toLocaleString('en')} partners, on which nothing is said`,
  refuses: refusesStreams,
  seconds: () => 50,
  async measure(contestant, options): Promise<Figures> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const [sink, visitors] = [Worker.start(t, 'sink'), Worker.start(t, 'visitors')]
    const { setting, tree, source: ends } = await setStage(t, contestant, PARTNERS, sink, options)
    const { credentials } = setting
    const stay = (streams: number): Promise<unknown> =>
      visitors.ask('done', { order: 'stay', ends, credentials, atOnce: AT_ONCE, streams })
    await stay(FIRST)
    const before = await atRest(tree)
    await stay(STREAMS - FIRST)
    const after = await atRest(tree)
    const bytes = (after - before) / (STREAMS - FIRST)
    options.tell(`${(bytes / 1024).toFixed(1)} KB a stream, ${(after / 2 ** 20).toFixed(0)} MB in all`)
    return {
      bytesPerStream: figure({ about: 'memory for a stream', unit: 'bytes', better: 'less' }, [bytes]),
      totalBytes: figure({ about: 'memory in all', unit: 'bytes', better: 'less' }, [after]),
    }
  },
}
