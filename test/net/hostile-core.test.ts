import { hostileAt } from './hostile-listener.ts'

hostileAt('core', '127.0.7.43')
