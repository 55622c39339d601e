// All workloads, in the order in which they run.

import { bulkIn } from './bulk-in.ts'
import { bulkOut } from './bulk-out.ts'
import { handshakes, newcomers } from './handshakes.ts'
import { idle } from './idle.ts'
import { latency } from './latency.ts'
import { bulkInLongList, manyLongList } from './long-list.ts'
import { many } from './many.ts'
import { mixed } from './mixed.ts'
import { stalled } from './stalled.ts'
import { through } from './through.ts'
import { trustChains, trustCrl } from './trust.ts'
import type { Workload } from './workload.ts'

export const WORKLOADS: readonly Workload[] = [
  bulkIn,
  bulkOut,
  through,
  many,
  mixed,
  bulkInLongList,
  manyLongList,
  latency(500),
  latency(1000),
  handshakes,
  idle,
  stalled,
  newcomers,
  trustChains,
  trustCrl,
]
