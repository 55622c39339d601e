// Plays the scenarios with live partners, all of them with one instance of the gateway: scenario by scenario, with every
// partner at the same time. What was negotiated is asked before the first.

import { unlessStopped } from '../stopping.ts'
import type { AccountOptions } from './account.ts'
import { Meeting, type Paired, type PairRun } from './meeting.ts'
import { OwnInstance, type OwnOptions } from './own-instance.ts'
import type { Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'
import type { WrongDomains } from './wrong.ts'
import type { Asking } from './seen.ts'

/** Ours at a partner. */
export interface PeerAccount extends AccountOptions {
  /** How the names of rooms begin that it makes, and where: `name@service`. */
  readonly room?: string | undefined
  /** Domains of the partner that are wrong on purpose. */
  readonly wrong?: WrongDomains | undefined
}

export interface PairingOptions extends OwnOptions {
  readonly peers: readonly string[]
  /** By partner. */
  readonly accounts?: ReadonlyMap<string, PeerAccount>
  /** Asks the gateway that runs in a directory. */
  readonly asking: (directory: string) => Asking
  readonly patienceMs?: number
  /** Ends it before its time; what was set up is taken away. */
  readonly signal?: AbortSignal
  readonly tell: (peer: string, scenario: Scenario, run: PairRun) => void
}

export interface Pairing {
  readonly us: string
  readonly settings: string
  readonly pairs: readonly Paired[]
}

/** A partner that was turned away may keep away for minutes: these come last, and want nothing more of it. */
const LAST: ReadonlySet<string> = new Set(['I-29', 'I-31', 'I-32'])

/** @throws when the gateway does not start or does not admit a partner, an account cannot log in, or it is ended before its time */
export async function pairUp(o: PairingOptions): Promise<Pairing> {
  await using own = await OwnInstance.start(o)
  return await unlessStopped(played(o, own), o.signal)
}

async function played(o: PairingOptions, own: OwnInstance): Promise<Pairing> {
  const asking = o.asking(own.directory)
  const meet = async (peer: string, index: number): Promise<Meeting> => {
    const account = o.accounts?.get(peer)
    const prefix = `${o.now().toString(36)}-${index}`
    return await Meeting.with({ ...o, own, asking, peer, prefix, account, room: account?.room, wrong: account?.wrong })
  }
  const all = await metAll(o.peers.map(meet))
  using meetings = new DisposableStack()
  for (const one of all) meetings.use(one)
  const inTheirOrder = [...SCENARIOS.filter(({ id }) => !LAST.has(id)), ...SCENARIOS.filter(({ id }) => LAST.has(id))]
  for (const scenario of inTheirOrder) {
    if (o.signal?.aborted) break
    const restart = scenario.steps.find((step) => 'restarts' in step)
    if (restart) await own.restart(restart.restarts)
    await Promise.all(
      all.map(async (meeting) => {
        const run = await meeting.play(scenario)
        if (!o.signal?.aborted) o.tell(meeting.peer, scenario, run)
      }),
    )
  }
  return { us: own.us, settings: Object.values(own.settings)[0] ?? '', pairs: all.map((one) => one.paired()) }
}

/** All of them; or, where one cannot be met, none: those that have been, however late, are left. @throws why the first could not be */
export async function metAll<T extends Disposable>(meetings: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(meetings)
  const met = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = settled.find((one) => one.status === 'rejected')
  if (!failed) return met
  for (const one of met) one[Symbol.dispose]()
  throw failed.reason
}
