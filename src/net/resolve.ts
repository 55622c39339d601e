// Where a domain is served (RFC 6120 §3.2, XEP-0368 §3): SRV `_xmpps-server` and `_xmpp-server`, else its own address at
// port 5269. Asked only after policy has admitted the domain.
//
// Rule 1: "does not exist", "is not offered", "no answer in time" and "no good answer" are different reasons.
// Rule 2: the addresses of a target are asked for when its turn comes, not before.
// Rule 3: with servers of its own, nothing but these is asked; without, names are looked up as the system does it, so
//         that /etc/hosts counts.

import { lookup, Resolver as DnsResolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { TlsStart } from '../stream/types.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { mergeServices, type ServiceAnswer, type ServiceRecord, type SrvRecord } from './srv.ts'

/** Somewhere to connect to. */
export interface Target {
  /** A DNS name or an IP address. */
  readonly host: string
  /** Known without asking. */
  readonly address?: string
  readonly port: number
  readonly tls: TlsStart
}

export interface ResolutionFailure {
  readonly ok: false
  readonly reason: ReasonId
  readonly detail: string
}

/** Targets in the order to try them. */
export type Resolution = { readonly ok: true; readonly targets: readonly Target[] } | ResolutionFailure

/** Addresses in the order to try them. */
export type AddressResolution = { readonly ok: true; readonly addresses: readonly string[] } | ResolutionFailure

export interface ResolverOptions {
  /** `address` or `address:port`; absent or empty: the system's. */
  readonly servers?: readonly string[] | undefined
  /** For one question, all servers and repetitions included. */
  readonly timeoutMs: number
  /** Chance, for the order of records of equal priority. */
  readonly random?: () => number
  /** Hears of each question when its answer is there, or given up. Must not throw. */
  asked?(question: Asked): void
}

/** A question to DNS and what came of it. */
export interface Asked {
  readonly name: string
  /** `address`: as the system looks names up, A and AAAA at once. */
  readonly type: 'SRV' | 'A' | 'AAAA' | 'address'
  readonly ms: number
  /** The records, or why there are none: `absent` where that was the answer. */
  readonly answer:
    | { readonly ok: true; readonly records: readonly (string | SrvRecord)[] }
    | { readonly ok: false; readonly absent: boolean; readonly reason: ReasonId; readonly code: string }
}

/** The service of each way to begin TLS. RFC 6120 §3.2.1, XEP-0368 §3 */
const SERVICE: Readonly<Record<TlsStart, string>> = { direct: '_xmpps-server._tcp', starttls: '_xmpp-server._tcp' }
/** RFC 6120 §3.2.1 */
const PORT = 5269
/** More than any honest domain has; the rest is ignored. */
const MOST_TARGETS = 16
const MOST_ADDRESSES = 8

export class Resolver {
  readonly #dns: DnsResolver
  readonly #ownServers: boolean
  readonly #timeoutMs: number
  readonly #random: () => number
  readonly #asked: ResolverOptions['asked']

  constructor({ servers, timeoutMs, random = Math.random, asked }: ResolverOptions) {
    // Two tries, the second twice as long as the first.
    this.#dns = new DnsResolver({ timeout: Math.max(1, Math.floor(timeoutMs / 3)), tries: 2 })
    this.#ownServers = servers !== undefined && servers.length > 0
    if (servers && this.#ownServers) this.#dns.setServers(servers)
    this.#timeoutMs = timeoutMs
    this.#random = random
    this.#asked = asked
  }

  /** Where the server-to-server service of a canonical domain is. RFC 6120 §3.2.1 */
  async federation(domain: string): Promise<Resolution> {
    const literal = domain.startsWith('[') ? domain.slice(1, -1) : domain
    if (isIP(literal)) return { ok: true, targets: [{ host: domain, address: literal, port: PORT, tls: 'starttls' }] }
    const question = (tls: TlsStart): string => `${SERVICE[tls]}.${domain}`
    const ask = (tls: TlsStart): Promise<Answer<SrvRecord[]>> =>
      this.#ask('SRV', question(tls), (name) => this.#dns.resolveSrv(name))
    const [direct, starttls] = await Promise.all([ask('direct'), ask('starttls')])
    const answers = { direct: recordsOf(direct), starttls: recordsOf(starttls) }
    const merged = mergeServices(answers, this.#random)
    switch (merged.kind) {
      case 'records':
        return { ok: true, targets: merged.records.slice(0, MOST_TARGETS).map(targetOf) }
      case 'refused':
        return { ok: false, reason: 'SP-205', detail: `SRV ${merged.by.map(question).join(', ')}: target "."` }
      case 'unknown': {
        const failed = answers.starttls === 'failed' ? 'starttls' : 'direct'
        const why = failed === 'starttls' ? starttls : direct
        if (!why.ok) return { ok: false, reason: why.reason, detail: `SRV ${question(failed)}: ${why.code}` }
        break
      }
      case 'absent':
        break
    }
    // No such records: the domain itself, then. RFC 6120 §3.2.2
    return { ok: true, targets: [{ host: domain, port: PORT, tls: 'starttls' }] }
  }

  /** The addresses of a host, IPv6 and IPv4 by turns. */
  async addresses(host: string): Promise<AddressResolution> {
    const literal = host.startsWith('[') ? host.slice(1, -1) : host
    if (isIP(literal)) return { ok: true, addresses: [literal] }
    if (host === 'localhost' || host.endsWith('.localhost')) return { ok: true, addresses: ['127.0.0.1', '::1'] } // RFC 6761 §6.3
    const [six, four] = this.#ownServers ? await this.#bothKinds(host) : await this.#asTheSystemDoes(host)
    const addresses: string[] = []
    const sixes = six.ok ? six.value : []
    const fours = four.ok ? four.value : []
    for (let i = 0; i < Math.max(sixes.length, fours.length); i++) {
      addresses.push(...sixes.slice(i, i + 1), ...fours.slice(i, i + 1))
    }
    if (addresses.length > 0) return { ok: true, addresses: addresses.slice(0, MOST_ADDRESSES) }
    return { ok: false, ...whyNone(host, six, four) }
  }

  /** Gives up the questions that are open; they fail. */
  cancel(): void {
    this.#dns.cancel()
  }

  #bothKinds(host: string): Promise<[Answer<string[]>, Answer<string[]>]> {
    return Promise.all([
      this.#ask('AAAA', host, (name) => this.#dns.resolve6(name)),
      this.#ask('A', host, (name) => this.#dns.resolve4(name)),
    ])
  }

  async #asTheSystemDoes(host: string): Promise<[Answer<string[]>, Answer<string[]>]> {
    const all = await this.#ask('address', host, async (name) =>
      (await lookup(name, { all: true })).map(({ address }) => address),
    )
    if (!all.ok) return [all, all]
    const of = (family: number): Answer<string[]> => ({
      ok: true,
      value: all.value.filter((address) => isIP(address) === family),
    })
    return [of(6), of(4)]
  }

  async #ask<T extends string | SrvRecord>(
    type: Asked['type'],
    name: string,
    question: (name: string) => Promise<T[]>,
  ): Promise<Answer<T[]>> {
    const start = performance.now()
    const answer = await this.#inTime(() => question(name))
    const told: Asked['answer'] = answer.ok ? { ok: true, records: answer.value } : answer
    this.#asked?.({ name, type, ms: Math.round(performance.now() - start), answer: told })
    return answer
  }

  async #inTime<T>(question: () => Promise<T>): Promise<Answer<T>> {
    const late = Promise.withResolvers<Answer<T>>()
    const timer = setTimeout(() => late.resolve(noAnswer('ETIMEOUT')), this.#timeoutMs)
    try {
      return await Promise.race([question().then((value): Answer<T> => ({ ok: true, value })), late.promise])
    } catch (error) {
      return noAnswer(error instanceof Error && 'code' in error ? String(error.code) : String(error))
    } finally {
      clearTimeout(timer)
    }
  }
}

