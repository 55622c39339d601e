// Who takes part, in the order in which they are measured.

import type { Contestant } from './contestant.ts'
import { ejabberd } from './ejabberd.ts'
import { haproxy } from './haproxy.ts'
import { nodeCrypto } from './node-crypto.ts'
import { pipe } from './pipe.ts'
import { prosody } from './prosody.ts'
import { sallyport } from './sallyport.ts'
import { tlsServer } from './tls-server.ts'

export const CONTESTANTS: readonly Contestant[] = [sallyport, prosody, ejabberd, haproxy, pipe, tlsServer, nodeCrypto]
