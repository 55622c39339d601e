import { prosody } from '../support/prosody.ts'
import { testRemoteUsers } from './remote.ts'

testRemoteUsers('remote users of Prosody', 71, prosody)
