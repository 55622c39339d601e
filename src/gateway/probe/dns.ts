// The part of a probe that looks for the partner: what is asked of DNS, what is answered, and where that leads. A resolver
// of its own, so that nothing remembered stands between the question and the answer.

import { type Asked, Resolver } from '../../net/resolve.ts'
import type { SrvRecord } from '../../net/srv.ts'
import type { ReasonId } from '../../xmpp/reasons.ts'
import type { House } from '../house.ts'
import { partnerLookup } from '../lookups.ts'
import type { ProbeDns, ProbeHost, ProbeQuestion, ProbeTarget } from './report.ts'

/** No answer, or none of use. */
const TROUBLES: ReadonlySet<ReasonId> = new Set<ReasonId>(['SP-203', 'SP-204'])

export class ProbeResolver {
  readonly #resolver: Resolver
  readonly #house: House
  #asked: Asked[] = []

  constructor(house: House, timeoutMs: number) {
    this.#house = house
    const lookup = partnerLookup(house.settings)
    this.#resolver = new Resolver({
      ...lookup,
      timeoutMs: Math.min(lookup.timeoutMs, Math.ceil(timeoutMs / 4)), // for there are several questions
      asked: (one) => this.#asked.push(one),
    })
  }

  /** Where the domain is served, by the routes of its entry or by DNS; `local` is the domain of ours that asks. */
  async federation(domain: string, local: string): Promise<ProbeDns> {
    const routes = this.#house.partners.find(domain)?.connect ?? []
    const nothing = { questions: [], targets: [], fallback: false, failure: undefined, answersElsewhere: undefined }
    if (routes.length > 0) return { ...nothing, routes: true, targets: routes.map(targetOf) }
    const found = await this.#resolver.federation(domain)
    const questions = this.#taken()
    if (found.ok) {
      const fallback = questions.length > 0 && questions.every(({ records }) => records.length === 0)
      return { ...nothing, routes: false, questions, targets: found.targets.map(targetOf), fallback }
    }
    const { reason, detail } = found
    // Is it their name servers that are in trouble, or the ones we ask?
    const answersElsewhere = TROUBLES.has(reason) ? await this.#answers(local) : undefined
    return { ...nothing, routes: false, questions, failure: { reason, detail }, answersElsewhere }
  }

  async #answers(domain: string): Promise<boolean> {
    const found = await this.#resolver.federation(domain)
    this.#taken()
    return found.ok || !TROUBLES.has(found.reason)
  }

  async host(host: string): Promise<ProbeHost> {
    const found = await this.#resolver.addresses(host)
    const late = found.ok ? await found.more : undefined
    const questions = this.#taken()
    if (found.ok) return { host, questions, addresses: [...found.addresses, ...(late ?? [])], failure: undefined }
    return { host, questions, addresses: [], failure: { reason: found.reason, detail: found.detail } }
  }

  cancel(): void {
    this.#resolver.cancel()
  }

  /** What was asked since the last time, in the order of the names. */
  #taken(): ProbeQuestion[] {
    const asked = this.#asked.map(questionOf)
    this.#asked = []
    return asked.toSorted((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1))
  }
}

function questionOf({ name, type, ms, answer }: Asked): ProbeQuestion {
  if (answer.ok) return { name, type, ms, records: answer.records.map(recordText), failure: undefined }
  return {
    name,
    type,
    ms,
    records: [],
    failure: { reason: answer.reason, detail: answer.code, absent: answer.absent },
  }
}

/** `10 5 5269 xmpp.example.` RFC 2782 */
function recordText(record: string | SrvRecord): string {
  if (typeof record === 'string') return record
  return `${record.priority} ${record.weight} ${record.port} ${record.name.replace(/\.?$/, '.')}`
}

const targetOf = ({ host, port, tls }: ProbeTarget): ProbeTarget => ({ host, port, tls })
