import { ejabberd } from '../support/ejabberd.ts'
import { testRefusals } from './refusals.ts'

testRefusals({ name: 'a partner of ejabberd', number: 12, partner: ejabberd })
