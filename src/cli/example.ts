// The worked examples below `federation-config/examples/`: read for the lab, which runs them with addresses and certificates of its
// own, and for the demonstration, which plays their cases.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OperationError } from '../admin/operation.ts'
import { isRecord } from '../config/check.ts'
import { changeText } from '../config/edit-text.ts'
import { formatFinding, isError, type Finding } from '../config/finding.ts'
import { loadConfig } from '../config/load.ts'
import { readCases, type PolicyCase } from '../config/policy-cases.ts'
import { suggest } from '../config/suggest.ts'
import { readYaml } from '../config/yaml.ts'
import type { Example, LabSettings, Outside } from '../lab/example.ts'
import { parseAddress } from '../xmpp/address.ts'
import { UsageError } from './arguments.ts'

const EXAMPLES = join(import.meta.dirname, '..', '..', 'federation-config', 'examples')

/** The cases of an example. @throws OperationError where they have mistakes */
export async function casesOf(name: string): Promise<readonly PolicyCase[]> {
  const { cases, findings } = await readCases(join(EXAMPLES, name, 'cases'))
  sound(findings)
  return cases
}

/** An example as the lab needs it. @throws UsageError where there is none of this name, OperationError where it has mistakes */
export async function readExample(name: string): Promise<Example> {
  const names = (await readdir(EXAMPLES)).toSorted()
  if (!names.includes(name)) {
    const near = suggest(name, names)
    const mend = near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`
    throw new UsageError(`there is no example "${name}"; ${mend}`, 'start')
  }
  const directory = join(EXAMPLES, name, 'federation-config')
  const { settings, partners, findings } = await loadConfig(directory)
  sound(findings)
  const [first, ...others] = (settings?.domains ?? []).map(({ domain }) => domain)
  if (first === undefined) throw new Error(`${directory} names no domain`)
  const addresses = (await casesOf(name)).flatMap(({ from, to }) => [parseAddress(from), parseAddress(to)])
  const usersOf = (domains: readonly string[]): readonly string[] => [
    ...new Set(
      addresses.flatMap((one) => (one?.local !== undefined && domains.includes(one.domain) ? [one.local] : [])),
    ),
  ]
  const written = await textsIn(directory)
  const entries = await textsIn(join(directory, 'partners'))
  return {
    name,
    domains: [first, ...others],
    users: usersOf([first, ...others]),
    outside: partners.map(({ domain, alsoKnownAs }): Outside => {
      const further = alsoKnownAs.filter((one) => !one.startsWith('*'))
      return { domain, further, users: usersOf([domain, ...further]) }
    }),
    files(lab) {
      const texts = written.map(([file, text]) => [file, file === 'gateway.yaml' ? inLab(name, text, lab) : text])
      const own = entries.map(([file, text]) => [join('partners', file), changed(text, lab.partner(domainOf(file)))])
      return Object.fromEntries([...texts, ...own])
    },
  }
}

/** gateway.yaml with what is the lab's. */
function inLab(name: string, text: string, { gateway, trust: own }: LabSettings): string {
  const { value } = readYaml(text, 'gateway.yaml').yaml ?? {}
  const { trust } = isRecord(value) ? value : {}
  const about = `# federation-config/examples/${name}/, in the lab: core, listeners and what is trusted are the lab's.\n`
  return about + changed(text, { ...gateway, trust: { ...(isRecord(trust) && trust), ...own } })
}

const domainOf = (file: string): string => file.slice(0, -'.yaml'.length)

function changed(text: string, changes: Readonly<Record<string, unknown>>): string {
  const outcome = changeText(text, changes)
  if (outcome === undefined) throw new Error('no mapping of YAML')
  return outcome
}

/** The files *.yaml of a directory, with their texts. */
async function textsIn(directory: string): Promise<readonly (readonly [name: string, text: string])[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.yaml')).toSorted()
  return Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const))
}

function sound(findings: readonly Finding[]): void {
  const faults = findings.filter(isError)
  if (faults.length === 0) return
  const said = faults.map(formatFinding).join('\n')
  throw new OperationError('faulty-configuration', `the example has mistakes:\n${said}`, 'Mend the above.')
}
