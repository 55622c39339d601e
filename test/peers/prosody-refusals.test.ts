import { prosody } from '../support/prosody.ts'
import { testRefusals } from './refusals.ts'

testRefusals({ name: 'a partner of Prosody', number: 11, partner: prosody })
