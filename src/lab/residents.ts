// Who lives in a lab: the core and the servers outside. The lab's own stand in `places.ts`; those of a worked example are
// written down beside the certificates when its set-up is made.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CORE, LAB_CERTS, PARTNERS, PASSWORDS } from './places.ts'

/** One server. */
export interface Resident {
  /** By which the lab calls it. */
  readonly domain: string
  /** For which other domains it speaks. */
  readonly further: readonly string[]
  readonly port: number
  /** Local parts of who is there, or of rooms. */
  readonly users: readonly string[]
}

export interface Residents {
  /** The worked example that they are of; absent: the lab's own. */
  readonly example?: string
  readonly core: Resident
  readonly outside: readonly Resident[]
}

/** Below the directory of the installation. */
export const RESIDENTS_FILE = join(LAB_CERTS, 'residents.json')

const OWN: Residents = {
  core: { domain: CORE.domain, further: [], port: CORE.port, users: [...PASSWORDS.keys()] },
  outside: PARTNERS.map(({ domain, port, user }) => ({ domain, further: [], port, users: [user] })),
}

/** Who lives in the lab of an installation; the lab's own where nothing is written down. @throws where it does not read */
export async function readResidents(root: string): Promise<Residents> {
  const file = join(root, RESIDENTS_FILE)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return OWN
  const read: unknown = JSON.parse(text)
  if (!isResidents(read)) throw new TypeError(`${file} does not say who lives in the lab`)
  return read
}

/** The server that speaks for a domain. */
export const speakerFor = ({ core, outside }: Residents, domain: string | undefined): Resident | undefined =>
  [core, ...outside].find((one) => one.domain === domain || one.further.some((name) => name === domain))

function isResidents(value: unknown): value is Residents {
  if (!isObject(value) || !Array.isArray(value['outside'])) return false
  return typeof value['example'] === 'string' && [value['core'], ...value['outside']].every(isResident)
}

const isResident = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['domain'] === 'string' &&
  typeof value['port'] === 'number' &&
  isTexts(value['further']) &&
  isTexts(value['users'])

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((one) => typeof one === 'string')

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
