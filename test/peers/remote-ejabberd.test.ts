import { ejabberd } from '../support/ejabberd.ts'
import { testRemoteUsers } from './remote.ts'

// It bans addresses as Debian's does, only sooner, and not the gateway: two log-ins that fail come early, and many later.
const bans = { failures: 2, spared: '127.0.0.0/8' }
testRemoteUsers('remote users of ejabberd', 72, (t, options) => ejabberd(t, { ...options, bans }))
