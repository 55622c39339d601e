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
  /** A host that is to be tried before that, by domain. */
  readonly first?: Readonly<Record<string, { readonly host: string; readonly port?: number }>>
  /** The same for direct TLS: `_xmpps-server._tcp` records (XEP-0368 §3). */
  readonly directTls?: View['federation']
  /** Where clients of a domain are led: `_xmpp-client._tcp` and `_xmpps-client._tcp` records. */
  readonly clients?: View['federation']
  readonly directClients?: View['federation']
  /** Every other name, whatever it is, leads to this address: the view of a core behind the gateway. */
  readonly everythingElse?: string
}

export interface DnsServer {
  readonly address: string
  readonly log: Log
  /** Names asked for since the mark (`log.length`), in order, with their types: `A corp.test`. */
  queries(since?: number): readonly string[]
  /** Takes questions and answers none, until `goOn`. */
  hang(): void
  goOn(): void
  /** From now on these hosts are at these addresses, and everything else as it was; resolves when it answers so. */
  change(hosts: Readonly<Record<string, string>>): Promise<void>
}

/** SRV records, all of one priority and weight. */
function services(service: string, records: View['federation'], usual: number, priority = 10): readonly string[] {
  return Object.entries(records ?? {}).map(
    ([domain, { host, port = usual }]) => `--srv-host=${service}._tcp.${domain},${host},${port},${priority},10`,
  )
}

/** Starts dnsmasq with the records of the view. Needs root, for port 53. */
export async function dns(t: Cleanup, view: View): Promise<DnsServer> {
  const folder = await temporaryFolder(t)
  let program = await start(t, view, folder)
  const { log } = program
  return {
    address: view.address,
    log,
    queries: (since = 0) =>
      log.lines(/ query\[/, since).map((line) => line.replace(/^.* query\[(\S+)\] (\S+) from .*$/, '$1 $2')),
    hang: () => program.kill('SIGSTOP'),
    goOn: () => program.kill('SIGCONT'),
    async change(hosts) {
      await program[Symbol.asyncDispose]()
      program = await start(t, { ...view, hosts: { ...view.hosts, ...hosts } }, folder)
    },
  }
}

function start(t: Cleanup, view: View, folder: string): Promise<Program> {
  return Program.start(t, {
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
      ...services('_xmpp-server', view.federation, 5269),
      ...services('_xmpp-server', view.first, 5269, 1),
      ...services('_xmpps-server', view.directTls, 5270),
      ...services('_xmpp-client', view.clients, 5222),
      ...services('_xmpps-client', view.directClients, 5223),
    ],
    logFile: join(folder, 'dnsmasq.log'),
    ready: /started, version/,
  })
}
