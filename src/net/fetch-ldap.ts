// A CRL out of a directory (RFC 4516, RFC 4523): one anonymous search of one entry.
//
// SECURITY: the connection is ours, to an address that was judged, and counts its octets; the library only speaks on it.

import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { Client } from 'ldapts'
import type { Entry } from 'ldapts'
import type { Fetched } from '../trust/revocation/fetch.ts'
import { fault, noRoom, type FetchStep } from './fetch-step.ts'

/** RFC 4523 §2, with and without `;binary`. */
const ATTRIBUTES = ['certificateRevocationList;binary', 'authorityRevocationList;binary', 'deltaRevocationList;binary']
/** The entry around the CRL. */
const OVERHEAD_BYTES = 65_536

/** The first CRL of the entry that the URL names. Rejects where there is no connection, and when the time is over. */
export async function fetchByLdap({ url, addresses, request, signal, room }: FetchStep): Promise<Fetched> {
  const place = request.url
  const [dn = '', attribute = '', scope = '', filter = ''] = `${url.pathname.slice(1)}${url.search}`
    .split('?')
    .map(decode)
  if (dn === '') return fault('SP-346', place, 'names no entry of the directory')
  const [address = ''] = addresses
  const tooLarge = fault('SP-345', place, `more than ${request.mostBytes} octets`)
  let refused: Fetched | undefined
  let taken = 0
  let socket: Socket | undefined
  const client = new Client({
    url: `ldap://${address.includes(':') ? `[${address}]` : address}:${url.port === '' ? 389 : url.port}`,
    // Names of the real world are not always what the RFC says.
    strictDN: false,
    createConnection() {
      socket = connect({ host: address, port: url.port === '' ? 389 : Number(url.port), signal })
      const counted = socket
      counted.on('data', ({ length }: Buffer) => {
        if (counted.bytesRead > request.mostBytes + OVERHEAD_BYTES) refused = tooLarge
        else if (room.take(length)) taken += length
        else refused = noRoom(place)
        if (refused) counted.destroy(new Error('too much'))
      })
      return counted
    },
  })
  try {
    const attributes = attribute === '' ? ATTRIBUTES : attribute.split(',')
    const { searchEntries } = await client.search(dn, {
      scope: scope === 'one' || scope === 'sub' ? scope : 'base',
      filter: filter === '' ? '(objectClass=*)' : filter,
      attributes,
      explicitBufferAttributes: attributes,
      sizeLimit: 1,
      timeLimit: 10,
    })
    const octets = searchEntries.map((entry) => firstValue(entry, attributes)).find((value) => value !== undefined)
    if (!octets) return fault('SP-343', place, 'the directory has no such entry, or no CRL in it')
    return octets.length > request.mostBytes ? tooLarge : { ok: true, octets }
  } catch (error) {
    if (refused) return refused
    throw error
  } finally {
    room.give(taken)
    socket?.destroy()
  }
}

function firstValue(entry: Entry, attributes: readonly string[]): Buffer | undefined {
  for (const attribute of attributes) {
    const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase())
    const value = name === undefined ? undefined : [entry[name]].flat()[0]
    if (Buffer.isBuffer(value) && value.length > 0) return value
  }
  return undefined
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
