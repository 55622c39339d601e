// An administrator's own cases: stanzas, and what the policy is to say of them. Files of YAML in a folder, for `policy test`.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { parseAddress } from '../xmpp/address.ts'
import { check } from './check.ts'
import { count, duration, list, oneOf, section, text, written } from './fields.ts'
import { sortFindings, type Finding } from './finding.ts'
import { unreadable } from './readings.ts'
import { GROUP, USER } from './policy-values.ts'
import { readText, systemSentence } from './read-text.ts'
import type { Written } from './values.ts'
import { readYaml } from './yaml.ts'

const MAX_CASES = 10_000
const MAX_FILES = 1000
const MAX_BYTES = 4 * 1024 * 1024

const ADDRESS: Written<string> = {
  how: 'write an address, such as anna@corp.example',
  read: (word) => (parseAddress(word) === undefined ? undefined : word),
}

const KIND: Written<string> = {
  how: 'write message, presence or iq, and a type behind it where it has one, such as message chat',
  read: (word) => (/^(?:message|presence|iq)(?: [a-z]+)?$/.test(word) ? word : undefined),
}

const NAMESPACE: Written<string> = {
  how: 'write a namespace, such as jabber:x:oob',
  read: (word) => (/^[^\s<>&'"]+$/.test(word) ? word : undefined),
}

const TIME: Written<string> = {
  how: 'write a time as 2026-03-02T12:00:00Z',
  read: (word) => (z.iso.datetime({ offset: true }).safeParse(word).success ? word : undefined),
}

const Case = section(
  {
    name: text().describe('What must hold, in words.'),
    from: written(ADDRESS).describe('Who sends.'),
    to: written(ADDRESS).describe('To whom.'),
    stanza: written(KIND).default('message chat').describe('What kind of stanza, and its type.'),
    carries: list(written(NAMESPACE), '[jabber:x:oob]')
      .prefault([])
      .describe('Namespaces of what it carries; one of Jingle (urn:xmpp:jingle:apps:…) stands in a session.'),
    at: written(TIME).optional().describe('When; now where it is left out.'),
    times: count(1, 100_000)
      .default(1)
      .describe('How many like it are sent, over the time of within, after nothing was sent; none may be refused.'),
    within: duration('0ms', '1d').prefault('0ms').describe('In which time so many are sent.'),
    recipients: oneOf(['one', 'many'])
      .default('one')
      .describe('one: all to the same. many: each to somebody else there.'),
    expect: oneOf(['pass', 'refuse', 'close']).describe('What is to become of it.'),
    reason: text().optional().describe('For which reason, such as SP-141.'),
    rule: text().optional().describe('Which wall or rule decides, such as default/staff.'),
  },
  'write { name: …, from: …, to: …, expect: pass }',
)

const CasesFile = section(
  {
    groups: z
      .record(written(GROUP), list(written(USER), '[anna@corp.example]'), {
        error: 'write each group on a line of its own',
      })
      .prefault({})
      .describe('Members of groups that stand in a directory, for the cases of all files.'),
    cases: z
      .array(Case, { error: 'write a list of cases below cases:' })
      .max(MAX_CASES, { error: `write at most ${MAX_CASES} cases in a file` })
      .readonly(),
  },
  'write cases: and a list of them',
)

export interface PolicyCases {
  readonly cases: readonly PolicyCase[]
  /** Members of groups of directories. */
  readonly members: Readonly<Record<string, readonly string[]>>
  readonly findings: readonly Finding[]
}

const NONE = { cases: [], members: {} } as const

/** One case, and where it is written. */
export type PolicyCase = z.output<typeof Case> & { readonly place: string }

/** All cases of the files `*.yaml` in a folder, in the order of their names; with findings there are none. */
export async function readCases(directory: string): Promise<PolicyCases> {
  let names: readonly string[]
  try {
    names = (await readdir(directory)).filter((name) => name.endsWith('.yaml')).toSorted()
  } catch (error) {
    return { ...NONE, findings: [unreadable(directory, systemSentence(error))] }
  }
  if (names.length === 0 || names.length > MAX_FILES) {
    const message = names.length === 0 ? 'no file *.yaml with cases lies here' : `more than ${MAX_FILES} files lie here`
    return { ...NONE, findings: [unreadable(directory, message)] }
  }
  const files = await Promise.all(names.map((name) => readFile(join(directory, name))))
  const findings = sortFindings(files.flatMap((file) => file.findings))
  if (findings.length > 0) return { ...NONE, findings }
  const members = Object.fromEntries(files.flatMap((file) => Object.entries(file.members)))
  return { cases: files.flatMap(({ cases }) => cases), members, findings }
}

async function readFile(file: string): Promise<PolicyCases> {
  const content = await readText(file, MAX_BYTES)
  if (content.text === undefined)
    return { ...NONE, findings: [unreadable(file, content.missing ? 'missing' : content.problem)] }
  const { yaml, findings } = readYaml(content.text, file)
  if (yaml === undefined) return { ...NONE, findings }
  const checked = check(CasesFile, yaml)
  const cases = checked.value?.cases ?? []
  const placed = cases.map((one, index) => ({ ...one, place: `${file}:${yaml.lineOf(['cases', index])}` }))
  return { cases: placed, members: checked.value?.groups ?? {}, findings: checked.findings }
}
