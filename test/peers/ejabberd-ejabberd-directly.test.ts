import { ejabberd } from '../support/ejabberd.ts'
import { testDirectly } from './direct.ts'

testDirectly({ name: 'ejabberd and ejabberd', number: 84, core: ejabberd, partner: ejabberd })
