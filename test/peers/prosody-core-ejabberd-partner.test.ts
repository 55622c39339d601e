import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway between a core of Prosody and a partner of ejabberd',
  number: 2,
  core: prosody,
  partner: ejabberd,
})
