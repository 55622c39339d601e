import { hostileServersAt } from './hostile-server.ts'

hostileServersAt('dialled', '127.0.7.44')
