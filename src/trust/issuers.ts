// Certificates of CAs that peers should have sent and did not, fetched from where their certificates say they lie. RFC 5280
// §4.2.2.1 (authority information access, caIssuers).
//
// Rule 1: what is fetched helps to build a path and vouches for nobody; it is no secret and need not be signed twice.
// Rule 2: bounded: places per certificate, steps up, certificates of one answer, all that is kept, all at once under way.
// Rule 3: a place is asked once, however many wait for it, and not again for a while, whatever it said.
//
// SECURITY: the place is written by whoever made the certificate, which nothing has vouched for yet. Who calls asks
// policy first, and asks for peers that we connect to, not for who connects to us and only claims a name.

import { readCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { DerError, TAG, expectTag, readAll, readDer, readOid } from './der.ts'
import type { DerValue } from './der.ts'
import { readGeneralName } from './general-name.ts'
import { decodePem } from './pem.ts'

/** What lies at a place, of at most so many bytes; undefined where it cannot be had. Never rejects. */
export type ObtainFile = (url: string, mostBytes: number) => Promise<Buffer | undefined>

const MOST_PLACES = 2
const MOST_STEPS = 3
const MOST_IN_ANSWER = 32
const MOST_KEPT = 512
const MOST_AT_ONCE = 8
const LARGEST_BYTES = 262_144
const AGAIN_MS = { found: 86_400_000, failed: 600_000 }

interface Asked {
  readonly again: number
  /** Those that the place had. */
  readonly found: Promise<readonly Certificate[]>
}

export class Issuers {
  /** Milliseconds since 1970. */
  readonly #now: () => number
  readonly #asked = new Map<string, Asked>()
  readonly #kept = new Map<string, Certificate>()
  #underWay = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** What is kept, and what is being fetched. */
  get figures(): { readonly kept: number; readonly places: number; readonly underWay: number } {
    return { kept: this.#kept.size, places: this.#asked.size, underWay: this.#underWay }
  }

  /** Those fetched whose subject has this key. */
  of(subject: string): readonly Certificate[] {
    return [...this.#kept.values()].filter((one) => one.subject.key === subject)
  }

  /**
   * Fetches the issuers that are missing above these certificates. True: there is one that was not there before.
   * @param has is there an issuer of this subject (its key) besides those given and those kept?
   */
  async complete(
    chain: readonly Certificate[],
    { has, obtain }: { has(subject: string): boolean; readonly obtain: ObtainFile },
  ): Promise<boolean> {
    const there = [...chain]
    let isNew = false
    for (let step = 0; step < MOST_STEPS; step++) {
      const open = there.filter(
        ({ issuer }) => !has(issuer.key) && !there.some(({ subject }) => subject.key === issuer.key),
      )
      const found = (await Promise.all(open.map((certificate) => this.#issuersOf(certificate, obtain)))).flat()
      for (const one of found) isNew = this.#keep(one) || isNew
      if (found.length === 0) break
      there.push(...found)
    }
    return isNew
  }

  async #issuersOf(certificate: Certificate, obtain: ObtainFile): Promise<readonly Certificate[]> {
    const answers: Certificate[] = []
    for (const place of issuerPlaces(certificate).slice(0, MOST_PLACES))
      for (const one of await this.#at(place, obtain)) if (mayIssue(one, certificate)) answers.push(one)
    return answers
  }

  #at(place: string, obtain: ObtainFile): Promise<readonly Certificate[]> {
    const known = this.#asked.get(place)
    if (known && known.again > this.#now()) return known.found
    if (this.#underWay >= MOST_AT_ONCE) return Promise.resolve([])
    this.#underWay += 1
    const found = obtain(place, LARGEST_BYTES).then((octets) => {
      const certificates = octets ? readAnswer(octets) : []
      this.#underWay -= 1
      const ms = certificates.length > 0 ? AGAIN_MS.found : AGAIN_MS.failed
      this.#remember(place, { again: this.#now() + ms, found })
      return certificates
    })
    // Until it is there, whoever asks for the same place waits for the same answer.
    this.#remember(place, { again: Infinity, found })
    return found
  }

  #remember(place: string, asked: Asked): void {
    this.#asked.delete(place)
    this.#asked.set(place, asked)
    if (this.#asked.size > MOST_KEPT) this.#asked.delete(this.#asked.keys().next().value!)
  }

  /** True: it was not there. */
  #keep(certificate: Certificate): boolean {
    const isNew = !this.#kept.delete(certificate.fingerprint)
    this.#kept.set(certificate.fingerprint, certificate)
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return isNew
  }
}

function mayIssue(candidate: Certificate, certificate: Certificate): boolean {
  return candidate.subject.key === certificate.issuer.key && candidate.extensions.basicConstraints?.ca === true
}

const OID = { access: '1.3.6.1.5.5.7.1.1', issuers: '1.3.6.1.5.5.7.48.2', signedData: '1.2.840.113549.1.7.2' } as const

/** Where the certificate says that its issuer's lies: `http:` URLs, in its order. What does not read says nothing. */
export function issuerPlaces(certificate: Certificate): readonly string[] {
  try {
    const body = extensionBody(certificate, OID.access)
    if (!body) return []
    return readAll(readDer(body, TAG.sequence).content).flatMap((value) => {
      const [method, location] = readAll(expectTag(value, TAG.sequence).content)
      const name = location && readOid(method) === OID.issuers ? readGeneralName(location) : undefined
      return name?.kind === 'uri' && /^http:\/\//i.test(name.value) ? [name.value] : []
    })
  } catch (error) {
    if (error instanceof DerError) return []
    throw error
  }
}

function extensionBody(certificate: Certificate, oid: string): Buffer | undefined {
  const [tbs] = readAll(readDer(certificate.raw, TAG.sequence).content)
  const last = readAll(expectTag(tbs, TAG.sequence).content).at(-1)
  if (last?.tag !== 0xa3) return undefined
  for (const value of readAll(readDer(last.content, TAG.sequence).content)) {
    const [id, second, third] = readAll(expectTag(value, TAG.sequence).content)
    if (readOid(id) === oid) return expectTag(third ?? second, TAG.octetString).content
  }
  return undefined
}

/** One certificate, in DER or PEM, or the certificates of a PKCS #7 without signers (RFC 2797 §3.1: `.p7c`). */
function readAnswer(octets: Buffer): readonly Certificate[] {
  return certificatesIn(octets)
    .slice(0, MOST_IN_ANSWER)
    .map((der) => readCertificate(der))
    .filter((one) => typeof one !== 'string')
}

/** DER of the certificates in what a CA hands out: one in DER, those in PEM, those of a PKCS #7; or of what is none at all. */
export function certificatesIn(octets: Buffer): readonly Buffer[] {
  const pem = decodePem(octets.toString('latin1'))
  if (pem.length > 0) return pem
  try {
    const [first, wrapped] = readAll(readDer(octets, TAG.sequence).content)
    return first?.tag === TAG.oid ? bundle(first, wrapped) : [octets]
  } catch (error) {
    if (error instanceof DerError) return []
    throw error
  }
}

/** RFC 5652 §5.1: version, digests, content, [0] certificates. */
function bundle(type: DerValue, wrapped: DerValue | undefined): readonly Buffer[] {
  if (readOid(type) !== OID.signedData) return []
  const parts = readAll(readDer(expectTag(wrapped, 0xa0).content, TAG.sequence).content)
  const certificates = parts.find(({ tag }) => tag === 0xa0)
  return certificates ? readAll(certificates.content).map(({ whole }) => whole) : []
}
