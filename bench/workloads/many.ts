// Chats of 281 bytes over 200 streams at once, each in a write (and so a TLS record) of its own.

import { throughput, type ThroughputOptions } from '../throughput.ts'

export const manyOptions: ThroughputOptions = {
  name: 'many',
  about: '281-byte chats over 200 streams of 200 partners, each stanza in a write of its own, delivered to a component',
  way: 'in',
  load: 'chat',
  writes: 'stanzas',
  partners: 200,
  entries: 200,
}

export const many = throughput(manyOptions)
