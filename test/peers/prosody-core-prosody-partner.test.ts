import { prosody } from '../support/prosody.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway between a core of Prosody and a partner of Prosody',
  number: 1,
  core: prosody,
  partner: prosody,
})
