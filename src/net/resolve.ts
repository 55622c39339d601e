// Where a domain is served (RFC 6120 §3.2, XEP-0368 §3): SRV `_xmpps-server` and `_xmpp-server`, else its own address at
// port 5269. Asked only after policy has admitted the domain. The same for its clients, of our own domains.
//
// Rule 1: "does not exist", "is not offered", "no answer in time" and "no good answer" are different reasons.
// Rule 2: the addresses of a target are asked for when its turn comes, not before.
// Rule 3: with servers of its own, nothing but these is asked; without, names are looked up as the system does it, so
//         that /etc/hosts counts. The system tells no TTL and knows itself what to keep, so it is asked each time.
// Rule 4: an answer that is late holds nobody up while another leads somewhere. RFC 8305 §3
//
// SECURITY: DNS proves nothing, and whoever is found by it has to prove the name. All the same it leads to no address that
// no server can have, nor to this machine, unless that is wanted: a lying one would have us knock at our own doors.

import { lookup, Resolver as DnsResolver } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import type { TlsStart } from '../stream/types.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import { type Answer, Answers, type Keeping, type NoAnswer } from './answers.ts'
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

/** Addresses in the order to try them; `more`: those of a family that is not answered for yet. */
export type AddressResolution =
  | { readonly ok: true; readonly addresses: readonly string[]; readonly more?: Promise<readonly string[]> }
  | ResolutionFailure

export interface ResolverOptions {
  /** `address` or `address:port`; absent or empty: the system's. */
  readonly servers?: readonly string[] | undefined
  /** For one question, all servers and repetitions included. */
  readonly timeoutMs: number
  /** How long answers are kept, asked each time; absent: not at all. */
  keeping?(): Keeping
  /** May a name lead to this machine? Default: it may. */
  readonly loopback?: boolean
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

/** The service of each way to begin TLS, and the port of a domain without records. RFC 6120 §3.2, XEP-0368 §3 */
interface Services {
  readonly names: Readonly<Record<TlsStart, string>>
  readonly port: number
}

const SERVERS: Services = { names: { direct: '_xmpps-server._tcp', starttls: '_xmpp-server._tcp' }, port: 5269 }
const CLIENTS: Services = { names: { direct: '_xmpps-client._tcp', starttls: '_xmpp-client._tcp' }, port: 5222 }
/** More than any honest domain has; the rest is ignored. */
const MOST_TARGETS = 16
const MOST_ADDRESSES = 8
/** How long one family of addresses waits for the other. RFC 8305 §3 */
const RESOLUTION_DELAY_MS = 50
const KEEP_NOTHING: Keeping = { keepMs: 0, keepAbsentMs: 0, staleMs: 0, most: 0 }

export class Resolver {
  readonly #dns: DnsResolver
  readonly #ownServers: boolean
  readonly #timeoutMs: number
  readonly #random: () => number
  readonly #asked: ResolverOptions['asked']
  readonly #loopback: boolean
  readonly #services: Answers<SrvRecord>
  readonly #addresses: Answers<string>

