import { prosody } from '../support/prosody.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway as components of a core of Prosody, with a partner of Prosody',
  number: 71,
  core: prosody,
  partner: prosody,
  component: 'per-domain',
})
