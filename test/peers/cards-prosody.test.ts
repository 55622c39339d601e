// With mod_auth_ccert of the package prosody-modules, which is all that Prosody has for certificates of users, a virtual host
// knows no passwords. The package is not among what every machine that tests must have.

import { existsSync } from 'node:fs'
import process from 'node:process'
import { test } from 'node:test'
import { prosody } from '../support/prosody.ts'
import { testCards } from './cards.ts'

const NAME = 'users with certificates at Prosody'

if (existsSync('/usr/lib/prosody/modules/mod_auth_ccert')) {
  testCards(NAME, { number: 27, core: prosody, passwords: false })
} else {
  const skip = 'mod_auth_ccert is missing (apt install prosody-modules)'
  process.stderr.write(`SKIPPED: ${skip}\n`)
  test(NAME, { skip }, () => {})
}