  constructor(options: ResolverOptions) {
    const { servers, timeoutMs, random = Math.random, loopback = true, asked, keeping = () => KEEP_NOTHING } = options
    // Two tries, the second twice as long as the first.
    this.#dns = new DnsResolver({ timeout: Math.max(1, Math.floor(timeoutMs / 3)), tries: 2 })
    this.#ownServers = servers !== undefined && servers.length > 0
    if (servers && this.#ownServers) this.#dns.setServers(servers)
    this.#timeoutMs = timeoutMs
    this.#random = random
    this.#asked = asked
    this.#loopback = loopback
    const now = (): number => performance.now()
    this.#services = new Answers({ keeping, now })
    this.#addresses = new Answers({ keeping, now })
  }

  /** How many answers are kept. */
  get kept(): number {
    return this.#services.size + this.#addresses.size
  }

  /** Has everything about where a domain is served asked anew the next time. What is known serves only while DNS is down. */
  renew(domain: string): void {
    const hosts = new Set([domain])
    for (const service of Object.values(SERVERS.names)) {
      const question = `${service}.${domain}`
      for (const record of this.#services.known(question) ?? []) hosts.add(hostOf(record))
      this.#services.renew(question)
    }
    for (const host of hosts) for (const type of ['A', 'AAAA', 'address']) this.#addresses.renew(`${type} ${host}`)
  }

  /** Where the server-to-server service of a canonical domain is. RFC 6120 §3.2.1 */
  federation(domain: string): Promise<Resolution> {
    return this.#find(domain, SERVERS)
  }

  /** Where its clients are led. RFC 6120 §3.2.1 */
  clients(domain: string): Promise<Resolution> {
    return this.#find(domain, CLIENTS)
  }

  async #find(domain: string, { names, port }: Services): Promise<Resolution> {
    const literal = domain.startsWith('[') ? domain.slice(1, -1) : domain
    if (isIP(literal)) return { ok: true, targets: [{ host: domain, address: literal, port, tls: 'starttls' }] }
    const question = (tls: TlsStart): string => `${names[tls]}.${domain}`
    const ask = (tls: TlsStart): Promise<Answer<SrvRecord>> =>
      this.#services.get(question(tls), () =>
        this.#ask('SRV', question(tls), async (name) => ({ value: await this.#dns.resolveSrv(name) })),
      )
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
    return { ok: true, targets: [{ host: domain, port, tls: 'starttls' }] }
  }

  /** The addresses of a host, IPv6 and IPv4 by turns. */
  async addresses(host: string): Promise<AddressResolution> {
    const literal = host.startsWith('[') ? host.slice(1, -1) : host
    if (isIP(literal)) return { ok: true, addresses: [literal] }
    if (host === 'localhost' || host.endsWith('.localhost')) return { ok: true, addresses: ['127.0.0.1', '::1'] } // RFC 6761 §6.3
    const { six, four, late } = this.#ownServers ? await this.#bothKinds(host) : await this.#asTheSystemDoes(host)
    const addresses: string[] = []
    const [sixes, fours] = [this.#usable(six), this.#usable(four)]
    for (let i = 0; i < Math.max(sixes.length, fours.length); i++) {
      addresses.push(...sixes.slice(i, i + 1), ...fours.slice(i, i + 1))
    }
    if (addresses.length === 0) return { ok: false, ...whyNone(host, six, four) }
    const more = late && late.then((answer) => this.#usable(answer).slice(0, MOST_ADDRESSES))
    return { ok: true, addresses: addresses.slice(0, MOST_ADDRESSES), ...(more ? { more } : {}) }
  }

  /** Gives up the questions that are open; they fail. */
  cancel(): void {
    this.#dns.cancel()
  }

  /** IPv6 and IPv4, or the one that has addresses while the other is late. */
  async #bothKinds(host: string): Promise<Families> {
    const six = this.#family('AAAA', host)
    const four = this.#family('A', host)
    const first = await Promise.race([
      six.then((answer) => ({ answer: { six: answer }, has: this.#usable(answer).length > 0, late: four })),
      four.then((answer) => ({ answer: { four: answer }, has: this.#usable(answer).length > 0, late: six })),
    ])
    if (first.has) {
      const soon = Promise.withResolvers<undefined>()
      const timer = setTimeout(() => soon.resolve(undefined), RESOLUTION_DELAY_MS)
      const other = await Promise.race([first.late, soon.promise])
      clearTimeout(timer)
      if (!other) return { ...first.answer, late: first.late }
    }
    return { six: await six, four: await four }
  }

  #family(type: 'A' | 'AAAA', host: string): Promise<Answer<string>> {
    return this.#addresses.get(`${type} ${host}`, () =>
      this.#ask(type, host, async (name) => {
        const records = await (type === 'A'
          ? this.#dns.resolve4(name, { ttl: true })
          : this.#dns.resolve6(name, { ttl: true }))
        const ttlMs = Math.min(...records.map(({ ttl }) => ttl)) * 1000
        return { value: records.map(({ address }) => address), ttlMs }
      }),
    )
  }

  async #asTheSystemDoes(host: string): Promise<Families> {
    const all = await this.#addresses.get(`address ${host}`, () =>
      this.#ask('address', host, async (name) => ({
        value: (await lookup(name, { all: true })).map(({ address }) => address),
        ttlMs: 0,
      })),
    )
    if (!all.ok) return { six: all, four: all }
    const of = (family: number): Answer<string> => ({
      ok: true,
      value: all.value.filter((address) => isIP(address) === family),
    })
    return { six: of(6), four: of(4) }
  }

