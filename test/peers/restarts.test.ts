import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testRestarts } from './restarts.ts'

testRestarts({
  name: 'between a core of Prosody and a partner of ejabberd',
  number: 21,
  core: prosody,
  partner: ejabberd,
})
testRestarts({
  name: 'between a core of ejabberd and a partner of Prosody',
  number: 22,
  core: ejabberd,
  partner: prosody,
})
