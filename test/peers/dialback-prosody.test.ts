import { prosody } from '../support/prosody.ts'
import { testDialback } from './dialback.ts'

testDialback({ name: 'dialback with Prosody, which trusts us', number: 71, partner: prosody, trustsUs: true })
testDialback({ name: 'dialback with Prosody, which does not trust us', number: 72, partner: prosody, trustsUs: false })
