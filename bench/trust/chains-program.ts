// The program that judges chains of three certificates, in a process of its own, so that every run begins with a compiler
// that knows nothing. Prints milliseconds of processor time, user and system, of one chain, as JSON by kind of key.
//
//   src/node.sh bench/trust/chains-program.ts verdicts     Sallyport's verdict: path, names, and the summary for the log
//   src/node.sh bench/trust/chains-program.ts signatures   node:crypto checks the two signatures, read beforehand, and no more
//
// Rule 1: never seen means never: leaf, intermediate and root are new in every chain, and so are their keys; but RSA keys,
// which take long to make, serve all chains of a run, which nobody here remembers.
// Rule 2: the first few chains pay for the compiler, and do not count.

import { X509Certificate } from 'node:crypto'
import { anchorsOf } from '../../src/trust/anchors.ts'
import { makeKey, type KeyKind } from '../../src/trust/issue.ts'
import { verifyPeer, type Trust } from '../../src/trust/verify.ts'
import { issue, makeCa } from '../../test/support/pki.ts'

/** So many, if the second word does not say otherwise; half of them for the compiler. */
const CHAINS = Number(process.argv[3] ?? 120)
const WARM = CHAINS / 2
const KINDS = ['p256', 'p384', 'ed25519', 'rsa2048', 'rsa3072'] as const satisfies readonly KeyKind[]
/** Chains that have been seen, and how often each comes back. */
const BACK = { chains: 20, times: 50 }

export type ChainKind = (typeof KINDS)[number]

/** What it prints. */
export interface ChainTimes {
  readonly unseen: Readonly<Record<ChainKind, number>>
  /** The largest of all kinds; of verdicts only. */
  readonly seen: number | undefined
}

interface Sample {
  /** DER, leaf first, the root last. */
  readonly certificates: readonly [Buffer, Buffer, Buffer]
  readonly domain: string
}

async function makeSamples(key: KeyKind): Promise<readonly Sample[]> {
  const make = () => Promise.all([makeKey(key), makeKey(key), makeKey(key)])
  const shared = key.startsWith('rsa') ? await make() : undefined
  const samples: Sample[] = []
  for (let i = 0; i < CHAINS; i++) {
    const [first, second, third] = shared ?? (await make())
    const root = await makeCa({ keys: first })
    const ca = await makeCa({ ca: root, keys: second, pathLength: 0 })
    const domain = `partner${i}.${key}.test`
    const leaf = await issue({ ca, keys: third, names: [domain, `SRV:_xmpp-server.${domain}`] })
    samples.push({ certificates: [leaf.der, ca.der, root.der], domain })
  }
  return samples
}

/** Milliseconds of processor time for each of them. */
function timeOf<T>(all: readonly T[], act: (one: T) => void): number {
  const before = process.cpuUsage()
  for (const one of all) act(one)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / all.length
}

interface Case {
  readonly chain: readonly Buffer[]
  readonly domain: string
  readonly trust: Trust
}

function timesOfVerdicts(samples: readonly Sample[]): { readonly unseen: number; readonly seen: number } {
  const cases = samples.map(({ certificates: [leaf, ca, root], domain }): Case => {
    return { chain: [leaf, ca], domain, trust: { anchors: anchorsOf([root], 'bench'), pins: [] } }
  })
  const now = Date.now()
  const judge = ({ chain, domain, trust }: Case): void => {
    const verdict = verifyPeer(chain, { domain, trust, now })
    if (!verdict.proven) throw new Error(`${verdict.reason} ${verdict.detail}`)
  }
  timeOf(cases.slice(0, WARM), judge)
  const unseen = timeOf(cases.slice(WARM), judge)
  const again = Array.from({ length: BACK.times }, () => cases.slice(-BACK.chains)).flat()
  timeOf(again, judge)
  return { unseen, seen: timeOf(again, judge) }
}

function timeOfSignatures(samples: readonly Sample[]): number {
  const cases = samples.map(({ certificates }) => {
    const [leaf, ca, root] = certificates.map((der) => new X509Certificate(der))
    if (!leaf || !ca || !root) throw new Error('a chain that is none')
    return { leaf, ca, caKey: ca.publicKey, rootKey: root.publicKey }
  })
  const check = ({ leaf, ca, caKey, rootKey }: (typeof cases)[number]): void => {
    if (!leaf.verify(caKey) || !ca.verify(rootKey)) throw new Error('not signed')
  }
  timeOf(cases.slice(0, WARM), check)
  return timeOf(cases.slice(WARM), check)
}

const unseen: Partial<Record<ChainKind, number>> = {}
let seen: number | undefined
for (const kind of KINDS) {
  const samples = await makeSamples(kind)
  if (process.argv[2] === 'signatures') unseen[kind] = timeOfSignatures(samples)
  else {
    const times = timesOfVerdicts(samples)
    unseen[kind] = times.unseen
    seen = Math.max(seen ?? 0, times.seen)
  }
}
process.stdout.write(`${JSON.stringify({ unseen, seen })}\n`)
