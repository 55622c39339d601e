// All workloads, in the order in which they run.

import { bulkIn } from './bulk-in.ts'
import { bulkOut } from './bulk-out.ts'
import { handshakes, newcomers } from './handshakes.ts'
import { idle } from './idle.ts'
import { latency } from './latency.ts'
import { bulkInLongList, bulkInPolicy, manyLongList } from './long-list.ts'
import { many } from './many.ts'
import { mixed } from './mixed.ts'
import { policyLoad, policyReload } from './policy.ts'
import { relations } from './relations.ts'
import { remoteChat } from './remote-chat.ts'
import { remoteIdle } from './remote-idle.ts'
import { remoteLogIns, remoteLogInsShared } from './remote-log-ins.ts'
import { remoteReconnect } from './remote-reconnect.ts'
import { remoteTurns } from './remote-turns.ts'
import { stalled } from './stalled.ts'
import { through } from './through.ts'
import { trustChains, trustCrl } from './trust.ts'
import type { Workload } from './workload.ts'

/** Those of a run of everything. */
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

/** Those that a run without words leaves out, since it would take too long with them. */
export const ON_REQUEST: readonly Workload[] = [
  bulkInPolicy,
  policyReload,
  policyLoad,
  relations,
  remoteIdle,
  remoteLogIns,
  remoteLogInsShared,
  remoteChat,
  remoteTurns,
  remoteReconnect,
]
