// The thread on which a directory is searched for a CRL. Run by `fetch-ldap.ts` alone, for one search.
//
// SECURITY: the connection is ours, to an address that was judged, and counts its octets; the library only speaks on it.

import { connect } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { Client } from 'ldapts'
import type { Entry } from 'ldapts'
import type { LdapFound, LdapSearch } from './fetch-ldap.ts'

/** The entry around the CRL. */
const OVERHEAD_BYTES = 65_536

async function find({ address, port, dn, attributes, scope, filter, mostBytes }: LdapSearch): Promise<LdapFound> {
  let tooLarge = false
  const client = new Client({
    url: `ldap://${address.includes(':') ? `[${address}]` : address}:${port}`,
    // Names of the real world are not always what the RFC says.
    strictDN: false,
    createConnection() {
      const counted = connect({ host: address, port })
      counted.on('data', () => {
        if (counted.bytesRead <= mostBytes + OVERHEAD_BYTES) return
        tooLarge = true
        counted.destroy(new Error('too much'))
      })
      return counted
    },
  })
  try {
    const { searchEntries } = await client.search(dn, {
      scope,
      filter,
      attributes: [...attributes],
      explicitBufferAttributes: [...attributes],
      sizeLimit: 1,
      timeLimit: 10,
    })
    const octets = searchEntries.map((entry) => firstValue(entry, attributes)).find((value) => value !== undefined)
    if (!octets) return 'nothing'
    // A copy of its own, to be handed over.
    return octets.length > mostBytes ? 'too large' : { octets: Uint8Array.from(octets) }
  } catch (error) {
    if (tooLarge) return 'too large'
    return { failed: error instanceof Error ? error.message : String(error) }
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

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `fetch-ldap.ts` is who starts this
const found = await find(workerData as LdapSearch)
const transfer = typeof found === 'object' && 'octets' in found ? [found.octets.buffer] : []
parentPort?.postMessage(found, transfer)
