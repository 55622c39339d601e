// The program that is the bare TLS server. Its argument is a file that says where, with which certificate, and whose
// certificates it takes.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:tls'

interface ServerOrder {
  readonly listen: number
  readonly certFile: string
  readonly keyFile: string
  readonly anchorsFile: string
}

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ServerOrder
const server = createServer(
  {
    cert: readFileSync(order.certFile),
    key: readFileSync(order.keyFile),
    ca: readFileSync(order.anchorsFile),
    requestCert: true,
    rejectUnauthorized: true,
    noDelay: true,
  },
  (socket) => {
    socket.on('error', () => {})
    socket.resume().write('.')
  },
)
server.listen(order.listen, '127.0.0.1', () => process.stdout.write('ready\n'))
