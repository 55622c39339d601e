// The core of measurements that are about the gateway alone: it takes every password, binds, and from then on gives back what
// is said to it, or counts it, as the client's resource says. Nothing that serves clients can cost less.
//
// Rule: it reads no stanza. What a client says to its own full address is what a core would deliver to it, byte for byte.

import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { Arrivals } from './arrivals.ts'
import { StanzaCounter } from './counter.ts'
import { happens, openStream, TLS } from './meet.ts'
import type { Order } from './orders.ts'
import { serveOrders } from './serve-orders.ts'
import { Talk } from './talk.ts'

const HOST = '127.0.0.1'
const BACKLOG = 4096
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
const FOOTER = '</stream:stream>'

const arrivals = new Arrivals('stanzas')

async function greet(talk: Talk, features: string): Promise<string> {
  const [header] = await talk.expect(/<stream:stream\s[^>]*>/)
  const domain = /\sto=(['"])(.*?)\1/.exec(header)?.[2] ?? ''
  talk.say(`${openStream('jabber:client', `id='bench' from='${domain}' version='1.0'`)}${features}`)
  return domain
}

// RFC 6120 §6.4, §7.6
async function welcome(socket: Socket): Promise<void> {
  const talk = new Talk(socket)
  const mechanisms = `<mechanisms xmlns='${NS_SASL}'><mechanism>PLAIN</mechanism></mechanisms>`
  await greet(talk, `<stream:features>${mechanisms}</stream:features>`)
  const [, said = ''] = await talk.expect(/<auth\s[^>]*>([^<]*)<\/auth>/)
  const [, user = ''] = Buffer.from(said, 'base64').toString().split('\0')
  talk.say(`<success xmlns='${NS_SASL}'/>`)
  const domain = await greet(talk, `<stream:features><bind xmlns='${NS_BIND}'/></stream:features>`)
  const [, opening = '', resource = ''] = await talk.expect(/<iq(\s[^>]*)>.*?<resource>([^<]*)<\/resource>.*?<\/iq>/s)
  const id = /\sid=(['"])(.*?)\1/.exec(opening)?.[2] ?? ''
  const jid = `<bind xmlns='${NS_BIND}'><jid>${user}@${domain}/${resource}</jid></bind>`
  talk.say(`<iq type='result' id='${id}'>${jid}</iq>`)
  const { early } = talk.finish()
  serve(socket, resource, early)
}

function serve(socket: Socket, resource: string, early: Buffer): void {
  const counter = resource.startsWith('counted') ? new StanzaCounter(true) : undefined
  if (counter) arrivals.watch(counter)
  const hear = (chunk: Buffer): void => {
    if (isFooter(chunk)) return void socket.end(FOOTER)
    if (!counter) return void socket.write(chunk)
    counter.add(chunk)
    arrivals.came()
  }
  if (early.length > 0) hear(early)
  socket.on('data', hear).resume()
}

const isFooter = (chunk: Buffer): boolean =>
  chunk.length < 2 * FOOTER.length && chunk.toString('latin1').trim() === FOOTER

function meet(socket: Socket): void {
  socket.on('error', () => {}) // Who comes and goes is the clients' matter; they notice.
  welcome(socket).catch(() => socket.destroy())
}

serveOrders(async (order: Order) => {
  if (order.order === 'reach') return arrivals.until(order.count)
  if (order.order === 'begin') arrivals.begin()
  else if (order.order === 'serve') {
    const { plainPort, tlsPort, identity } = order
    const options = { noDelay: true, backlog: BACKLOG }
    const plain = createServer(options, meet).listen(plainPort, HOST, BACKLOG)
    const secure = createTlsServer({ ...options, ...TLS, ...identity }, meet).listen(tlsPort, HOST, BACKLOG)
    await Promise.all([happens(plain, 'listening'), happens(secure, 'listening')])
  } else throw new Error(`the bare core does not ${order.order}`)
  return { told: 'done' }
})
