// The bench does what it says with every contestant: a short run of each workload, in which every stanza arrives and every
// figure has a value. How large the figures are is nobody's business here.

import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { CONTESTANTS } from '../../bench/contestants/all.ts'
import { bulkIn } from '../../bench/workloads/bulk-in.ts'
import { bulkOut } from '../../bench/workloads/bulk-out.ts'
import { many } from '../../bench/workloads/many.ts'
import { mixed } from '../../bench/workloads/mixed.ts'
import { newcomers } from '../../bench/workloads/handshakes.ts'
import { remoteChat } from '../../bench/workloads/remote-chat.ts'
import { remoteIdle } from '../../bench/workloads/remote-idle.ts'
import { remoteLogIns, remoteLogInsShared } from '../../bench/workloads/remote-log-ins.ts'
import { remoteReconnect } from '../../bench/workloads/remote-reconnect.ts'
import { remoteTurns } from '../../bench/workloads/remote-turns.ts'
import { trustChains, trustCrl } from '../../bench/workloads/trust.ts'
import { through } from '../../bench/workloads/through.ts'
import type { Workload } from '../../bench/workloads/workload.ts'
import { needsPeer } from '../support/peers.ts'

const SHORT = { runs: 1, seconds: 0.2, warmUpSeconds: 0.1, profileFolder: undefined }

/** The servers do what they are least likely to do rightly: find the partner, and bring answers back. */
const WORK: Readonly<Record<string, readonly Workload[]>> = {
  sallyport: [bulkIn, bulkOut, through, many, mixed],
  prosody: [bulkOut, mixed],
  ejabberd: [bulkOut, mixed],
  haproxy: [bulkIn, through],
  pipe: [bulkIn, bulkOut, through, many, mixed],
}

for (const contestant of CONTESTANTS) {
  for (const workload of WORK[contestant.name] ?? []) {
    test(`${workload.name} through ${contestant.name}`, needsPeer('prosody', 'ejabberd', 'haproxy'), async (t) => {
      const told: string[] = []
      const figures = await workload.measure(contestant, { ...SHORT, tell: (line) => told.push(line) })
      t.diagnostic(told.join())
      const empty = Object.entries(figures).filter(([, { median }]) => !(median >= 0))
      deepEqual([empty, told.length], [[], 1])
      ok((figures['perSecond']?.median ?? 0) > 0)
    })
  }
}

/** What is about certificates: the short run judges few chains and meets some hundred strangers. */
const TRUST: Readonly<Record<string, readonly Workload[]>> = {
  sallyport: [newcomers, trustChains, trustCrl],
  prosody: [newcomers],
  'tls-server': [newcomers],
  'node-crypto': [trustChains],
}

for (const contestant of CONTESTANTS) {
  for (const workload of TRUST[contestant.name] ?? []) {
    test(`${workload.name} of ${contestant.name}`, needsPeer('prosody'), async (t) => {
      const told: string[] = []
      const figures = await workload.measure(contestant, { ...SHORT, tell: (line) => told.push(line) })
      t.diagnostic(told.join())
      const values = Object.values(figures).map(({ median }) => median)
      // Newcomers are met in turns with the limit.
      const lines = workload === newcomers && contestant.kind === 'gateway' ? 4 : 1
      deepEqual([values.filter((value) => !(value > 0)), told.length], [[], lines])
      ok(values.length > 0)
    })
  }
}

/** Remote users: some hundred of them at most. What each of these gives that cannot be nothing: all got in, or all came back. */
const REMOTE: readonly (readonly [workload: Workload, lines: number, figures: readonly string[]])[] = [
  [remoteIdle, 2, []],
  [remoteLogIns, 3, ['prosodyRatio', 'ejabberdRatio', 'bareRatio', 'prosodyPlainRatio', 'ejabberdPlainRatio']],
  [remoteLogInsShared, 3, ['prosodyRatio', 'ejabberdRatio', 'bareRatio', 'prosodyPlainRatio', 'ejabberdPlainRatio']],
  [remoteChat, 1, ['straightP50']],
  [remoteTurns, 1, ['perSecond']],
  [remoteReconnect, 1, ['insideP99', 'steadyP99']],
]

for (const [workload, lines, names] of REMOTE) {
  test(`${workload.name} through the gateway`, needsPeer('prosody', 'ejabberd', 'haproxy'), async (t) => {
    const [gateway, ...others] = CONTESTANTS
    ok(gateway)
    deepEqual([workload.refuses(gateway), others.filter((one) => workload.refuses(one) === undefined)], [undefined, []])
    const told: string[] = []
    const short = { ...SHORT, seconds: 0.02 }
    const figures = await workload.measure(gateway, { ...short, tell: (line) => told.push(line) })
    t.diagnostic(told.join())
    const empty = Object.entries(figures).filter(([, { median }]) => Number.isNaN(median))
    deepEqual([empty, told.length], [[], lines])
    for (const name of names) ok((figures[name]?.median ?? 0) > 0, name)
    if (workload === remoteReconnect) deepEqual(figures['failures']?.median, 0)
  })
}

test('servers say that they do not relay between servers', () => {
  const servers = CONTESTANTS.filter(({ kind }) => kind === 'server')
  deepEqual([servers.length, servers.filter((server) => through.refuses(server) === undefined)], [2, []])
})
