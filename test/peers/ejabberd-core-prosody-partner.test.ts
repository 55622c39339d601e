import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway between a core of ejabberd and a partner of Prosody',
  number: 3,
  core: ejabberd,
  partner: prosody,
})
