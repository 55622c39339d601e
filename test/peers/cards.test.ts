// With mod_auth_ccert of the package prosody-modules, which is all that Prosody has for certificates of users, a virtual host
// knows no passwords. The package is not among what every machine that tests must have; where it is, Prosody is met too.

import { existsSync } from 'node:fs'
import process from 'node:process'
import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testCards } from './cards.ts'

testCards('users with certificates at ejabberd', { number: 26, core: ejabberd, passwords: true })

if (existsSync('/usr/lib/prosody/modules/mod_auth_ccert'))
  testCards('users with certificates at Prosody', { number: 27, core: prosody, passwords: false })
else process.stderr.write('SKIPPED: users with certificates at Prosody (apt install prosody-modules)\n')