type NoAnswer = {
  readonly ok: false
  /** There is no such record: as good an answer as any. */
  readonly absent: boolean
  readonly reason: ReasonId
  readonly code: string
}
type Answer<T> = { readonly ok: true; readonly value: T } | NoAnswer

const TIMEOUTS = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED', 'EAI_AGAIN'])

function noAnswer(code: string): NoAnswer {
  if (code === 'ENOTFOUND') return { ok: false, absent: true, reason: 'SP-201', code: 'NXDOMAIN' }
  if (code === 'ENODATA' || code === 'EAI_NODATA') return { ok: false, absent: true, reason: 'SP-202', code: 'no data' }
  if (TIMEOUTS.has(code)) return { ok: false, absent: false, reason: 'SP-203', code }
  return { ok: false, absent: false, reason: 'SP-204', code }
}

/** A failure to get an answer says more than an answer that there is nothing. */
function whyNone(host: string, six: Answer<string[]>, four: Answer<string[]>): { reason: ReasonId; detail: string } {
  const failures = [four, six].filter((answer) => !answer.ok)
  const worst = failures.find(({ absent }) => !absent) ?? failures[0]
  if (!worst) return { reason: 'SP-202', detail: `A and AAAA ${host}: no data` }
  return { reason: worst.reason, detail: `A and AAAA ${host}: ${worst.code}` }
}

const recordsOf = (answer: Answer<SrvRecord[]>): ServiceAnswer =>
  answer.ok ? answer.value : answer.absent ? 'absent' : 'failed'

const targetOf = ({ name, port, tls }: ServiceRecord): Target => ({
  host: name.toLowerCase().replace(/\.$/, ''),
  port,
  tls,
})
