import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testInternational } from './international.ts'

testInternational({ name: 'an ejabberd of a domain that is not ASCII', number: 31, core: prosody, partner: ejabberd })
testInternational({ name: 'a Prosody of a domain that is not ASCII', number: 32, core: ejabberd, partner: prosody })
