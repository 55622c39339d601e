import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testFoulWeather } from './foul-weather.ts'

testFoulWeather({ name: 'a core of Prosody, a partner of ejabberd', number: 141, core: prosody, partner: ejabberd })
