// A partner that is broken in one way, or in none: a real listener with real TLS, whose words follow from plain data
// (`partner.json`). What is not said otherwise is as a good server does it.

import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { ask } from '../../src/net/ask.ts'
import { dial, type DialOptions } from '../../src/net/dial.ts'
import { DEFAULT_LIMITS } from '../../src/net/limits.ts'
import { makeIdentity } from '../../src/trust/identity.ts'
import { chainWords } from '../../src/trust/chain-words.ts'
import { type Dialog, DialogHost } from './dialog.ts'
import { type Issued, issue, makeCa } from './pki.ts'

const Certificate = z.enum([
  'good',
  'expired',
  'other-name',
  'self-signed',
  'unknown-ca',
  'no-intermediate',
  'weak-key',
])
type CertificateKind = z.infer<typeof Certificate>

const Answer = z.union([
  z.enum(['nxdomain', 'servfail', 'silence', 'nothing']),
  z.array(
    z.union([z.string(), z.object({ priority: z.number(), weight: z.number(), port: z.number(), name: z.string() })]),
  ),
])

/** How a partner is broken. */
export const BrokenPartner = z.strictObject({
  about: z.string(),
  /** DNS answers by `TYPE name`; DOMAIN, HOST and ADDRESS stand for the partner's. Others than these are as they should be. */
  dns: z.record(z.string(), Answer).default({}),
  /** More of its entry in our partner list; without one it is none of our partners. */
  entry: z.record(z.string(), z.unknown()).optional(),
  /** What listens at its port. */
  listens: z.enum(['xmpp', 'http', 'nothing', 'black-hole']).default('xmpp'),
  port: z.number().default(5269),
  /** TLS from the first byte. `ignored`: our hello is taken for the beginning of a stream. */
  direct: z.enum(['no', 'yes', 'ignored', 'other-protocol']).default('no'),
  certificate: Certificate.default('good'),
  newestTls: z.enum(['TLSv1.1', 'TLSv1.3']).default('TLSv1.3'),
  /** In place of the header. */
  header: z.enum(['good', 'none', 'other-name', 'host-unknown']).default('good'),
  starttls: z.enum(['proceed', 'failure', 'not-offered']).default('proceed'),
  mechanisms: z.string().default('EXTERNAL'),
  /** In place of `<success/>`, or of the features before it. */
  authentication: z.enum(['success', 'not-authorized', 'policy-violation', 'see-other-host']).default('success'),
  /** Where it sends us; ADDRESS stands for its own. */
  elsewhere: z.string().default(''),
  /** It offers keys instead of certificates. Ours it shows to us as the authoritative server, or has its own opinion. */
  dialback: z.enum(['no', 'asks', 'invalid', 'error']).default('no'),
  /** What it says as the authoritative server about the keys that it shows us when it calls back. */
  vouches: z.enum(['truly', 'never']).default('truly'),
  /** Calls back and answers, calls back and says nothing, does not call. */
  ping: z.enum(['answers', 'ignores', 'does-not-call']).default('answers'),
  /** What it shows when it calls back. */
  callbackCertificate: Certificate.default('good'),
})
export type BrokenPartner = z.infer<typeof BrokenPartner>

export const readPartner = (file: string): BrokenPartner => BrokenPartner.parse(JSON.parse(readFileSync(file, 'utf8')))

export interface Setting {
  readonly domain: string
  /** Its own loopback address. */
  readonly address: string
  /** A CA below a root that we trust. */
  readonly ca: Issued
  /** Where we can be reached. */
  readonly us: { readonly domain: string; readonly address: string }
}

const NS_STREAMS = 'urn:ietf:params:xml:ns:xmpp-streams'
const NS_TLS = 'urn:ietf:params:xml:ns:xmpp-tls'
const NS_DIALBACK = 'jabber:server:dialback'
/** Of every stream that it takes. */
const STREAM_ID = '1'
/** Its key for a stream of ours. */
const keyOf = (id: string): string => `key of ${id}`
const NS_SASL = 'urn:ietf:params:xml:ns:xmpp-sasl'

const streamError = (condition: string, text = ''): string =>
  `<stream:error><${condition} xmlns='${NS_STREAMS}'>${text}</${condition}></stream:error></stream:stream>`

export class Partner implements AsyncDisposable {
  readonly #how: BrokenPartner
  readonly #where: Setting
  readonly #certificate: Issued
  readonly #callbackCertificate: Issued
  readonly #stack = new AsyncDisposableStack()

