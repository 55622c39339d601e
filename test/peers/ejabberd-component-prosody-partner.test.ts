import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway as the component of a core of ejabberd, with a partner of Prosody',
  number: 73,
  core: ejabberd,
  partner: prosody,
  component: 'one',
})
