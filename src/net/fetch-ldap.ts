// A CRL out of a directory (RFC 4516, RFC 4523): one anonymous search of one entry, each on a thread of its own.

import type { Fetched } from '../trust/revocation/fetch.ts'
import { fault, type FetchStep } from './fetch-step.ts'
import { onThread } from './ldap-thread.ts'
import { Places } from './places.ts'

/** RFC 4523 §2, with and without `;binary`. */
const ATTRIBUTES = ['certificateRevocationList;binary', 'authorityRevocationList;binary', 'deltaRevocationList;binary']
/** Threads at the same time; others wait for one. */
const MOST_THREADS = 4
/** Beside the octets of the entry. */
const HEAP_MB = 96

/** What the thread is to do. */
export interface LdapSearch {
  readonly address: string
  readonly port: number
  readonly dn: string
  readonly attributes: readonly string[]
  readonly scope: 'base' | 'one' | 'sub'
  readonly filter: string
  readonly mostBytes: number
}

/** What comes of it; a rejection of the thread's is told in words. */
export type LdapFound =
  | { readonly octets: Uint8Array<ArrayBuffer> }
  | 'nothing'
  | 'too large'
  | { readonly failed: string }

/** The first CRL of the entry that the URL names. Rejects where there is no connection, and when the time is over. */
export async function fetchByLdap({ url, addresses, request, signal, threads }: FetchStep): Promise<Fetched> {
  const place = request.url
  const [dn = '', attribute = '', scope = '', filter = ''] = `${url.pathname.slice(1)}${url.search}`
    .split('?')
    .map(decode)
  if (dn === '') return fault('SP-346', place, 'names no entry of the directory')
  const found = await threads.find(
    {
      address: addresses[0] ?? '',
      port: url.port === '' ? 389 : Number(url.port),
      dn,
      attributes: attribute === '' ? ATTRIBUTES : attribute.split(','),
      scope: scope === 'one' || scope === 'sub' ? scope : 'base',
      filter: filter === '' ? '(objectClass=*)' : filter,
      mostBytes: request.mostBytes,
    },
    signal,
  )
  if (found === 'nothing') return fault('SP-343', place, 'the directory has no such entry, or no CRL in it')
  if (found === 'too large') return fault('SP-345', place, `more than ${request.mostBytes} octets`)
  if ('failed' in found) return fault('SP-343', place, found.failed)
  const { buffer, byteOffset, byteLength } = found.octets
  return { ok: true, octets: Buffer.from(buffer, byteOffset, byteLength) }
}

/** The threads that search. */
export class LdapThreads {
  readonly #places = new Places(MOST_THREADS)

  /** Rejects when the time is over. */
  find(search: LdapSearch, signal: AbortSignal): Promise<LdapFound> {
    return this.#places.run(
      () => onThread<LdapFound>('fetch-ldap-thread.ts', search, { signal, heapMb: HEAP_MB }),
      signal,
    )
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
