import { ejabberd } from '../support/ejabberd.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway between a core of ejabberd and a partner of ejabberd',
  number: 4,
  core: ejabberd,
  partner: ejabberd,
})
