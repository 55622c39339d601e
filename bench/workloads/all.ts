// All workloads, in the order in which they run.

import { bulkIn } from './bulk-in.ts'
import type { Workload } from './workload.ts'

export const WORKLOADS: readonly Workload[] = [bulkIn]