  /** The addresses of an answer that a server can have. */
  #usable(answer: Answer<string> | undefined): readonly string[] {
    if (!answer?.ok) return []
    const isOurs = (address: string): boolean => !this.#loopback && covers(LOOPBACK, address)
    return answer.value.filter((address) => !covers(NOBODY, address) && !isOurs(address))
  }

  async #ask<T extends string | SrvRecord>(
    type: Asked['type'],
    name: string,
    question: (name: string) => Promise<{ readonly value: readonly T[]; readonly ttlMs?: number }>,
  ): Promise<Answer<T>> {
    const start = performance.now()
    const answer = await this.#inTime(() => question(name))
    const told: Asked['answer'] = answer.ok ? { ok: true, records: answer.value } : answer
    this.#asked?.({ name, type, ms: Math.round(performance.now() - start), answer: told })
    return answer
  }

  async #inTime<T>(
    question: () => Promise<{ readonly value: readonly T[]; readonly ttlMs?: number }>,
  ): Promise<Answer<T>> {
    const late = Promise.withResolvers<Answer<T>>()
    const timer = setTimeout(() => late.resolve(noAnswer('ETIMEOUT')), this.#timeoutMs)
    try {
      return await Promise.race([question().then((found): Answer<T> => ({ ok: true, ...found })), late.promise])
    } catch (error) {
      return noAnswer(error instanceof Error && 'code' in error ? String(error.code) : String(error))
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Answers of both families; `late`: the one that has not come yet. */
interface Families {
  readonly six?: Answer<string>
  readonly four?: Answer<string>
  readonly late?: Promise<Answer<string>>
}

/** Addresses that no server has: unspecified, multicast, broadcast; and link-local ones, which DNS cannot speak of. */
const NOBODY = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  'fe80::/10',
  'ff00::/8',
])
const LOOPBACK = blockList(['127.0.0.0/8', '::1/128'])

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [base = '', prefix] = network.split('/')
    list.addSubnet(base, Number(prefix), isIP(base) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

const covers = (list: BlockList, address: string): boolean => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

const TIMEOUTS = new Set(['ETIMEOUT', 'ECONNREFUSED', 'ECANCELLED', 'EAI_AGAIN'])

function noAnswer(code: string): NoAnswer {
  if (code === 'ENOTFOUND') return { ok: false, absent: true, reason: 'SP-201', code: 'NXDOMAIN' }
  if (code === 'ENODATA' || code === 'EAI_NODATA') return { ok: false, absent: true, reason: 'SP-202', code: 'no data' }
  if (TIMEOUTS.has(code)) return { ok: false, absent: false, reason: 'SP-203', code }
  return { ok: false, absent: false, reason: 'SP-204', code }
}

/** A failure to get an answer says more than an answer that there is nothing, or nothing of use. */
function whyNone(
  host: string,
  six: Answer<string> | undefined,
  four: Answer<string> | undefined,
): { reason: ReasonId; detail: string } {
  const answers = [four, six].filter((answer) => answer !== undefined)
  const failures = answers.filter((answer) => !answer.ok)
  const worst = failures.find(({ absent }) => !absent)
  const useless = answers.flatMap((answer) => (answer.ok ? answer.value : []))
  if (!worst && useless.length > 0) return { reason: 'SP-208', detail: `${host}: ${useless.join(', ')}` }
  const { reason, code } = worst ?? failures[0] ?? noAnswer('ENODATA')
  return { reason, detail: `A and AAAA ${host}: ${code}` }
}

const recordsOf = (answer: Answer<SrvRecord>): ServiceAnswer =>
  answer.ok ? answer.value : answer.absent ? 'absent' : 'failed'

const hostOf = ({ name }: SrvRecord): string => name.toLowerCase().replace(/\.$/, '')

const targetOf = (record: ServiceRecord): Target => ({ host: hostOf(record), port: record.port, tls: record.tls })
