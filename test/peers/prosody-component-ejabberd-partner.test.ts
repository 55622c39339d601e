import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway as components of a core of Prosody, with a partner of ejabberd',
  number: 72,
  core: prosody,
  partner: ejabberd,
  component: 'per-domain',
})
