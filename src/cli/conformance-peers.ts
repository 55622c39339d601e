// The part of `sallyport conformance` that plays with live partners: reads the installation, runs a copy of it, and asks that
// by the gateway's own operations.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { domainToASCII, fileURLToPath } from 'node:url'
import { ask } from '../admin/client.ts'
import { partnerAllow, partnerBlock, partnerShow } from '../admin/partners.ts'
import { probe } from '../admin/probe.ts'
import { status } from '../admin/status.ts'
import { readYaml } from '../config/yaml.ts'
import type { PairRun } from '../conformance/partner/meeting.ts'
import { type Pairing, pairUp, type PeerAccount } from '../conformance/partner/pairing.ts'
import type { Asking } from '../conformance/partner/seen.ts'
import type { Scenario } from '../conformance/partner/scenario.ts'
import type { ProfileName } from '../trust/profiles/profile.ts'
import { UsageError } from './arguments.ts'
import { type CommandContext, EXIT } from './command.ts'
import { CommandError, shorter } from './errors.ts'
import { tone } from './output.ts'

const SCRIPT = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A-labels, each once. */
export function peersOf(words: readonly string[] | undefined): readonly string[] | undefined {
  if (words === undefined) return undefined
  const domains = words.map((word) => [word, domainToASCII(word)] as const)
  const wrong = domains.find(([, domain]) => domain === '')
  if (wrong) throw new UsageError(`--peer: "${wrong[0]}" is no domain`, 'conformance')
  return [...new Set(domains.map(([, domain]) => domain))]
}

export interface Peers {
  readonly peers: readonly string[]
  readonly accounts: ReadonlyMap<string, PeerAccount>
  readonly signal: AbortSignal
}

/** @throws when the installation cannot be read or run, or does not admit a partner */
export async function pairUpWith(
  context: CommandContext,
  profile: ProfileName,
  { peers, accounts, signal }: Peers,
): Promise<Pairing> {
  const { directory, now } = context
  const file = join(directory, 'federation-config/gateway.yaml')
  const { yaml, findings } = readYaml(await readFile(file, 'utf8'), file)
  if (!isTree(yaml?.value))
    throw new CommandError(
      'configuration',
      `${shorter(file)}: ${findings[0]?.message ?? 'says nothing'}`,
      'sallyport check says more.',
      EXIT.configuration,
    )
  const entries = await entriesOf(directory, peers)
  return await pairUp({
    entries,
    ...{ script: SCRIPT, profile, directory, settings: yaml.value, now, peers, accounts, signal, asking },
    tell: (peer, scenario, run) => tell(context, peer, scenario, run),
  })
}

/** What the files of partners say; who is admitted without one has none. */
async function entriesOf(
  directory: string,
  peers: readonly string[],
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const entries = new Map<string, Readonly<Record<string, unknown>>>()
  for (const peer of peers) {
    const file = join(directory, 'federation-config/partners', `${peer}.yaml`)
    const text = await readFile(file, 'utf8').catch(() => undefined)
    const value = text === undefined ? undefined : readYaml(text, file).yaml?.value
    if (isTree(value)) entries.set(peer, value)
  }
  return entries
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The gateway tests no more than four partners at a time; with several to be met, the others wait for their turn. */
const PROBES_AT_ONCE = 4

class Turns {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    else
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}

function asking(directory: string): Asking {
  const by = { by: 'conformance', why: 'a scenario with a live partner', yes: true, fields: {} }
  const turns = new Turns(PROBES_AT_ONCE)
  return {
    test: (domain) => turns.take(() => ask(directory, probe, { domain })),
    streams: async () => (await ask(directory, status, {})).streams,
    floorOf: async (domain) => (await ask(directory, partnerShow, { domain })).partner.authentication,
    block: async (domain) => void (await ask(directory, partnerBlock, { domain, ...by })),
    allow: async (domain) => void (await ask(directory, partnerAllow, { domain, ...by })),
  }
}

const MARKS: Readonly<Record<PairRun['outcome']['kind'], Parameters<typeof tone>>> = {
  pass: ['good', '✔'],
  violation: ['bad', '✘'],
  inconclusive: ['bad', '✘'],
  'peer-violation': ['careful', '✘'],
  'not-run': ['quiet', '·'],
}

function tell(
  { output }: CommandContext,
  peer: string,
  { id, title }: Scenario,
  { outcome, ms, short }: PairRun,
): void {
  if (output.json || outcome.kind === 'not-run') return
  output.line(tone(...MARKS[outcome.kind]), ` ${id} ${peer}: ${title} `, tone('quiet', `${ms} ms`))
  if ('detail' in outcome) output.line('          ', tone('careful', `${outcome.kind}: ${outcome.detail}`))
  else if (short !== undefined) output.line('          ', tone('quiet', `in part: ${short}`))
}
