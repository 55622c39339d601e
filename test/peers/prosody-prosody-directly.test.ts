import { prosody } from '../support/prosody.ts'
import { testDirectly } from './direct.ts'

testDirectly({ name: 'Prosody and Prosody', number: 81, core: prosody, partner: prosody })
