import { ejabberd } from '../support/ejabberd.ts'
import { testNames } from './names.ts'

testNames({ name: 'ejabberd', number: 172, partner: ejabberd, picks: true })
