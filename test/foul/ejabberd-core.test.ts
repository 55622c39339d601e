import { ejabberd } from '../support/ejabberd.ts'
import { prosody } from '../support/prosody.ts'
import { testFoulWeather } from './foul-weather.ts'

testFoulWeather({ name: 'a core of ejabberd, a partner of Prosody', number: 142, core: ejabberd, partner: prosody })
