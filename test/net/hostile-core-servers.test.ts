import { hostileServersAt } from './hostile-server.ts'

hostileServersAt('dialled-core', '127.0.7.45')
