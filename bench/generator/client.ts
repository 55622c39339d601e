// One client: a connection by direct TLS, the log-in by the best of two mechanisms, a resource; and the way out again. Written by
// hand, as little as a client can say.
//
// Rule: what a password comes to for a salt is computed once, as a client that comes again remembers it (RFC 5802 §5.1), so
// that the clients are not the limit of anybody.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { connect as connectTls, createSecureContext } from 'node:tls'
import { connected, happens, openStream, TLS } from './meet.ts'
import type { Door } from './orders.ts'
import { Talk } from './talk.ts'

export interface Client {
  readonly socket: Socket
  /** Full. */
  readonly address: string
}

const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const NS_BIND = 'urn:ietf:params:xml:ns:xmpp-bind'
const FEATURES = /<stream:features>.*<\/stream:features>/s
/** They come from so many networks, one address of each. */
const NETWORKS = 200

const secureContext = createSecureContext(TLS)
const keys = new Map<string, { readonly client: Buffer; readonly stored: Buffer }>()

/** Logs in; resolves when the address is bound. Nothing is read from the socket until somebody does. */
export async function logIn({ port, domain, users, password, wish }: Door, number: number): Promise<Client> {
  const plain = await connected(port, `127.1.${number % NETWORKS}.1`)
  const options = { secureContext, servername: domain, ALPNProtocols: ['xmpp-client'], rejectUnauthorized: false }
  const secure = connectTls({ socket: plain, ...options })
  await happens(secure, 'secureConnect')
  const talk = new Talk(secure)
  try {
    const header = openStream('jabber:client', `to='${domain}' version='1.0'`)
    talk.say(header)
    const [offer] = await talk.expect(FEATURES)
    const user = `user${number % users}`
    if (offer.includes('>SCRAM-SHA-1<')) await byScram(talk, user, password)
    else await byPlain(talk, user, password)
    talk.say(header)
    await talk.expect(FEATURES)
    const resource = `<resource>${wish === 'counted' ? 'counted' : 'given-back'}${number}</resource>`
    talk.say(`<iq type='set' id='bind'><bind xmlns='${NS_BIND}'>${resource}</bind></iq>`)
    const [, address = ''] = await talk.expect(/<jid>([^<]+)<\/jid>.*?<\/iq>/s)
    return { socket: talk.finish().socket, address }
  } catch (error) {
    secure.destroy()
    throw error
  }
}

/** Says goodbye and waits until the connection is gone. */
export async function logOut({ socket }: Client): Promise<void> {
  const gone = new Promise<void>((resolve) => {
    socket.on('error', () => {}).once('close', () => resolve())
  })
  socket.resume().end('</stream:stream>')
  await gone
}

const SUCCESS = /<success[^>]*(?:\/>|>[^<]*<\/success>)|<failure.*<\/failure>/s

async function byPlain(talk: Talk, user: string, password: string): Promise<void> {
  const words = Buffer.from(`\0${user}\0${password}`).toString('base64')
  talk.say(`<auth xmlns='${NS_SASL}' mechanism='PLAIN'>${words}</auth>`)
  await succeeded(talk)
}

// RFC 5802 §3
async function byScram(talk: Talk, user: string, password: string): Promise<void> {
  const bare = `n=${user},r=${randomBytes(18).toString('base64')}`
  const first = Buffer.from(`n,,${bare}`).toString('base64')
  talk.say(`<auth xmlns='${NS_SASL}' mechanism='SCRAM-SHA-1'>${first}</auth>`)
  const [, text = ''] = await talk.expect(/<challenge[^>]*>([^<]*)<\/challenge>/)
  const challenge = Buffer.from(text, 'base64').toString()
  const [, nonce = '', salt = '', rounds = ''] = /^r=([^,]+),s=([^,]+),i=(\d+)/.exec(challenge) ?? []
  const { client, stored } = keysOf(password, salt, Number(rounds))
  const final = `c=biws,r=${nonce}`
  const signature = createHmac('sha1', stored).update(`${bare},${challenge},${final}`).digest()
  const proof = Buffer.from(client.map((byte, at) => byte ^ (signature[at] ?? 0))).toString('base64')
  const response = Buffer.from(`${final},p=${proof}`).toString('base64')
  talk.say(`<response xmlns='${NS_SASL}'>${response}</response>`)
  await succeeded(talk)
}

function keysOf(password: string, salt: string, rounds: number) {
  const name = `${salt} ${rounds} ${password}`
  const known = keys.get(name)
  if (known) return known
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), rounds, 20, 'sha1')
  const client = createHmac('sha1', salted).update('Client Key').digest()
  const made = { client, stored: createHash('sha1').update(client).digest() }
  keys.set(name, made)
  return made
}

async function succeeded(talk: Talk): Promise<void> {
  const [heard] = await talk.expect(SUCCESS)
  if (heard.startsWith('<failure')) throw new Error(`the log-in failed: ${heard}`)
}
