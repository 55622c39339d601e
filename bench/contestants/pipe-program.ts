// The program that is the bare pipe. Its argument is a file that says which way, and where.

import { readFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'

interface PipeOrder {
  readonly way: 'in' | 'out' | 'through'
  readonly listen: number
  readonly connect: number
  readonly certFile: string
  readonly keyFile: string
}

const HOST = '127.0.0.1'
const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as PipeOrder
const identity = { cert: readFileSync(order.certFile), key: readFileSync(order.keyFile) }

function passOn(from: Socket): void {
  const where = { host: HOST, port: order.connect, noDelay: true }
  const to = order.way === 'in' ? connect(where) : connectTls({ ...where, ...identity, rejectUnauthorized: false })
  from.pipe(to)
  to.pipe(from)
  for (const socket of [from, to]) {
    socket.on('error', () => {})
    socket.on('close', () => (socket === from ? to : from).destroy())
  }
}

const server =
  order.way === 'out'
    ? createServer({ noDelay: true }, passOn)
    : createTlsServer({ ...identity, noDelay: true, requestCert: true, rejectUnauthorized: false }, passOn)
server.listen(order.listen, HOST, () => process.stdout.write('ready\n'))
