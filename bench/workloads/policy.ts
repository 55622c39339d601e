// What a large configuration costs when it is read: 10,000 partners, 200 groups and 30 rules, at the start and while traffic runs.
//
// Rule 1: a reload is one of a policy with another rule and of a partner with another owner, from when both files are written until an
// operation that reads them has its answer: all 10,000 files are looked at, and all are held against the new policy.
// Rule 2: what a stanza is delayed is the longest time under way while that goes on, over the median of a run of the same pace before
// it. Whatever else the machine does counts against us.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { ask } from '../../src/admin/client.ts'
import { partnerSet } from '../../src/admin/partners.ts'
import { run as runProgram, type Cleanup } from '../../test/support/program.ts'
import type { Contestant } from '../contestants/contestant.ts'
import { manyRules } from '../contestants/many-rules.ts'
import { configure } from '../contestants/sallyport.ts'
import { Worker } from '../generator/worker.ts'
import type { LoadCost } from '../policy/load-program.ts'
import { figure, type FigureKind, type Figures } from '../results.ts'
import { makeSetting } from '../setting.ts'
import { setStage } from '../stage.ts'
import type { Workload } from './workload.ts'

const ENTRIES = 10_000
const LONGEST_MS = 120_000
const PROGRAM = join(import.meta.dirname, '../policy/load-program.ts')
const PER_SECOND = 500
/** Of stanzas before a reload begins, and in all. */
const [BEFORE_MS, SECONDS] = [1000, 4]
/** Reloads before any counts: the compiler learns from them. */
const WARM_UPS = 3

const refuses = ({ kind }: Contestant): string | undefined =>
  kind === 'gateway' ? undefined : 'it has no list of partners'
const msKind = (about: string): FigureKind => ({ about, unit: 'ms', better: 'less' })

export const policyLoad: Workload = {
  name: 'policy-load',
  about: '10,000 partners, 200 groups and 30 rules read at the start, each time in a new process',
  refuses,
  seconds: ({ runs }) => 8 + 2 * runs,
  async measure(_, options): Promise<Figures> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const setting = await makeSetting(t, { way: 'in', partners: 1, entries: ENTRIES, policy: true })
    const directory = await setting.folder('sallyport')
    await configure(directory, setting)
    const all: LoadCost[] = []
    for (let i = 0; i < options.runs; i++) {
      const program = [PROGRAM, join(directory, 'federation-config')]
      const { code, stdout, stderr } = await runProgram(process.execPath, program, { ms: LONGEST_MS })
      if (code !== 0) throw new Error(stderr.trim() || `ended with ${code}`)
      const one = JSON.parse(stdout) as LoadCost
      if (one.partners !== ENTRIES) throw new Error(`${one.partners} of ${ENTRIES} partners were read`)
      all.push(one)
      options.tell(`${one.milliseconds.toFixed(0)} ms, ${one.cpuMilliseconds.toFixed(0)} ms of them at work`)
    }
    return {
      load: figure(
        msKind('until all are read'),
        all.map(({ milliseconds }) => milliseconds),
      ),
      cpu: figure(
        msKind('processor time for that'),
        all.map(({ cpuMilliseconds }) => cpuMilliseconds),
      ),
    }
  },
}

export const policyReload: Workload = {
  name: 'policy-reload',
  about: '10,000 partners, 200 groups and 30 rules, of which some change, read again while 500 chats a second cross',
  refuses,
  seconds: ({ runs }) => 20 + SECONDS * (2 * runs + WARM_UPS),
  async measure(contestant, options): Promise<Figures> {
    await using stack = new AsyncDisposableStack()
    const t: Cleanup = { after: (clean) => stack.defer(clean) }
    const courier = Worker.start(t, 'courier')
    const { setting, source } = await setStage(t, contestant, 1, courier, {
      ...options,
      ...{ entries: ENTRIES, policy: true },
    })
    const { credentials } = setting
    await courier.ask('done', { order: 'open', ends: source, credentials, purpose: 'source', kind: 'chat' })
    const pace = (seconds: number) => courier.ask('paced', { order: 'pace', perSecond: PER_SECOND, seconds })
    const directory = await setting.folder('sallyport')
    const reload = reloading(directory, setting.strangers[0] ?? '')
    await pace(options.warmUpSeconds)
    for (let i = 0; i < WARM_UPS; i++) await reload()
    const samples: { readonly took: number; readonly delayed: number }[] = []
    for (let i = 0; i < options.runs; i++) {
      const quiet = await pace(SECONDS)
      const [busy, took] = await Promise.all([pace(SECONDS), after(BEFORE_MS).then(reload)])
      const sample = { took, delayed: busy.longest - quiet.p50 }
      samples.push(sample)
      const longest = `longest ${busy.longest.toFixed(1)} ms, without ${quiet.longest.toFixed(1)} ms`
      options.tell(`reload ${took.toFixed(0)} ms · ${longest}`)
    }
    return {
      reload: figure(
        msKind('until the change is in force'),
        samples.map(({ took }) => took),
      ),
      delayed: figure(
        msKind('longest delay of a stanza meanwhile'),
        samples.map(({ delayed }) => delayed),
      ),
    }
  },
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Changes a rule and an owner, and gives back how long it takes until both are in force. */
function reloading(directory: string, domain: string): () => Promise<number> {
  const files = join(directory, 'federation-config')
  const entry = join(files, 'partners', `${domain}.yaml`)
  let round = 0
  return async () => {
    round += 1
    const owner = `owner${round}@corp.example`
    const changed = (await readFile(entry, 'utf8')).replace(/^owner: .*$/m, `owner: ${owner}`)
    await writeFile(join(files, 'policy.yaml'), stringify(manyRules(round)))
    await writeFile(entry, changed)
    const began = performance.now()
    const { done, applied, partner } = await ask(directory, partnerSet, { domain, fields: { owner } })
    const took = performance.now() - began
    if (done !== 'unchanged' || applied !== 'running' || partner?.owner !== owner)
      throw new Error(`the change is not in force: ${done}, ${applied}`)
    return took
  }
}
