// When certificates end: ours, those that partners showed last, those by which the core is known, and the CAs of ours,
// which are changed for others before that. Looked at once a minute; who reads the log is told at each step, once for
// each certificate.
//
// Rule 1: of a partner counts the newest certificate that it showed: an old stream with an old one is no news.
// Rule 2: bounded: so many domains of partners, and so much that was told; what was seen longest ago goes first.

import { join } from 'node:path'
import type { Stream } from '../net/stream.ts'
import type { CertificateEvents, EndingFacts, LeftFacts } from '../observe/certificate-events.ts'
import { readCertificate } from '../trust/certificate.ts'
import { endingOf, firstToEnd, stepOf, untilText, type Ending } from '../trust/expiry.ts'
import type { CertificateFinding } from '../trust/finding.ts'
import type { OwnCertificates } from '../trust/own-certificates.ts'
import type { Authority } from './authorities.ts'
import type { House } from './house.ts'

export interface ExpiriesOptions {
  house(): House
  streams(): Iterable<Pick<Stream, 'info' | 'proven'>>
  own(): Pick<OwnCertificates, 'chains'>
  authorities(): readonly Authority[]
  now(): number
  readonly events: Pick<CertificateEvents, 'certificateEnding' | 'caRotates'>
}

interface Held {
  readonly whose: EndingFacts['whose']
  readonly name: string
  readonly ending: Ending
}

/** What the chain of a partner comes to. */
interface Shown {
  /** When its leaf was issued. */
  readonly issued: number
  readonly ending: Ending
}

const REASONS = {
  own: 'SP-381',
  partner: 'SP-382',
  core: 'SP-383',
  'internal-ca': 'SP-384',
  'users-ca': 'SP-887',
} as const
const LOOK_MS = 60_000
const MOST_PARTNERS = 10_000
const MOST_TOLD = 20_000

export class Expiries implements Disposable {
  readonly #o: ExpiriesOptions
  readonly #partners = new Map<string, Shown>()
  readonly #told = new Map<string, EndingFacts['step']>()
  readonly #read = new WeakMap<object, Shown | undefined>()
  readonly #timer: NodeJS.Timeout

  constructor(o: ExpiriesOptions) {
    this.#o = o
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref()
  }

  /** Looks at all of them. */
  async look(): Promise<void> {
    for (const { whose, ca } of this.#o.authorities()) {
      const rotation = await ca.tend()
      if (rotation) this.#o.events.caRotates({ whose, ...rotation })
    }
    const now = this.#o.now()
    this.#seePartners()
    for (const { whose, name, ending } of this.#all()) {
      const step = stepOf(ending, now)
      const key = `${whose} ${name} ${ending.fingerprint}`
      const told = this.#told.get(key)
      if (step === undefined) continue
      this.#told.delete(key)
      put(this.#told, key, step, MOST_TOLD)
      if (step === told) continue
      const { subject, notAfter } = ending
      this.#o.events.certificateEnding({ whose, name, subject, notAfter, reason: REASONS[whose], step })
    }
  }

  /** When each ends. */
  left(): readonly LeftFacts[] {
    const { partners } = this.#o.house()
    return this.#all().map(({ whose, name, ending }) => ({
      ...{ whose, name, notAfter: ending.notAfter },
      ...(whose === 'partner' ? { partner: partners.find(name)?.domain } : {}),
    }))
  }

  /** What to do about them; what is ours is told of beside what else is wrong with its files. */
  findings(): readonly CertificateFinding[] {
    const now = this.#o.now()
    const others = this.#all().flatMap(({ whose, name, ending }) => {
      const step = stepOf(ending, now)
      if (step === undefined || whose === 'own' || whose === 'internal-ca' || whose === 'users-ca') return []
      const { subject, notAfter } = ending
      const when = `${step === 'expired' ? 'expired at' : 'expires at'} ${new Date(notAfter).toISOString()}`
      const said = `${subject} ${when}${step === 'expired' ? '' : `, ${untilText(notAfter, now)}`}`
      const entry = this.#o.house().partners.find(name)?.domain ?? name
      return whose === 'core'
        ? [finding(name, 'core.trust', `${said}; put the new one there, beside the old`)]
        : [finding(join('federation-config', 'partners', `${entry}.yaml`), name, `${said}; remind the partner`)]
    })
    return [...this.#o.authorities().flatMap(({ ca }) => ca.findings()), ...others]
  }

  /** All there are, of each name what ends first. */
  #all(): readonly Held[] {
    const own = this.#o.own().chains()
    return [
      ...own.flatMap(({ domain, chains }) =>
        held('own', domain, firstToEnd(chains.flatMap(({ chain }) => chain.map(endingOf)))),
      ),
      ...Array.from(this.#partners, ([name, { ending }]) => ({ whose: 'partner' as const, name, ending })),
      ...this.#o.house().coreEndings.flatMap((ending) => held('core', ending.file, ending)),
      ...this.#o
        .authorities()
        .flatMap(({ whose, ca }) => ca.endings.flatMap((ending) => held(whose, ending.file, ending))),
    ]
  }

  #seePartners(): void {
    const { partners } = this.#o.house()
    for (const stream of this.#o.streams()) {
      if (stream.info.leg !== 'partner') continue
      const shown = this.#shownOn(stream)
      if (!shown) continue
      for (const { pair, method } of stream.proven) {
        const known = this.#partners.get(pair.remote)
        if (method !== 'certificate' || (known && known.issued >= shown.issued)) continue
        this.#partners.delete(pair.remote)
        put(this.#partners, pair.remote, shown, MOST_PARTNERS)
      }
    }
    for (const domain of this.#partners.keys()) if (!partners.find(domain)) this.#partners.delete(domain)
  }

  #shownOn({ info: { chain } }: Pick<Stream, 'info'>): Shown | undefined {
    if (!this.#read.has(chain)) this.#read.set(chain, shownBy(chain))
    return this.#read.get(chain)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}

/** The leaf of a chain and those above it, as far as they were sent; a root may end as it likes. */
function shownBy(chain: readonly Buffer[]): Shown | undefined {
  const sent = chain.map((der) => readCertificate(der)).filter((one) => typeof one !== 'string')
  const [leaf] = sent
  if (!leaf) return undefined
  const path = [leaf]
  for (let last = leaf; path.length <= sent.length;) {
    const above = sent.find((one) => one.subject.key === last.issuer.key)
    if (!above || above.subject.key === above.issuer.key) break
    path.push((last = above))
  }
  const ending = firstToEnd(path.map(endingOf))
  return ending && { issued: leaf.notBefore, ending }
}

const held = (whose: Held['whose'], name: string, ending: Ending | undefined): readonly Held[] =>
  ending ? [{ whose, name, ending }] : []

const finding = (file: string, path: string, message: string): CertificateFinding => ({
  ...{ severity: 'warning', file, line: undefined, path, message },
})

function put<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= most) break
    map.delete(oldest)
  }
}
