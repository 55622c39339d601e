// The program that reads a configuration as a gateway does when it starts, in a process of its own, and makes its list of partners.
// Prints one line of JSON.

import { loadConfig } from '../../src/config/load.ts'
import { PartnerList } from '../../src/policy/partners.ts'

/** What it prints. */
export interface LoadCost {
  readonly partners: number
  /** From the first look at the files on. */
  readonly milliseconds: number
  readonly cpuMilliseconds: number
}

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('name the directory federation-config')
const [begun, spent] = [performance.now(), process.cpuUsage()]
const { settings, partners, findings } = await loadConfig(directory, { now: Date.now() })
const list = new PartnerList(partners, settings?.policy.shown)
const milliseconds = performance.now() - begun
const { user, system } = process.cpuUsage(spent)
if (settings === undefined) throw new Error(JSON.stringify(findings.slice(0, 3)))
const cost: LoadCost = { partners: list.all.length, milliseconds, cpuMilliseconds: (user + system) / 1000 }
process.stdout.write(`${JSON.stringify(cost)}\n`)
