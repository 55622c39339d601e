// Chats of 281 bytes from a component, over one authenticated stream to a partner.

import { throughput } from '../throughput.ts'

export const bulkOut = throughput({
  name: 'bulk-out',
  about: '281-byte chats of a component, delivered over one certificate-authenticated TLS stream to a partner',
  way: 'out',
  load: 'chat',
  writes: 'blocks',
  partners: 1,
  entries: 1,
})
