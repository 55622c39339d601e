import { prosody } from '../support/prosody.ts'
import { testOurCertificate } from './our-certificate.ts'

testOurCertificate({ kind: 'prosody', number: 183, partner: prosody })
