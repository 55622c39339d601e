// Where the CAs of a run publish what they say of certificates: a responder and lists by HTTP, lists by LDAP, at an address of
// each version of IP. What they say of each certificate is up to the case whose peer shows it.

import type { Listed, Responds } from '../case.ts'
import { askedAbout } from './ocsp-answer.ts'
import type { IpVersion } from './scene.ts'
import { type Answered, Serving, speakHttp, speakLdap } from './web.ts'

/** What a CA can say of one certificate that it has issued. */
export interface Speaker {
  /** DER of the number of the certificate. */
  readonly serial: Buffer
  answer(says: Responds): Promise<Answered>
  list(is: Listed): Promise<Answered>
}

/** What it says now, and how often it was asked. */
interface Entry {
  readonly speaker: Speaker
  responds: Responds
  listed: Listed
  readonly asked: Record<'responder' | 'list', number>
  /** What the responder has answered. */
  readonly given: Buffer[]
}

/** Where something is told: by a responder, or by a list. */
export type Way = 'ocsp' | 'http' | 'ldap' | 'nowhere'

/** Nobody answers at the first of all ports. */
const NOBODY = 'http://127.0.0.1:1/ocsp'

export class Publication implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack()
  readonly #entries = new Map<string, Entry>()
  /** `host:port` of each server. */
  readonly #at = new Map<string, string>()

  static async open(hosts: ReadonlyMap<IpVersion, string>): Promise<Publication> {
    const publication = new Publication()
    for (const [ip, host] of hosts) {
      const http = await Serving.open(
        host,
        speakHttp((path, body) => publication.#byHttp(path, body)),
      )
      publication.#stack.use(http)
      const ldap = await Serving.open(
        host,
        speakLdap((entry) => publication.#listOf(entry.replace(/^cn=/, ''))),
      )
      publication.#stack.use(ldap)
      const name = ip === 4 ? host : `[${host}]`
      publication.#at.set(`http ${ip}`, `${name}:${http.port}`).set(`ldap ${ip}`, `${name}:${ldap.port}`)
    }
    return publication
  }

  /** Where it is told of the certificate of a domain. */
  url(domain: string, way: Way, ip: IpVersion): string {
    const at = this.#at.get(`${way === 'ldap' ? 'ldap' : 'http'} ${ip}`) ?? ''
    if (way === 'nowhere') return NOBODY
    if (way === 'ocsp') return `http://${at}/ocsp`
    return way === 'http' ? `http://${at}/${domain}` : `ldap://${at}/cn=${domain}?certificateRevocationList;binary`
  }

  /** From now on it is told of this certificate of the domain; of one that it had before no more. */
  add(domain: string, speaker: Speaker): void {
    this.#entries.set(domain, {
      ...{ speaker, responds: 'good', listed: 'good', asked: { responder: 0, list: 0 }, given: [] },
    })
  }

  /** What is said of the certificate of a domain from now on. */
  says(domain: string, what: { readonly responds?: Responds | undefined; readonly listed?: Listed | undefined }): void {
    const entry = this.#of(domain)
    if (what.responds !== undefined) entry.responds = what.responds
    if (what.listed !== undefined) entry.listed = what.listed
  }

  /** How often that was asked of the certificate of a domain. */
  asked(domain: string, whom: 'responder' | 'list'): number {
    return this.#of(domain).asked[whom]
  }

  /** Is this what the responder has answered of the certificate of a domain? */
  hasGiven(domain: string, answer: Buffer): boolean {
    return this.#of(domain).given.some((one) => one.equals(answer))
  }

  /** What the responder would say, for whoever brings it himself. */
  answer(domain: string, says: Responds): Promise<Answered> {
    return this.#of(domain).speaker.answer(says)
  }

  #of(domain: string): Entry {
    const entry = this.#entries.get(domain)
    if (!entry) throw new Error(`nothing was issued for ${domain}`)
    return entry
  }

  async #byHttp(path: string, body: Buffer): Promise<Answered> {
    if (path !== '/ocsp') return this.#listOf(path.slice(1))
    const serial = askedAbout(body)
    const entry = [...this.#entries.values()].find(({ speaker }) => serial && speaker.serial.equals(serial))
    if (!entry) return undefined
    entry.asked.responder += 1
    const answer = await entry.speaker.answer(entry.responds)
    if (Buffer.isBuffer(answer)) entry.given.push(answer)
    return answer
  }

  async #listOf(domain: string): Promise<Answered> {
    const entry = this.#entries.get(domain)
    if (!entry) return undefined
    entry.asked.list += 1
    return entry.speaker.list(entry.listed)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync()
  }
}
