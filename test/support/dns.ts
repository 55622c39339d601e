// A real DNS server (dnsmasq) for one view of the world. It answers from the records it is given, says NXDOMAIN to
// everything else, never asks anybody, and its query log can be asked what was looked up.

import { join } from 'node:path'
import { temporaryFolder } from './pki.ts'
import { Program } from './program.ts'
import type { Cleanup, Log } from './program.ts'

export interface View {
  /** Where it listens, on port 53. */
  readonly address: string
  /** Host names and their addresses. */
  readonly hosts?: Readonly<Record<string, string>>
  /** XMPP domains and the host that serves them: `_xmpp-server._tcp` records (RFC 6120 §3.2.1). */
  readonly federation?: Readonly<Record<string, { readonly host: string; readonly port?: number }>>
  /** Every other name, whatever it is, leads to this address: the view of a core behind the gateway. */
  readonly everythingElse?: string
}

export interface DnsServer {
  readonly address: string
  readonly log: Log
  /** Names asked for since the mark (`log.length`), in order, with their types: `A corp.test`. */
  queries(since?: number): readonly string[]
}

/** Starts dnsmasq with the records of the view. Needs root, for port 53. */
export async function dns(t: Cleanup, view: View): Promise<DnsServer> {
  const folder = await temporaryFolder(t)
  const { log } = await Program.start(t, {
    name: `dnsmasq ${view.address}`,
    command: 'dnsmasq',
    args: [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--pid-file=',
      '--user=root', // A change of user would clear the parent-death signal.
      '--no-hosts',
      '--no-resolv',
      '--no-poll',
      '--cache-size=0',
      '--bind-interfaces',
      `--listen-address=${view.address}`,
      '--log-queries',
      '--log-facility=-',
      '--local=/#/', // Otherwise what is not an address is REFUSED, and resolvers ask again and again.
      `--address=/#/${view.everythingElse ?? ''}`,
      ...Object.entries(view.hosts ?? {}).map(([host, address]) => `--host-record=${host},${address}`),
      ...Object.entries(view.federation ?? {}).map(
        ([domain, { host, port = 5269 }]) => `--srv-host=_xmpp-server._tcp.${domain},${host},${port},10,10`,
      ),
    ],
    logFile: join(folder, 'dnsmasq.log'),
    ready: /started, version/,
  })
  return {
    address: view.address,
    log,
    queries: (since = 0) =>
      log.lines(/ query\[/, since).map((line) => line.replace(/^.* query\[(\S+)\] (\S+) from .*$/, '$1 $2')),
  }
}
