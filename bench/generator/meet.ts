// Opens the ends of a way: connects or listens, and does what must be said before stanzas may flow. No more of XMPP than that.
//
// Rule 1: TLS 1.3 with AES-128-GCM and X25519 for everybody, so that contestants are compared and not ciphers.
// Rule 2: nobody's certificate is checked here: who may be whom is the contestant's work, and that is what is measured.

import { createHash } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import type { Credentials, End } from './ends.ts'
import { Talk } from './talk.ts'

/** A stream that is ready, paused, with the bytes that came early. */
export interface Ready {
  readonly end: End
  readonly socket: Socket
  readonly early: Buffer
}

const HOST = '127.0.0.1'
/** How long a port may take to open. */
const PORT_MS = 5000
/** How everybody speaks TLS. */
export const TLS = { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256', ecdhCurve: 'X25519' } as const
const NS_TLS = 'urn:ietf:params:xml:ns:xmpp-tls'
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
const HEADER = /<stream:stream\s[^>]*>/

const contexts = new Map<string, SecureContext>()

function contextOf({ identities }: Credentials, domain: string): SecureContext {
  const made = contexts.get(domain)
  if (made) return made
  const identity = identities[domain]
  if (!identity) throw new Error(`no certificate for ${domain}`)
  const context = createSecureContext({ ...TLS, ...identity })
  contexts.set(domain, context)
  return context
}

/** Whoever never comes again need not be kept. */
export function forget(domain: string): void {
  contexts.delete(domain)
}

/** Opens ends. Resolves when ours are ready and the contestant may connect to the others. */
export async function openEnds(
  ends: readonly End[],
  credentials: Credentials,
  ready: (stream: Ready) => void,
  failed: (error: unknown) => void,
): Promise<void> {
  for (const end of ends) {
    if (end.opens === 'we') ready(await reach(end, credentials))
    else await awaitStreams(end, credentials, ready, failed)
  }
}

/** Opens one end that is ours to open. */
export async function reach(end: End, credentials: Credentials): Promise<Ready> {
  const plain = await connected(end.port)
  const talk = new Talk(plain)
  if (end.speaks === 'tls') await talk.secure((socket) => secured(socket, end, credentials))
  if (end.speaks === 'component') await joinAsComponent(talk, end, credentials.secret)
  if (end.speaks === 'server') await initiate(talk, end, credentials)
  return { end, ...talk.finish() }
}

/** A connection. Who has just said that it serves may still have its port to open (HAProxy), and is given some seconds. */
export async function connected(port: number, localAddress?: string): Promise<Socket> {
  const deadline = performance.now() + PORT_MS
  for (;;) {
    const plain = connect({ host: HOST, port, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) })
    try {
      await happens(plain, 'connect')
      return plain
    } catch (error) {
      if (!isRefused(error) || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'

async function awaitStreams(
  end: End,
  credentials: Credentials,
  ready: (stream: Ready) => void,
  failed: (error: unknown) => void,
): Promise<void> {
  const receive = async (plain: Socket): Promise<void> => {
    const talk = new Talk(plain)
    if (end.speaks === 'tls') await talk.secure((socket) => accepted(socket, end, credentials))
    if (end.speaks === 'component') await admitComponent(talk)
    if (end.speaks === 'server') await receiveServer(talk, end, credentials)
    ready({ end, ...talk.finish() })
  }
  const server = createServer({ noDelay: true, highWaterMark: 1 << 20 }, (plain) => {
    receive(plain).catch(failed)
  })
  server.listen(end.port, HOST)
  await happens(server, 'listening')
}

async function secured(plain: Socket, end: End, credentials: Credentials): Promise<Socket> {
  const secureContext = contextOf(credentials, end.local)
  const socket = connectTls({ socket: plain, secureContext, servername: end.remote, rejectUnauthorized: false })
  await happens(socket, 'secureConnect')
  return socket
}

async function accepted(plain: Socket, end: End, credentials: Credentials): Promise<Socket> {
  const secureContext = contextOf(credentials, end.local)
  const socket = new TLSSocket(plain, { isServer: true, secureContext, requestCert: true, rejectUnauthorized: false })
  await happens(socket, 'secure')
  return socket
}

// RFC 6120 §5.4.2, §6.4; XEP-0178 §3; XEP-0368
async function initiate(talk: Talk, end: End, credentials: Credentials): Promise<void> {
  const header = openStream('jabber:server', `from='${end.local}' to='${end.remote}' version='1.0'`)
  if (end.tls !== 'direct') {
    talk.say(header)
    await talk.expect(/<starttls/)
    talk.say(`<starttls xmlns='${NS_TLS}'/>`)
    await talk.expect(/<proceed[^>]*>/)
  }
  await talk.secure((plain) => secured(plain, end, credentials))
  talk.say(header)
  await talk.expect(/>EXTERNAL</)
  talk.say(`<auth xmlns='${NS_SASL}' mechanism='EXTERNAL'>=</auth>`)
  await talk.expect(/<success[^>]*>/)
  talk.say(header)
  await talk.expect(/<\/stream:features>|<stream:features\s*\/>/)
}

async function receiveServer(talk: Talk, end: End, credentials: Credentials): Promise<void> {
  const greet = async (features: string): Promise<void> => {
    const [heard] = await talk.expect(HEADER)
    const to = /\sfrom=(['"])(.*?)\1/.exec(heard)?.[2]
    talk.say(openStream('jabber:server', `id='bench' from='${end.local}' ${to ? `to='${to}' ` : ''}version='1.0'`))
    talk.say(`<stream:features>${features}</stream:features>`)
  }
  await greet(`<starttls xmlns='${NS_TLS}'><required/></starttls>`)
  await talk.expect(/<starttls[^>]*>/)
  talk.say(`<proceed xmlns='${NS_TLS}'/>`)
  await talk.secure((plain) => accepted(plain, end, credentials))
  await greet(`<mechanisms xmlns='${NS_SASL}'><mechanism>EXTERNAL</mechanism></mechanisms>`)
  await talk.expect(/<auth\s[^>]*(?:\/>|>[^<]*<\/auth>)/)
  talk.say(`<success xmlns='${NS_SASL}'/>`)
  await greet('')
}

// XEP-0114 §3
async function joinAsComponent(talk: Talk, end: End, secret: string): Promise<void> {
  talk.say(openStream('jabber:component:accept', `to='${end.local}'`))
  const [header] = await talk.expect(HEADER)
  const id = /\sid=(['"])(.*?)\1/.exec(header)?.[2] ?? ''
  talk.say(`<handshake>${createHash('sha1').update(id).update(secret).digest('hex')}</handshake>`)
  await talk.expect(/<handshake[^>]*>/)
}

async function admitComponent(talk: Talk): Promise<void> {
  const [header] = await talk.expect(HEADER)
  const name = /\sto=(['"])(.*?)\1/.exec(header)?.[2] ?? ''
  talk.say(openStream('jabber:component:accept', `id='bench' from='${name}'`))
  await talk.expect(/<handshake[^>]*>[^<]*<\/handshake>/)
  talk.say('<handshake/>')
}

export function openStream(namespace: string, attributes: string): string {
  return `<?xml version='1.0'?><stream:stream xmlns='${namespace}' xmlns:stream='http://etherx.jabber.org/streams' ${attributes}>`
}

/** Resolves with the event; rejects when the other end fails or closes before. */
export function happens(emitter: NodeJS.EventEmitter, event: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void =>
      reject(error instanceof Error ? error : new Error(`closed before ${event}`))
    emitter.once('error', failed).once('close', failed)
    emitter.once(event, () => {
      emitter.off('error', failed).off('close', failed)
      resolve()
    })
  })
}
