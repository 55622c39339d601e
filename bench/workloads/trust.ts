// What judging certificates costs by itself, without streams: chains of three, never seen and seen before, and a long CRL.
// Each run is a process of its own.

import { join } from 'node:path'
import { run as runProgram } from '../../test/support/program.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import type { ChainKind, ChainTimes } from '../trust/chains-program.ts'
import type { CrlCost } from '../trust/crl-program.ts'
import type { MeasureOptions, Workload } from './workload.ts'

const LONGEST_MS = 120_000
/** Of each kind of key in a run; fewer in one that is shorter than others. */
const MOST_CHAINS = 120
const FOLDER = join(import.meta.dirname, '../trust')

async function runs<T>(args: readonly string[], options: MeasureOptions, tell: (told: T) => string) {
  const told: T[] = []
  for (let i = 0; i < options.runs; i++) {
    const { code, stdout, stderr } = await runProgram(process.execPath, args, { ms: LONGEST_MS })
    if (code !== 0) throw new Error(stderr.trim() || `ended with ${code}`)
    const one = JSON.parse(stdout) as T
    told.push(one)
    options.tell(tell(one))
  }
  return told
}

/** By kind of key: the name of the figure, and what it is called. */
const CHAINS: Readonly<Record<ChainKind, readonly [figure: string, words: string]>> = {
  p256: ['p256', 'P-256'],
  p384: ['p384', 'P-384'],
  ed25519: ['ed25519', 'Ed25519'],
  rsa2048: ['rsa2048', 'RSA 2048'],
  rsa3072: ['rsa3072', 'RSA 3072'],
}

const msKind = (about: string): FigureKind => ({ about, unit: 'ms', better: 'less' })

export const trustChains: Workload = {
  name: 'trust-chains',
  about:
    'the verdict on a chain of three certificates, by kind of its keys, in processor time; node:crypto checks its two signatures and nothing else',
  refuses: ({ kind, name }: Contestant) =>
    kind === 'gateway' || name === 'node-crypto' ? undefined : 'it gives no verdict by itself',
  seconds: ({ runs: count }) => 7 * count,
  async measure({ kind }, options): Promise<Figures> {
    const what = kind === 'gateway' ? 'verdicts' : 'signatures'
    const chains = Math.min(MOST_CHAINS, 2 * Math.ceil(options.seconds * 20))
    const program = [join(FOLDER, 'chains-program.ts'), what, String(chains)]
    const all = await runs<ChainTimes>(program, options, ({ unseen, seen }) =>
      [...Object.entries(unseen), ['seen', seen] as const]
        .flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${ms.toFixed(3)} ms`]))
        .join(' · '),
    )
    const unseen = Object.entries(CHAINS).map(([key, [name, words]]) => {
      const times = all.map((one) => one.unseen[key as ChainKind])
      return [name, figure(msKind(`never seen, ${words}`), times)] as const
    })
    const seen = all.flatMap((one) => one.seen ?? [])
    return {
      ...Object.fromEntries(unseen),
      ...(seen.length > 0 ? { seen: figure(msKind('seen before'), seen) } : {}),
    }
  },
}

export const trustCrl: Workload = {
  name: 'trust-crl',
  about: 'a CRL of 100,000 entries, read once and asked about certificates, half of which are on it',
  refuses: ({ kind }: Contestant) => (kind === 'gateway' ? undefined : 'its lists are not asked from outside'),
  seconds: ({ runs: count }) => 3 * count,
  async measure(_, options): Promise<Figures> {
    const program = ['--expose-gc', join(FOLDER, 'crl-program.ts')]
    const all = await runs<CrlCost>(program, options, ({ lookup, bytes, load }) =>
      [`${lookup.toFixed(2)} µs`, `${(bytes / 2 ** 20).toFixed(2)} MB`, `read in ${load.toFixed(0)} ms`].join(' · '),
    )
    const of = (kind: FigureKind, name: keyof CrlCost) =>
      figure(
        kind,
        all.map((one) => one[name]),
      )
    return {
      lookup: of({ about: 'processor time for a look-up', unit: 'µs', better: 'less' }, 'lookup'),
      bytes: of({ about: 'memory of the list', unit: 'bytes', better: 'less' }, 'bytes'),
      load: of(msKind('processor time to read it'), 'load'),
    }
  },
}
