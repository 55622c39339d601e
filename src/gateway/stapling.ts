// What responders say of our own certificates, fetched before anybody asks and put where the handshake finds it.
//
// Rule 1: no handshake waits for a fetch: without a staple at hand none is sent.
// Rule 2: asked anew before it is out of date; kept over a restart. Only what says "good" is sent.
// Rule 3: not asked where `trust.revocation` is off or nothing is fetched, nor where a certificate names no responder.

import { errorText } from '../trust/files.ts'
import type { CertificateFinding } from '../trust/finding.ts'
import { Evidence, type EvidenceOptions, type Understood } from '../trust/revocation/evidence.ts'
import type { Fetch } from '../trust/revocation/fetch.ts'
import { judgeResponse, LARGEST_OCSP_BYTES, ocspRequest, type Asked } from '../trust/revocation/ocsp.ts'
import { pointersOf } from '../trust/revocation/pointers.ts'
import { mustStaple, neverStapled, type Staple } from '../trust/staple.ts'
import { subjectText } from '../trust/summary.ts'
import type { House } from './house.ts'

export interface StaplingOptions extends Pick<EvidenceOptions<Buffer>, 'keeper' | 'fetched' | 'most'> {
  house(): Pick<House, 'ours' | 'ownIdentity' | 'issuersOf' | 'settings'>
  readonly obtain: Fetch
  now(): number
}

interface Look {
  due: number
  busy: boolean
  /** An answer was there, so that the next time is meant to ask anew. */
  known: boolean
  /** Why there is none. */
  fault: string | undefined
}

/** So long before its end it is asked anew: a tenth of its time, and an hour at most. */
const EARLY_MS = 3_600_000
const RETRY_MS = 300_000
const MOST_AT_ONCE = 4
const MOST_RESPONDERS = 2

/** What came threw whoever read it. */
const unread = (error: unknown): Understood<Buffer> => ({ ok: false, reason: 'SP-338', detail: errorText(error) })

export class Stapling {
  readonly #o: StaplingOptions
  readonly #answers: Evidence<Buffer>
  readonly #looks = new WeakMap<Staple, Look>()
  #busy = 0

  constructor(o: StaplingOptions) {
    this.#o = o
    this.#answers = new Evidence(o)
  }

  /** Asks about those whose time has come. */
  tick(): void {
    const now = this.#o.now()
    for (const { staple } of this.#all()) {
      const look = this.#lookAt(staple)
      if (look.busy || look.due > now || this.#busy >= MOST_AT_ONCE) continue
      look.busy = true
      this.#busy += 1
      void this.#ask(staple, look).finally(() => {
        look.busy = false
        this.#busy -= 1
      })
    }
  }

  /** Certificates that ask to be shown with a staple, where there is none; and what a responder finds wrong with one. */
  findings(): readonly CertificateFinding[] {
    const { domains } = this.#o.house().settings
    return this.#all().flatMap(({ domain, staple }) => {
      const { fault } = this.#lookAt(staple)
      if (fault === undefined || !mustStaple(staple.certificate) || staple.at(this.#o.now())) return []
      const file = domains.find((own) => own.domain === domain)?.certFile ?? ''
      const message = `must be shown with an OCSP staple, and there is none: ${fault}`
      return [{ severity: 'warning' as const, file, line: undefined, path: `domains.${domain}`, message }]
    })
  }

  #all(): readonly { readonly domain: string; readonly staple: Staple }[] {
    const house = this.#o.house()
    return [...house.ours].flatMap((domain) =>
      (house.ownIdentity(domain)?.staples ?? []).map((staple) => ({ domain, staple })),
    )
  }

  #lookAt(staple: Staple): Look {
    const look = this.#looks.get(staple) ?? { due: 0, busy: false, known: false, fault: undefined }
    this.#looks.set(staple, look)
    return look
  }

  /** Never rejects, whatever a responder sends. */
  async #ask(staple: Staple, look: Look): Promise<void> {
    const answer = await this.#answer(staple, look.known).catch(unread)
    const now = this.#o.now()
    look.known = answer.ok
    look.fault = answer.ok ? undefined : answer.detail
    look.due = now + RETRY_MS
    if (!answer.ok) return
    staple.put(answer.value, answer.until)
    const left = answer.until - now
    look.due = now + Math.max(left - Math.min(left / 10, EARLY_MS), RETRY_MS / 5)
  }

  async #answer({ certificate, issuer }: Staple, renew: boolean): Promise<Understood<Buffer>> {
    const no = (detail: string): Understood<Buffer> => ({ ok: false, reason: 'SP-334', detail })
    const house = this.#o.house()
    const { responder, revocation, fetch } = house.settings.trust
    const never = neverStapled(certificate, { revocation, fetch })
    const pointers = pointersOf(certificate)
    if (never !== undefined || typeof pointers === 'string') return no(never ?? '')
    const issuers = issuer ? [issuer] : house.issuersOf(certificate)
    const by = issuers.find((one) => certificate.x509.checkIssued(one.x509))
    if (!by) return no(`the certificate of ${certificate.x509.issuer.replaceAll('\n', ', ')} is not in the file`)
    const urls = responder === undefined ? pointers.responders.filter((url) => /^http:/i.test(url)) : [responder]
    let last = no('nobody to ask')
    for (const url of urls.slice(0, MOST_RESPONDERS)) {
      last = await this.#askAt(url, { certificate, issuer: by }, { renew, by: responder ? 'operator' : 'certificate' })
      if (last.ok) return last
    }
    return last
  }

  async #askAt(
    url: string,
    asked: Asked,
    { renew, by }: { readonly renew: boolean; readonly by: 'operator' | 'certificate' },
  ): Promise<Understood<Buffer>> {
    const { certificate, issuer } = asked
    const octets = ocspRequest(asked)
    if (!octets) return { ok: false, reason: 'SP-334', detail: `${subjectText(certificate)}: its number does not read` }
    const body = { type: 'application/ocsp-request', octets }
    return this.#answers.get({
      place: `staple ${url} ${issuer.fingerprint} ${certificate.fingerprint}`,
      renew,
      obtain: () => this.#o.obtain({ url, by, body, mostBytes: LARGEST_OCSP_BYTES }),
      read: (answer) => {
        const said = judgeResponse(answer, asked, this.#o.now())
        if (said.status !== 'good') return { ok: false, reason: said.reason, detail: said.detail }
        return { ok: true, value: answer, until: said.until, bytes: answer.length + 512 }
      },
    })
  }
}
