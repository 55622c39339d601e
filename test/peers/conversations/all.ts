// The list that every topology runs, in this order: first the flood that is to open the connection.

import { chat } from './chat.ts'
import type { Conversation } from './conversation.ts'
import { floodThatConnects, floodWhenConnected } from './flood.ts'
import { presence } from './presence.ts'
import { query } from './query.ts'
import { room } from './room.ts'

export const CONVERSATIONS: readonly Conversation[] = [
  ...floodThatConnects,
  ...floodWhenConnected,
  ...chat,
  ...presence,
  ...query,
  ...room,
]
