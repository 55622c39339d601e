import { ejabberd } from '../support/ejabberd.ts'
import { testRemoteUsers } from './remote.ts'

testRemoteUsers('remote users of ejabberd', 72, ejabberd)
