import { prosody } from '../support/prosody.ts'
import { testNames } from './names.ts'

testNames({ name: 'Prosody', number: 171, partner: prosody, picks: false })
