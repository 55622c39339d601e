// The list that every topology runs, once there are streams.

import { chat } from './chat.ts'
import type { Conversation } from './conversation.ts'
import { floodWhenConnected } from './flood.ts'
import { presence } from './presence.ts'
import { query } from './query.ts'
import { room } from './room.ts'

export const CONVERSATIONS: readonly Conversation[] = [...floodWhenConnected, ...chat, ...presence, ...query, ...room]
