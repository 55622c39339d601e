// A contestant that runs, with somebody at its far end: what the workloads that are not about throughput begin with.

import type { Cleanup } from '../test/support/program.ts'
import type { Contestant } from './contestants/contestant.ts'
import type { End } from './generator/ends.ts'
import type { Worker } from './generator/worker.ts'
import { Tree } from './measure.ts'
import { makeSetting, type Setting } from './setting.ts'
import type { MeasureOptions } from './workloads/workload.ts'

export interface Stage {
  readonly setting: Setting
  /** Of the contestant. */
  readonly pid: number
  readonly tree: Tree
  /** Where stanzas go in; nobody has opened them. */
  readonly source: readonly End[]
}

export interface StageOptions extends Pick<MeasureOptions, 'profileFolder'> {
  readonly below?: boolean
  /** How long the list of partners is; as long as it must be by default. */
  readonly entries?: number
  readonly policy?: boolean
}

/** Starts the contestant for stanzas that come in; `sink` holds the far ends. */
export async function setStage(
  t: Cleanup,
  contestant: Contestant,
  partners: number,
  sink: Worker,
  { profileFolder, below = false, entries = partners, policy = false }: StageOptions,
): Promise<Stage> {
  const setting = await makeSetting(t, { way: 'in', partners, entries, below, policy })
  const { credentials } = setting
  const ends = contestant.ends(setting)
  const open = async (opens: End['opens']): Promise<void> => {
    const chosen = ends.sink.filter((end) => end.opens === opens)
    if (chosen.length > 0)
      await sink.ask('done', { order: 'open', ends: chosen, credentials, purpose: 'sink', kind: 'chat' })
  }
  await open('they')
  const { pid } = await contestant.start(t, setting, { profileFolder })
  if (pid === undefined) throw new Error(`${contestant.name} has no process`)
  await open('we')
  return { setting, pid, tree: new Tree(pid), source: ends.source }
}
