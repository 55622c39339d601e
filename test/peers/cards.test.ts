// With mod_auth_ccert, which is all that Prosody has for certificates of users, a virtual host knows no passwords.

import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testCards } from './cards.ts'

testCards('users with certificates at ejabberd', { number: 26, core: ejabberd, passwords: true })
testCards('users with certificates at Prosody', { number: 27, core: prosody, passwords: false })
