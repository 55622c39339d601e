import { ejabberd } from '../support/ejabberd.ts'
import { testTopology } from './topology.ts'

testTopology({
  name: 'gateway as the component of a core of ejabberd, with a partner of ejabberd',
  number: 74,
  core: ejabberd,
  partner: ejabberd,
  component: 'one',
})
