// Makes the set-up in which the lab runs a worked example: the files of the example with the addresses and the certificates
// of the lab in them, and beside the certificates who lives in this lab.

import { join } from 'node:path'
import { makeEvaluationCa, makeEvaluationCrl } from '../trust/evaluation.ts'
import { CORE, CORE_PORT, FEDERATION_PORT, LAB_CERTS, LAB_HOST, OUTSIDE_PORT } from './places.ts'
import { type Resident, type Residents, RESIDENTS_FILE } from './residents.ts'
import { makeFiles, writePair } from './setup.ts'

/** An organisation outside, and the addresses there that the example speaks of. */
export interface Outside {
  readonly domain: string
  readonly further: readonly string[]
  readonly users: readonly string[]
}

export interface Example {
  readonly name: string
  /** The domains of ours, the first of which the lab calls the core by. */
  readonly domains: readonly [string, ...string[]]
  /** Local parts of addresses of ours. */
  readonly users: readonly string[]
  readonly outside: readonly Outside[]
  /** Name below `federation-config/` → text. */
  files(lab: LabSettings): Readonly<Record<string, string>>
}

/** What the lab puts in the place of what an example says of the world around it. */
export interface LabSettings {
  /** Top-level keys of gateway.yaml; `trust` beside what else stands there. */
  readonly gateway: Readonly<Record<string, unknown>>
  readonly trust: Readonly<Record<string, unknown>>
  /** Keys of the entry of a partner. */
  partner(domain: string): Readonly<Record<string, unknown>>
}

/**
 * Writes the set-up below `root`; takes away what it wrote when it fails.
 *
 * @param now milliseconds since 1970
 * @param host the loopback address that everything listens on
 * @returns the files written, relative to `root`
 */
export function makeExample(root: string, example: Example, now: number, host = LAB_HOST): Promise<readonly string[]> {
  const residents = residentsOf(example)
  return makeFiles(root, async (write) => {
    const ca = await makeEvaluationCa({ now })
    await write(join(LAB_CERTS, 'ca.pem'), ca.certificatePem)
    await write(join(LAB_CERTS, 'crls', 'lab.crl'), await makeEvaluationCrl(ca, now))
    for (const { domain, further } of [residents.core, ...residents.outside])
      await writePair(write, join(LAB_CERTS, domain), ca, { domains: [domain, ...further], now })
    for (const domain of example.domains) await writePair(write, join('certs', domain), ca, { domains: [domain], now })
    await write(RESIDENTS_FILE, `${JSON.stringify(residents, undefined, 2)}\n`)
    const { 'gateway.yaml': gateway = '', ...others } = example.files(labSettings(residents, host))
    for (const [name, text] of Object.entries(others)) await write(join('federation-config', name), text)
    await write('federation-config/gateway.yaml', gateway) // Last: with this file the set-up counts as made.
  })
}

function residentsOf({ name, domains: [domain, ...further], users, outside }: Example): Residents {
  return {
    example: name,
    core: { domain, further, port: CORE.port, users },
    outside: outside.map((one, index): Resident => ({ ...one, port: OUTSIDE_PORT + index })),
  }
}

function labSettings({ core, outside }: Residents, host: string): LabSettings {
  const ca = join(LAB_CERTS, 'ca.pem')
  return {
    gateway: {
      evaluation: true,
      core: { address: `${host.includes(':') ? `[${host}]` : host}:${core.port}`, trust: ca },
      listen: { federation: [{ host, port: FEDERATION_PORT }], core: [{ host, port: CORE_PORT }] },
    },
    trust: { anchors: [ca], crls: join(LAB_CERTS, 'crls') },
    partner(domain) {
      const at = outside.find((one) => one.domain === domain)
      return { connect: at && [{ host, port: at.port }], pins: undefined, anchors: undefined }
    },
  }
}
