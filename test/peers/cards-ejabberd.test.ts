import { ejabberd } from '../support/ejabberd.ts'
import { testCards } from './cards.ts'

testCards('users with certificates at ejabberd', { number: 26, core: ejabberd, passwords: true })
