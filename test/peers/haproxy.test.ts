// A real HAProxy in front of a listener: both versions of its protocol, both ways to begin TLS, and its health checks.

import { deepEqual, equal, ok } from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, test } from 'node:test'
import type { TlsStart } from '../../src/stream/types.ts'
import { Caller, Gate, identityOf, message } from '../net/gate.ts'
import { needsPeer } from '../support/peers.ts'
import { type Issued, issue, makeCa, temporaryFolder } from '../support/pki.ts'
import { Program, type Cleanup } from '../support/program.ts'

const BALANCER = '127.0.64.1'
const CLIENT = '127.0.64.2'
const CLIENT_6 = '::1'
const PORT = 5269

let ca: Issued
let ours: Issued
let theirs: Issued

before(async () => {
  ca = await makeCa()
  ours = await issue({ ca, names: ['us.test'] })
  theirs = await issue({ ca, names: ['peer.test'] })
})

/** HAProxy in front of a port of 127.0.0.1, with health checks ten times a second. */
async function haproxy(t: Cleanup, port: number, send: string): Promise<Program> {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'haproxy.cfg')
  await writeFile(
    file,
    `global
    log stdout format raw local0
defaults
    mode tcp
    timeout connect 5s
    timeout client 1m
    timeout server 1m
listen federation
    bind ${BALANCER}:${PORT}
    bind [::1]:${PORT}
    log global
    source ${BALANCER}
    option log-health-checks
    server gateway 127.0.0.1:${port} ${send} check inter 100ms
`,
  )
  return Program.start(t, {
    name: 'haproxy',
    command: 'haproxy',
    args: ['-db', '-V', '-f', file],
    cwd: folder,
    logFile: join(folder, 'haproxy.log'),
    ready: /as the polling mechanism/,
  })
}

for (const send of ['send-proxy', 'send-proxy-v2', 'send-proxy-v2 proxy-v2-options unique-id,crc32c,ssl,cert-cn']) {
  for (const tls of ['starttls', 'direct'] as const satisfies readonly TlsStart[]) {
    test(`HAProxy with ${send}, ${tls}`, needsPeer('haproxy', 'root'), async (t) => {
      const refused: unknown[] = []
      await using gate = await Gate.open({
        ca,
        certificate: ours,
        tls,
        isBalancer: (address) => address === BALANCER,
        reception: { greet: () => identityOf(ours), turnedAway: (...what) => refused.push(what) },
      })
      const { log } = await haproxy(t, gate.target.port, send)
      await log.expect(/Health check for server federation\/gateway succeeded/)
      for (const [host, from] of [
        [BALANCER, CLIENT],
        ['::1', CLIENT_6],
      ] as const) {
        const caller = new Caller(ca, theirs)
        await using out = await caller.reach(0, { targets: [{ host, port: PORT, tls }], localAddress: from })
        const into = await gate.streams.next()
        equal(into.info.peerAddress, from)
        out.send(Buffer.from(message('balanced')))
        equal(await gate.frames.next(), message('balanced'))
        ok(into.open)
      }
      deepEqual([refused, gate.failures.all, gate.bugs.all], [[], [], []])
    })
  }
}
