// The views of DNS that `quickstart` prints, served by the real programs with Debian's own files around them: every name
// leads to the gateway, none has SRV records, and the answers look like those of a resolver.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { coreSteps } from '../../src/cli/core-lines.ts'
import { type DnsViewKind, VIEWS } from '../../src/cli/dns-view.ts'
import { Resolver } from '../../src/net/resolve.ts'
import { Machine } from '../support/machine.ts'
import { needsPeer } from '../support/peers.ts'
import { temporaryFolder } from '../support/pki.ts'
import { within } from '../support/within.ts'

/** How Debian starts each, in the foreground, and how it checks its files. */
const SERVERS: Readonly<
  Record<
    DnsViewKind,
    {
      copies: readonly string[]
      empty?: readonly string[]
      serve: readonly string[]
      check: readonly string[]
      ready: RegExp
    }
  >
> = {
  dnsmasq: {
    copies: [],
    serve: ['dnsmasq', '--keep-in-foreground', '--user=root', '--pid-file=', '--log-facility=-'],
    check: ['dnsmasq', '--test'],
    ready: /started, version/,
  },
  unbound: {
    copies: ['/etc/unbound'],
    empty: ['/var/lib/unbound'],
    serve: ['unbound', '-dd', '-v', '-p', '-c', '/etc/unbound/unbound.conf'],
    check: ['unbound-checkconf', '/etc/unbound/unbound.conf'],
    ready: /start of service/,
  },
  bind: {
    copies: ['/etc/bind'],
    serve: ['named', '-g', '-c', '/etc/bind/named.conf'],
    check: ['named-checkconf', '-z', '/etc/bind/named.conf'],
    ready: / running$/,
  },
}

/** The key of the DNS root (RFC 7958), as a record. */
const ROOT_KEY = '. IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n'

/** A question of type A as a stub resolver asks it; gives the flags of the answer. */
async function flagsOf(server: string, name: string): Promise<number> {
  const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)])
  const question = Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, 1, 0, 1])
  const socket = createSocket('udp4')
  try {
    socket.send(question, 53, server)
    const [answer] = (await within(5000, once(socket, 'message'), 'an answer')) as [Buffer]
    return answer.readUInt16BE(2)
  } finally {
    socket.close()
  }
}

for (const view of ['dnsmasq', 'unbound', 'bind'] as const) {
  for (const gateway of ['10.1.0.2', 'fd00:1::2']) {
    test(`${view} leads every name to ${gateway}`, needsPeer(view, 'root'), async (t) => {
      const { copies, empty = [], serve, check, ready } = SERVERS[view]
      const machine = await Machine.make(t, { copies, empty })
      const steps = coreSteps({
        kind: 'prosody',
        gateway,
        dnsView: view,
        domain: 'corp.example',
        beside: undefined,
      })
      const ours = steps.filter(({ file }) => file !== undefined && !file.includes('prosody'))
      await machine.follow(ours)
      // What the service of Debian does before unbound starts: a trust anchor, here the one of the package.
      if (view === 'unbound') await machine.write('/var/lib/unbound/root.key', ROOT_KEY)
      const config = view === 'dnsmasq' ? [`--conf-file=${machine.path('/etc/dnsmasq.d/sallyport.conf')}`] : []
      const [checker = '', ...checks] = check
      const checked = await machine.run(checker, [...checks, ...config])
      equal(checked.code, 0, checked.stdout + checked.stderr)
      const [command = '', ...args] = serve
      await machine.start(t, 'root', {
        name: view,
        command,
        args: [...args, ...config],
        logFile: join(await temporaryFolder(t), 'view.log'),
        ready,
      })
      const resolver = new Resolver({ servers: [VIEWS[view].address], timeoutMs: 5000 })
      for (const name of ['partner.example', 'conference.a.b.c.partner.example', 'com', 'xn--bcher-kva.example']) {
        deepEqual(await resolver.federation(name), {
          ok: true,
          targets: [{ host: name, port: 5269, tls: 'starttls' }],
        })
        const found = await resolver.addresses(name)
        ok(found.ok, JSON.stringify(found))
        deepEqual(found.addresses, [gateway])
        deepEqual((await found.more) ?? [], [])
      }
      // An answer, recursion available, no error: otherwise resolvers that forward here ask elsewhere.
      equal((await flagsOf(VIEWS[view].address, 'partner.example')) & 0x808f, 0x8080)
    })
  }
}
