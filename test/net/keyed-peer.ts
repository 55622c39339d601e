// A partner's server without a certificate that proves anything: it does dialback in both roles, and everything else is
// what the test says. One server for any number of domains.

import type { Partner } from '../../src/policy/partner.ts'
import { DialbackKeys } from '../../src/trust/dialback-key.ts'
import { Dialog, DialogHost } from '../support/dialog.ts'
import { type Issued, issue } from '../support/pki.ts'
import { Happenings, header, PROCEED, STARTTLS } from './gate.ts'

const DIALBACK = "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"
const ID = 's1'
const features = (inside: string): string => `<stream:features>${inside}</stream:features>`

/** A stream to the gateway, on which keys may be shown. */
export interface Opened {
  readonly dialog: Dialog
  readonly id: string
}

export class KeyedPeer implements AsyncDisposable {
  /** Streams of the gateway's that are ready. */
  readonly streams = new Happenings<Dialog>()
  readonly #us: string
  readonly #host: DialogHost
  readonly #address: string
  readonly #certificate: Issued
  readonly #keys = new DialbackKeys('of a test')
  readonly #dialogs: Dialog[] = []
  #closed = false

  private constructor(us: string, host: DialogHost, address: string, certificate: Issued) {
    this.#us = us
    this.#host = host
    this.#address = address
    this.#certificate = certificate
    void this.#serveAll()
  }

  /** @param us whom it speaks to @param address to listen at */
  static async open(us: string, address: string): Promise<KeyedPeer> {
    return new KeyedPeer(us, await DialogHost.open(address), address, await issue({ names: ['nobody.example'] }))
  }

  /** Its entry in the list, after the model of another one. */
  entry(model: Partner, domain: string): Partner {
    const connect = [{ host: this.#address, port: this.#host.port, tls: 'starttls' }] as const
    return { ...model, domain, alsoKnownAs: [], status: 'allowed', authentication: 'dialback-over-tls', connect }
  }

  /** Opens a stream to the gateway, in the name of a domain. */
  async call(
    where: { readonly host: string; readonly port: number },
    from: string,
    certificate = this.#certificate,
  ): Promise<Opened> {
    const dialog = await Dialog.open(where)
    this.#dialogs.push(dialog)
    const words = header({ from, to: this.#us })
    await dialog.say(words).expect(/<\/stream:features>/)
    await dialog.say(STARTTLS).expect(/<proceed/)
    await dialog.startTls({ certificate })
    const [, id = ''] = await dialog.say(words).expect(/<stream:stream [^>]*id='([^']*)'.*<\/stream:features>/s)
    return { dialog, id }
  }

  /** The claim to speak for a domain on a stream, to be said there. */
  claim({ id }: Opened, from: string, key = this.#key(from, id)): string {
    return `<db:result xmlns:db='jabber:server:dialback' from='${from}' to='${this.#us}'>${key}</db:result>`
  }

  #key(originating: string, id: string): string {
    return this.#keys.make({ receiving: this.#us, originating, id })
  }

  async #serveAll(): Promise<void> {
    for (;;) {
      const dialog = await this.#host.next().catch(() => undefined)
      if (dialog) this.#dialogs.push(dialog)
      if (dialog) void this.#serve(dialog).catch(() => dialog.socket.destroy())
      else if (this.#closed) return
    }
  }

  async #serve(dialog: Dialog): Promise<void> {
    const [, name = ''] = await dialog.expect(/<stream:stream [^>]*to='([^']*)'[^>]*>/)
    const ours = header({ from: name, to: this.#us, id: ID })
    await dialog.say(ours + features(STARTTLS)).expect(/<starttls/)
    dialog.say(PROCEED)
    await dialog.startTls({ certificate: this.#certificate, server: true })
    await dialog.expect(/<stream:stream [^>]*>/)
    dialog.say(ours + features(DIALBACK))
    const [, word, about = '', key = ''] = await dialog.expect(/<db:(result|verify) ([^>]*)>([^<]*)<\/db:\w+>/)
    const names = `xmlns:db='jabber:server:dialback' from='${name}' to='${this.#us}'`
    if (word === 'verify') {
      const id = /\bid='([^']*)'/.exec(about)?.[1] ?? ''
      const type = key === this.#key(name, id) ? 'valid' : 'invalid'
      await dialog.say(`<db:verify ${names} id='${id}' type='${type}'/>`).expect(/<\/stream:stream>/)
      dialog.socket.end('</stream:stream>')
      return
    }
    dialog.say(`<db:result ${names} type='valid'/>`)
    this.streams.add(dialog)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    for (const dialog of this.#dialogs) await dialog[Symbol.asyncDispose]()
    await this.#host[Symbol.asyncDispose]()
  }
}
