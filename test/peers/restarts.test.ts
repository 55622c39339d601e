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
testRestarts({
  name: 'between a core of Prosody that knows the gateway as components and a partner of ejabberd',
  number: 23,
  core: prosody,
  partner: ejabberd,
  component: 'per-domain',
})
testRestarts({
  name: 'between a core of ejabberd that knows the gateway as its component and a partner of Prosody',
  number: 24,
  core: ejabberd,
  partner: prosody,
  component: 'one',
})
