import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testDirectly } from './direct.ts'

testDirectly({ name: 'ejabberd and Prosody', number: 83, core: ejabberd, partner: prosody })
