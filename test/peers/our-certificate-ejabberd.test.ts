import { ejabberd } from '../support/ejabberd.ts'
import { testOurCertificate } from './our-certificate.ts'

testOurCertificate({ kind: 'ejabberd', number: 184, partner: ejabberd })
