import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testDirectly } from './direct.ts'

testDirectly({ name: 'Prosody and ejabberd', number: 82, core: prosody, partner: ejabberd })
