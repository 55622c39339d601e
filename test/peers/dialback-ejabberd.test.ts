import { ejabberd } from '../support/ejabberd.ts'
import { testDialback } from './dialback.ts'

testDialback({ name: 'dialback with ejabberd, which trusts us', number: 73, partner: ejabberd, trustsUs: true })
testDialback({
  name: 'dialback with ejabberd, which does not trust us',
  number: 74,
  partner: ejabberd,
  trustsUs: false,
})
