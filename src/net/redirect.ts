// A peer that sends us to another host (RFC 6120 §4.9.3.19): whether we go there, and going there.
//
// Rule 1: the other host is met by the rules of the first one: the same `to`, the same proof of the same domain.
// Rule 2: only who has proven the domain can send us away. What comes before TLS, anybody on the way may have written.
// Rule 3: after a few hops, or where we have been already, it ends.
//
// SECURITY: a partner must not make us knock inside our own walls. Addresses that are not public count only for a peer
// whom we met at an address of the same kind, or where its entry (`connect:`) leads anyway. Names are judged by the
// addresses they turn out to have, each time, so that no second answer of DNS slips through.

import { BlockList, isIP } from 'node:net'
import { parseDomain } from '../xmpp/domain.ts'
import { dial, type Attempt, type DialOptions, type DialResult } from './dial.ts'
import type { Failure } from './failure.ts'
import type { AddressResolution, Target } from './resolve.ts'
import type { Stream, StreamHandler } from './stream.ts'

/** Where a peer sends us, in its words, and the address at which we heard it. */
export interface Redirect {
  readonly to: string
  readonly from: string
}

const MOST_HOPS = 3
/** Where a server listens for STARTTLS, which is all that RFC 6120 knows. */
const PORT = 5269
const PLACE = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]\s]+)(?::([1-9]\d{0,4}))?$/

/** `host`, `host:port`, `192.0.2.1:5269`, `[2001:db8::1]:5269` → where to connect; undefined for anything else. */
export function readRedirect(text: string, otherwise = PORT): Target | undefined {
  const [, name, digits] = PLACE.exec(text) ?? []
  const host = name === undefined ? undefined : parseDomain(name)
  const port = digits === undefined ? otherwise : Number(digits)
  if (host === undefined || port > 65_535) return undefined
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port, tls: 'starttls' }
}

export type Scope = 'public' | 'private' | 'link' | 'machine' | 'nowhere'

/** How far an address reaches. RFC 6890 */
export function scopeOf(address: string): Scope {
  const family = isIP(address)
  if (family === 0) return 'nowhere'
  return SCOPES.find(([, list]) => list.check(address, family === 6 ? 'ipv6' : 'ipv4'))?.[0] ?? 'public'
}

/** May a peer whom we met at `from` send us to this address? */
export function mayBeSentTo(address: string, from: string): boolean {
  const scope = scopeOf(address)
  return scope === 'public' || (scope !== 'nowhere' && scope === scopeOf(from))
}

/**
 * As `dial`, and goes where the peer sends us.
 * @param redirected a stream that was up ended with these words: then the way begins there
 */
export async function dialAndFollow(
  options: DialOptions,
  handler: (stream: Stream) => StreamHandler,
  redirected?: Redirect,
): Promise<DialResult> {
  const attempts: Attempt[] = []
  const been = new Set<string>()
  let redirect = redirected
  for (let hops = 0; ; hops++) {
    const next = redirect ? whereTo(redirect, hops, been, options) : options
    const result = await dial('reason' in next ? nowhere(options, next) : next, handler)
    if (result.ok) return result
    const { failure } = result
    attempts.push(...failure.attempts)
    for (const { target, address } of failure.attempts) {
      been.add(placeOf(target.host, target.port)).add(placeOf(address ?? '', target.port))
    }
    if (failure.elsewhere === undefined) return { ok: false, failure: { ...failure, attempts } }
    redirect = { to: failure.elsewhere, from: failure.remoteAddress }
  }
}

const placeOf = (host: string, port: number): string => `${host} ${port}`

/** The dial that a redirection comes to, or why it is not followed. */
function whereTo(
  redirect: Redirect,
  hops: number,
  been: ReadonlySet<string>,
  options: DialOptions,
): DialOptions | Failure {
  const { to, from } = redirect
  const target = readRedirect(to)
  if (!target) return { reason: 'SP-219', detail: `"${to.slice(0, 100)}" is no host and port` }
  const { host, port } = target
  const words = `${from} sends us to ${host} port ${port}`
  if (hops > MOST_HOPS) return { reason: 'SP-220', detail: `${words}, the ${hops}th host` }
  if (been.has(placeOf(host, port))) return { reason: 'SP-220', detail: `${words}, from where we come` }
  const routes = typeof options.targets === 'function' ? [] : options.targets
  if (routes.some((route) => route.host === host && route.port === port)) return { ...options, targets: [target] }
  const refused: Failure = { reason: 'SP-219', detail: `${words}, which is no public address` }
  if (isIP(host)) return mayBeSentTo(host, from) ? { ...options, targets: [target] } : refused
  return {
    ...options,
    targets: [target],
    async addresses(name): Promise<AddressResolution> {
      const found = await options.addresses?.(name)
      if (!found?.ok) return found ?? { ok: false, ...refused }
      const addresses = found.addresses.filter((address) => mayBeSentTo(address, from))
      return addresses.length > 0 ? { ok: true, addresses } : { ok: false, ...refused }
    },
  }
}

/** A dial that ends before it begins. */
const nowhere = (options: DialOptions, failure: Failure): DialOptions => ({
  ...options,
  targets: () => Promise.resolve({ ok: false, ...failure }),
})

function networks(...subnets: readonly string[]): BlockList {
  const list = new BlockList()
  for (const subnet of subnets) {
    const [base = '', prefix = ''] = subnet.split('/')
    list.addSubnet(base, Number(prefix), base.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Narrowest first; IPv4 in IPv6 counts as IPv4, also behind NAT64 (RFC 6052). The rest is public. */
const SCOPES: readonly (readonly [Scope, BlockList])[] = [
  ['machine', networks('127.0.0.0/8', '::1/128', '64:ff9b::7f00:0/104')],
  ['link', networks('169.254.0.0/16', 'fe80::/10', '64:ff9b::a9fe:0/112')],
  [
    'private',
    networks(
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '100.64.0.0/10',
      '198.18.0.0/15',
      'fc00::/7',
      'fec0::/10',
      '64:ff9b::a00:0/104',
      '64:ff9b::ac10:0/108',
      '64:ff9b::c0a8:0/112',
      '64:ff9b::6440:0/106',
    ),
  ],
  [
    'nowhere',
    networks(
      '0.0.0.0/8',
      '224.0.0.0/4',
      '240.0.0.0/4',
      '::/96',
      'ff00::/8',
      // IPv4 in clothes that no server wears: 6to4, Teredo, SIIT, and NAT64 within a network (RFC 8215).
      '2002::/16',
      '2001::/32',
      '::ffff:0:0:0/96',
      '64:ff9b:1::/48',
    ),
  ],
]
