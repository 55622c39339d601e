// Chats of 281 bytes over one authenticated stream of a partner, to a component.

import { throughput, type ThroughputOptions } from '../throughput.ts'

export const bulkInOptions: ThroughputOptions = {
  name: 'bulk-in',
  about: '281-byte chats over one certificate-authenticated TLS stream of a partner, delivered to a component',
  way: 'in',
  load: 'chat',
  writes: 'blocks',
  partners: 1,
  entries: 1,
}

export const bulkIn = throughput(bulkInOptions)
