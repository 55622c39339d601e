// Fetching what responders and CAs say about revocation: over HTTP here, over LDAP next door. What they say is signed, so
// it comes as it is; where it comes from proves nothing.
//
// Rule 1: bounded in time, octets and redirections, and no connection is kept.
// Rule 2: HTTP without TLS only: judging a certificate for the sake of judging a certificate has no end. RFC 5280 §8
//
// SECURITY: the place is written by whoever issued a certificate, and nobody outside may make us knock inside our own walls:
// each name, redirections included, is judged by the addresses it turns out to have, and those alone are connected to.

import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Fetch, FetchRequest, Fetched } from '../trust/revocation/fetch.ts'
import { fetchByLdap, LdapThreads } from './fetch-ldap.ts'
import { fault, noRoom, type FetchStep } from './fetch-step.ts'
import { Octets, room } from './octets.ts'
import type { AddressResolution } from './resolve.ts'

export interface FetchOptions {
  addresses(host: string): Promise<AddressResolution>
  /** May it be fetched from this address, where the place was written by a certificate? */
  mayFetchFrom(address: string): boolean
  /** For one thing, redirections included. */
  timeoutMs(): number
  /** For everything that is being fetched at the same time. */
  mostBytes(): number
}

/** What all fetches have in common. */
type Shared = Pick<FetchStep, 'room' | 'threads'>

const MOST_REDIRECTIONS = 3
const MOST_ADDRESSES = 3
const REDIRECTING: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** The function through which `trust/` reaches outside. */
export function fetcher(o: FetchOptions): Fetch {
  const shared = { room: room(() => o.mostBytes()), threads: new LdapThreads() }
  return async (request) => {
    const timeoutMs = o.timeoutMs()
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      return await follow(request, signal, o, shared)
    } catch (error) {
      if (signal.aborted) return fault('SP-344', request.url, `nothing whole within ${timeoutMs / 1000} s`)
      return fault('SP-343', request.url, error instanceof Error ? error.message : String(error))
    }
  }
}

async function follow(request: FetchRequest, signal: AbortSignal, o: FetchOptions, shared: Shared): Promise<Fetched> {
  let place = request.url
  // Only the first place was written by whoever wrote the request.
  let { by } = request
  for (let hops = 0; hops <= MOST_REDIRECTIONS; hops++) {
    const url = URL.parse(place)
    if (!url || (url.protocol !== 'http:' && (url.protocol !== 'ldap:' || hops > 0)))
      return fault('SP-346', place, 'only http: and ldap: are fetched')
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
    if (host === '') return fault('SP-346', place, 'names no host')
    const found = await within(signal, o.addresses(host))
    if (!found.ok) return fault('SP-343', place, found.detail)
    const known = [...found.addresses, ...((await within(signal, found.more ?? Promise.resolve([]))) ?? [])]
    const addresses = known.filter((address) => by === 'operator' || o.mayFetchFrom(address))
    if (addresses.length === 0) return fault('SP-346', place, `leads to ${known.join(', ')}, where nothing is fetched`)
    const step: FetchStep = { url, addresses: addresses.slice(0, MOST_ADDRESSES), request, signal, ...shared }
    if (url.protocol === 'ldap:') return await fetchByLdap(step)
    const answer = await fetchByHttp(step)
    if ('ok' in answer) return answer
    place = new URL(answer.redirectedTo, url).href
    by = 'certificate'
  }
  return fault('SP-346', request.url, `more than ${MOST_REDIRECTIONS} redirections`)
}

/** The outcome, unless the time is over before. */
async function within<T>(signal: AbortSignal, outcome: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const over = (): void => reject(new Error('the time is over'))
  signal.addEventListener('abort', over, { once: true })
  try {
    return await Promise.race([outcome, promise])
  } finally {
    signal.removeEventListener('abort', over)
  }
}

type Answer = Fetched | { readonly redirectedTo: string }

/** By the first address that takes the connection. */
async function fetchByHttp(step: FetchStep): Promise<Answer> {
  let last: unknown
  for (const address of step.addresses) {
    try {
      return await readAnswer(await ask(step, address), step)
    } catch (error) {
      last = error
      if (step.signal.aborted) break
    }
  }
  throw last
}

function ask({ url, request, signal }: FetchStep, address: string): Promise<IncomingMessage> {
  const { body } = request
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = httpRequest({
    host: address,
    family: isIP(address),
    port: url.port === '' ? 80 : Number(url.port),
    path: `${url.pathname}${url.search}`,
    method: body ? 'POST' : 'GET',
    headers: {
      host: url.host,
      'cache-control': 'no-cache',
      ...(body ? { 'content-type': body.type, 'content-length': body.octets.length } : {}),
    },
    agent: false,
    signal,
  })
  sent.once('response', resolve)
  sent.on('error', reject)
  sent.end(body?.octets)
  return promise
}

async function readAnswer(
  answer: IncomingMessage,
  { url, request: { mostBytes }, room: shared }: FetchStep,
): Promise<Answer> {
  using octets = new Octets(mostBytes, shared)
  try {
    const { statusCode = 0, headers } = answer
    if (REDIRECTING.has(statusCode) && headers.location !== undefined) return { redirectedTo: headers.location }
    if (statusCode !== 200) return fault('SP-343', url.href, `HTTP status ${statusCode}`)
    const tooLarge = fault('SP-345', url.href, `more than ${mostBytes} octets`)
    if (Number(headers['content-length'] ?? 0) > mostBytes) return tooLarge
    for await (const piece of answer as AsyncIterable<Buffer>) {
      const refused = octets.add(piece)
      if (refused === 'no room') return noRoom(url.href)
      if (refused) return tooLarge
    }
    return { ok: true, octets: octets.whole }
  } finally {
    answer.destroy()
  }
}
