// A client whose every word the test knows: TLS, a log-in by PLAIN or SCRAM, an address, and acknowledgements by hand. What
// real clients leave out or do by themselves, this one does when it is told to.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import type { ConnectionOptions } from 'node:tls'
import { Dialog } from './dialog.ts'
import type { Issued } from './pki.ts'
import { PASSWORD } from './server.ts'

export interface RawLogin {
  readonly host: string
  readonly domain: string
  readonly user: string
  readonly password?: string
  readonly mechanism?: string
  readonly tls?: 'starttls' | 'direct'
  readonly options?: ConnectionOptions
  /** Its own address. */
  readonly localAddress?: string
  /** Shown in the handshake. */
  readonly certificate?: Pick<Issued, 'fullchainPem' | 'keyPem'> | undefined
}

const SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'
export const SM = 'urn:xmpp:sm:3'

export const clientHeader = (domain: string): string =>
  `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${domain}' version='1.0' xml:lang='en'>`

export const STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
const FEATURES = /<stream:features>.*?<\/stream:features>|<stream:features\/>/s

/** Secured, with the features that were offered. */
export async function secured(o: RawLogin): Promise<{ readonly dialog: Dialog; readonly features: string }> {
  const { host, domain, tls = 'starttls', options = {}, certificate, localAddress } = o
  const port = tls === 'direct' ? 5223 : 5222
  const dialog = await Dialog.open({ host, port, ...(localAddress === undefined ? {} : { localAddress }) })
  if (tls === 'starttls') {
    await dialog.say(clientHeader(domain)).expect(FEATURES)
    await dialog.say(STARTTLS).expect(/<proceed/)
  }
  await dialog.startTls({ certificate, servername: domain, options: { ALPNProtocols: ['xmpp-client'], ...options } })
  const [features] = await dialog.say(clientHeader(domain)).expect(FEATURES)
  return { dialog, features }
}

/** Says what is needed to log in, up to the word of the server: success or failure. */
export async function authenticate(dialog: Dialog, o: RawLogin): Promise<string> {
  const { user, password = PASSWORD, mechanism = 'PLAIN' } = o
  const auth = (message: string): string =>
    `<auth xmlns='${SASL}' mechanism='${mechanism}'>${Buffer.from(message).toString('base64')}</auth>`
  if (mechanism === 'PLAIN') {
    const [word] = await dialog.say(auth(`\0${user}\0${password}`)).expect(/<success.*?>|<failure.*?<\/failure>/s)
    return word
  }
  const hash = mechanism.replace('SCRAM-SHA-', 'sha').replace(/^sha1$/, 'sha1')
  const nonce = randomBytes(12).toString('base64')
  const bare = `n=${user.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${nonce}`
  const [first, challenge] = await dialog
    .say(auth(`n,,${bare}`))
    .expect(/<challenge[^>]*>([^<]*)<\/challenge>|<failure.*?<\/failure>/s)
  if (challenge === undefined) return first
  const served = Buffer.from(challenge, 'base64').toString()
  const [, both = '', salt = '', count = '1'] = /^r=([^,]*),s=([^,]*),i=(\d+)/.exec(served) ?? []
  const mac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
  const length = createHash(hash).digest().length
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(count), length, hash)
  const clientKey = mac(salted, 'Client Key')
  const last = `c=biws,r=${both}`
  const signature = mac(createHash(hash).update(clientKey).digest(), `${bare},${served},${last}`)
  const proof = Buffer.from(clientKey.map((byte, n) => byte ^ signature[n]!)).toString('base64')
  const response = Buffer.from(`${last},p=${proof}`).toString('base64')
  const [word] = await dialog
    .say(`<response xmlns='${SASL}'>${response}</response>`)
    .expect(/<success.*?(?:\/>|<\/success>)|<failure.*?<\/failure>/s)
  return word
}

export class RawClient {
  readonly dialog: Dialog
  /** What was offered before the log-in, and after it. */
  readonly before: string
  readonly after: string
  readonly #domain: string
  #sent = 0

  private constructor(dialog: Dialog, domain: string, before: string, after: string) {
    this.dialog = dialog
    this.#domain = domain
    this.before = before
    this.after = after
  }

  /** Logs in; throws what the server says when it does not let us. */
  static async login(o: RawLogin): Promise<RawClient> {
    const { dialog, features } = await secured(o)
    const word = await authenticate(dialog, o)
    if (!word.startsWith('<success')) throw new Error(word)
    const [after] = await dialog.say(clientHeader(o.domain)).expect(FEATURES)
    return new RawClient(dialog, o.domain, features, after)
  }

  get domain(): string {
    return this.#domain
  }

  /** Binds an address and gives it back. */
  async bind(resource: string): Promise<string> {
    const wanted = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind>`
    const [, jid = ''] = await this.dialog.say(`<iq type='set' id='bind'>${wanted}</iq>`).expect(/<jid>([^<]*)<\/jid>/)
    await this.dialog.expect(/<\/iq>/)
    return jid
  }

  /** Turns acknowledgements on, and gives back the id to resume by. */
  async enable(): Promise<string> {
    const [, id = ''] = await this.dialog
      .say(`<enable xmlns='${SM}' resume='true'/>`)
      .expect(/<enabled[^>]* id=['"]([^'"]*)['"][^>]*>/)
    return id
  }

  /** Sends stanzas, which are counted. */
  send(...stanzas: readonly string[]): void {
    for (const stanza of stanzas) {
      this.#sent += 1
      this.dialog.say(stanza)
    }
  }

  get sent(): number {
    return this.#sent
  }

  /** How many of ours the server says it has handled. */
  async handled(): Promise<number> {
    const [, h = ''] = await this.dialog.say(`<r xmlns='${SM}'/>`).expect(/<a [^>]*h=['"](\d+)['"][^>]*>/)
    return Number(h)
  }
}
