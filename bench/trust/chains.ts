// What it costs to judge a chain of three certificates: one never seen before, and one seen before. CPU time of this
// process, user and system, so that neighbours on the machine matter little.
//
//   src/node.sh bench/trust/chains.ts [--json]
//
// Rule 1: never seen means never: leaf, intermediate and root have keys of their own in every chain.
// Rule 2: the same verdict is asked that a stream asks: path, names, and the summary for the log.

import { anchorsOf } from '../../src/trust/anchors.ts'
import type { KeyKind } from '../../src/trust/issue.ts'
import type { Trust } from '../../src/trust/verify.ts'
import { verifyPeer } from '../../src/trust/verify.ts'
import { issue, makeCa } from '../../test/support/pki.ts'

const CHAINS = 200
const ROUNDS = 50
const KINDS: readonly KeyKind[] = ['p256', 'rsa2048', 'p384', 'ed25519']

interface Sample {
  readonly chain: readonly Buffer[]
  readonly domain: string
  readonly trust: Trust
}

async function makeSample(key: KeyKind, i: number): Promise<Sample> {
  const root = await makeCa({ key })
  const ca = await makeCa({ ca: root, key, pathLength: 0 })
  const domain = `partner${i}.test`
  const leaf = await issue({ ca, key, names: [domain, `SRV:_xmpp-server.${domain}`] })
  return { chain: leaf.chain, domain, trust: { anchors: anchorsOf([root.der], 'bench'), pins: [] } }
}

/** Milliseconds of CPU for one verdict. */
function judge(samples: readonly Sample[]): number {
  const now = Date.now()
  const before = process.cpuUsage()
  for (const { chain, domain, trust } of samples) {
    const verdict = verifyPeer(chain, { domain, trust, now })
    if (!verdict.proven) throw new Error(`${verdict.reason} ${verdict.detail}`)
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / samples.length
}

const rows: { readonly key: KeyKind; readonly unseenMs: number; readonly seenMs: number }[] = []
for (const key of KINDS) {
  const samples: Sample[] = []
  const count = key === 'rsa2048' ? CHAINS / 4 : CHAINS
  for (let i = 0; i < count; i++) samples.push(await makeSample(key, i))
  // The first few pay for the compiler.
  const warm = Math.floor(count / 4)
  judge(samples.slice(0, warm))
  const unseenMs = judge(samples.slice(warm))
  const seen = samples.slice(-20)
  judge(seen)
  const seenMs = judge(Array.from({ length: ROUNDS }, () => seen).flat())
  rows.push({ key, unseenMs, seenMs })
}

if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(rows)}\n`)
else
  for (const { key, unseenMs, seenMs } of rows)
    process.stdout.write(
      `${key.padEnd(8)} never seen ${unseenMs.toFixed(3)} ms   seen before ${seenMs.toFixed(4)} ms\n`,
    )
