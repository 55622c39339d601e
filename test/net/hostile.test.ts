import { hostileAt } from './hostile-listener.ts'

hostileAt('federation', '127.0.7.41')
