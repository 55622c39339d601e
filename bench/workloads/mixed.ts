// What people send: chats, presence, questions that are answered, and now and then something long.

import { throughput } from '../throughput.ts'

export const mixed = throughput({
  name: 'mixed',
  about:
    '60% chats, 30% presence, 8% questions with their answers, 2% messages of 8 to 60 KB, from a partner to a component',
  way: 'in',
  load: 'mixed',
  writes: 'blocks',
  partners: 1,
  entries: 1,
})
