import { prosody } from '../support/prosody.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway between a core and a partner of Prosody, with streams that go both ways',
  number: 5,
  core: prosody,
  partner: prosody,
  bidi: { core: true, partner: true },
})
