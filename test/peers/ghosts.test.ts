import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testGhosts } from './ghosts.ts'

testGhosts({ name: 'a core of Prosody and a partner of ejabberd', number: 41, core: prosody, partner: ejabberd })
testGhosts({ name: 'a core of ejabberd and a partner of Prosody', number: 42, core: ejabberd, partner: prosody })