  private constructor(how: BrokenPartner, where: Setting, certificates: readonly [Issued, Issued]) {
    this.#how = how
    this.#where = where
    ;[this.#certificate, this.#callbackCertificate] = certificates
  }

  /** Begins to listen, if it does. A black hole is the test's to make. */
  static async open(how: BrokenPartner, where: Setting): Promise<Partner> {
    const partner = new Partner(how, where, [
      await certificateOf(how.certificate, where),
      await certificateOf(how.callbackCertificate, where),
    ])
    if (how.listens === 'xmpp' || how.listens === 'http') await partner.#listen()
    return partner
  }

  async #listen(): Promise<void> {
    const host = this.#stack.use(await DialogHost.open(this.#where.address, this.#how.port))
    const serve = async (): Promise<void> => {
      for (;;) {
        const dialog = await host.next()
        this.#stack.use(dialog)
        void this.#serve(dialog).catch(() => dialog.socket.destroy())
      }
    }
    void serve().catch(() => undefined) // nobody came any more
  }

  async #serve(dialog: Dialog): Promise<void> {
    const { listens, direct, header, starttls, mechanisms, authentication } = this.#how
    if (listens === 'http') {
      await dialog.expect(/^./s)
      return void dialog.socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')
    }
    if (direct === 'ignored') {
      await dialog.expect(/^./s)
      return void dialog.socket.end(this.#header() + streamError('not-well-formed'))
    }
    if (direct === 'no') {
      await dialog.expect(/<stream:stream [^>]*>/)
      if (header === 'none') return // silent until the test is over
      if (header === 'host-unknown') return void dialog.socket.end(this.#header() + streamError('host-unknown'))
      if (starttls === 'not-offered') {
        const dialback = "<dialback xmlns='urn:xmpp:features:dialback'/>"
        await dialog.say(`${this.#header()}<stream:features>${dialback}</stream:features>`).end()
        return
      }
      dialog.say(`${this.#header()}<stream:features><starttls xmlns='${NS_TLS}'/></stream:features>`)
      await dialog.expect(/<starttls/)
      if (starttls === 'failure') return void dialog.socket.end(`<failure xmlns='${NS_TLS}'/></stream:stream>`)
      dialog.say(`<proceed xmlns='${NS_TLS}'/>`)
    }
    await this.#secure(dialog)
    await dialog.expect(/<stream:stream [^>]*>/)
    if (authentication === 'policy-violation')
      return void dialog.socket.end(this.#header() + streamError('policy-violation'))
    if (authentication === 'see-other-host')
      return void dialog.socket.end(this.#header() + streamError('see-other-host', this.#elsewhere))
    if (this.#how.dialback !== 'no') {
      const feature = "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"
      dialog.say(`${this.#header()}<stream:features>${feature}</stream:features>`)
      if (await this.#takeKey(dialog)) await this.#answerPing(dialog)
      return
    }
    const offer =
      mechanisms === '' ? '' : `<mechanisms xmlns='${NS_SASL}'><mechanism>${mechanisms}</mechanism></mechanisms>`
    await dialog.say(`${this.#header()}<stream:features>${offer}</stream:features>`).expect(/<auth [^>]*>[^<]*<\/auth>/)
    if (authentication === 'not-authorized') {
      await dialog.say(`<failure xmlns='${NS_SASL}'><not-authorized/></failure>`).end()
      return
    }
    await dialog.say(`<success xmlns='${NS_SASL}'/>`).expect(/<stream:stream [^>]*>/)
    dialog.say(`${this.#header()}<stream:features/>`)
    await this.#answerPing(dialog)
  }

  /** Somebody asks about a key of ours, or shows one of theirs; true when theirs is taken. */
  async #takeKey(dialog: Dialog): Promise<boolean> {
    const { domain, us } = this.#where
    const [, word = '', about = '', key = ''] = await dialog.expect(
      /<(?:db:)?(result|verify) ([^>]*)>([^<]*)<\/(?:db:)?(?:result|verify)>/,
    )
    const names = `xmlns:db='${NS_DIALBACK}' from='${domain}' to='${us.domain}'`
    if (word === 'verify') {
      const id = / id='([^']*)'/.exec(` ${about}`)?.[1] ?? ''
      const type = this.#how.vouches === 'truly' && key === keyOf(id) ? 'valid' : 'invalid'
      await dialog.say(`<db:verify ${names} id='${id}' type='${type}'/>`).expect(/<\/stream:stream>/)
      dialog.socket.end('</stream:stream>')
      return false
    }
    const verdict = await this.#opinionOf(key)
    if (verdict === 'error') {
      const error =
        "<error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
      dialog.say(`<db:result ${names} type='error'>${error}</db:result>`)
    } else dialog.say(`<db:result ${names} type='${verdict}'/>`)
    if (verdict !== 'valid') dialog.socket.end('</stream:stream>')
    return verdict === 'valid'
  }

  async #opinionOf(key: string): Promise<'valid' | 'invalid' | 'error'> {
    const { dialback } = this.#how
    if (dialback === 'invalid' || dialback === 'error') return dialback
    const { domain, us } = this.#where
    const asked = await ask({ pair: { local: domain, remote: us.domain }, id: STREAM_ID, key }, this.#toUs())
    return asked.ok ? asked.answer.verdict : 'error'
  }

  async #answerPing(dialog: Dialog): Promise<void> {
    const [, id = ''] = await dialog.expect(/<iq [^>]*id='([^']*)'/)
    await this.#callBack(id)
    // We may take our time with our footer.
    if (dialog.heard.includes('</stream:stream>')) dialog.socket.end('</stream:stream>')
    else
      dialog.socket.on('data', (words) => String(words).includes('</stream:') && dialog.socket.end('</stream:stream>'))
  }

  get #elsewhere(): string {
    return this.#how.elsewhere.replaceAll('ADDRESS', this.#where.address)
  }

  #header(): string {
    const from = this.#how.header === 'other-name' ? 'other.example' : this.#where.domain
    const names = `from='${from}' to='${this.#where.us.domain}' id='${STREAM_ID}' version='1.0'`
    return `<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:stream='http://etherx.jabber.org/streams' ${names}>`
  }

  async #secure(dialog: Dialog): Promise<void> {
    const { newestTls, direct } = this.#how
    await dialog.startTls({
      certificate: this.#certificate,
      server: true,
      ...(direct === 'other-protocol' ? { protocols: ['h2'] } : {}),
      options: {
        maxVersion: newestTls,
        minVersion: newestTls === 'TLSv1.1' ? 'TLSv1' : 'TLSv1.2',
        ciphers: 'DEFAULT@SECLEVEL=0', // for old versions, and for weak keys
      },
    })
  }

  /** How it connects to us. */
  #toUs(): Omit<DialOptions, 'pair'> {
    const { address, us } = this.#where
    const certificate = this.#callbackCertificate
    return {
      leg: 'partner',
      targets: [{ host: us.address, port: 5269, tls: 'starttls' }],
      identity: makeIdentity(certificate.fullchainPem, certificate.keyPem),
      verify(chain) {
        const [leaf] = chainWords(chain, us.domain).certificates
        if (!leaf) throw new Error('no certificate was shown')
        return Promise.resolve({ proven: true, certificate: leaf, anchor: 'anything' })
      },
      limits: DEFAULT_LIMITS,
      reference: 'test-test-test',
      localAddress: address,
    }
  }

  /** Opens a stream to us, as a server does that has something to say. */
  async #callBack(id: string): Promise<void> {
    const { ping } = this.#how
    if (ping === 'does-not-call') return
    const { domain, us } = this.#where
    const called = await dial(
      {
        ...this.#toUs(),
        pair: { local: domain, remote: us.domain },
        dialback: this.#how.dialback === 'no' ? undefined : { key: keyOf },
      },
      () => ({ frame: () => {}, drained: () => {}, closed: () => {} }),
    )
    if (!called.ok) return
    this.#stack.defer(() => called.stream.destroy())
    if (ping === 'ignores') return
    called.stream.send(Buffer.from(`<iq type='result' id='${id}' from='${domain}' to='${us.domain}'/>`))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}

async function certificateOf(kind: CertificateKind, { domain, ca }: Setting): Promise<Issued> {
  const names = [domain]
  switch (kind) {
    case 'good':
      return issue({ ca, names })
    case 'expired':
      return issue({
        ca,
        names,
        commonName: domain,
        notBefore: new Date('2024-01-01T00:00:00Z'),
        notAfter: new Date('2025-01-01T00:00:00Z'),
      })
    case 'other-name':
      return issue({ ca, names: ['xmpp.hosting.example'], commonName: domain })
    case 'self-signed':
      return issue({ names, commonName: domain })
    case 'unknown-ca':
      return issue({
        ca: await makeCa({ ca: await makeCa({ commonName: 'A stranger' }), commonName: 'Their CA' }),
        names,
      })
    case 'no-intermediate': {
      const leaf = await issue({ ca, names, commonName: domain })
      return { ...leaf, fullchainPem: leaf.pem }
    }
    case 'weak-key':
  }
  return issue({ ca, names, commonName: domain, key: 'rsa1024' })
}
