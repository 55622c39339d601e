import { hostileAt } from './hostile-listener.ts'

hostileAt('direct', '127.0.7.42')
