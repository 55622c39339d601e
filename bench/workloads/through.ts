// Chats of 281 bytes from a partner to a core that is a server: streams between servers on both sides.

import { throughput } from '../throughput.ts'

export const through = throughput({
  name: 'through',
  about: '281-byte chats of a partner, delivered to a core that is a server: TLS streams on both sides',
  way: 'through',
  load: 'chat',
  writes: 'blocks',
  partners: 1,
  entries: 1,
})
