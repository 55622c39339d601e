// The part of `sallyport conformance` that meets a gateway which runs: reads the file that says where it is, and as whom it
// may be met. Names of files in it are relative to that file.

import { readFile } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { check } from '../config/check.ts'
import type { Finding } from '../config/finding.ts'
import { OutsideSchema } from '../config/outside-schema.ts'
import { readYaml } from '../config/yaml.ts'
import { type Outside, unfit } from '../conformance/outside.ts'
import type { Reached } from '../conformance/report/report.ts'

/** A gateway that runs, or what is wrong with the file that tells of it. */
export type OutsideReading =
  | { readonly outside: Outside; readonly findings?: undefined }
  | { readonly findings: readonly Finding[] }

/** @throws when the file, or one that it names, cannot be read */
export async function readOutside(name: string): Promise<OutsideReading> {
  const { yaml, findings } = readYaml(await readFile(name, 'utf8'), name)
  if (!yaml) return { findings }
  const { value, findings: wrong } = check(OutsideSchema, yaml)
  if (!value) return { findings: wrong }
  const beside = (path: string): string => (isAbsolute(path) ? path : join(dirname(name), path))
  const { partner: named, user = `conformance@${value.domain}`, ...told } = value
  const partner = named && {
    domain: named.domain,
    certificate: await readFile(beside(named.certificate), 'utf8'),
    key: await readFile(beside(named.key), 'utf8'),
  }
  const fault = partner && unfit(partner)
  if (fault !== undefined) {
    const line = yaml.lineOf(['partner'], 'key')
    return { findings: [{ severity: 'error', file: name, line, path: 'partner', message: fault }] }
  }
  return { outside: { ...told, user, ...(partner && { partner }) } }
}

/** As it stands in a report. */
export const reachedOf = ({ hosts, port, release, partner }: Outside): Reached => ({
  at: hosts.map((host) => `${host.includes(':') ? `[${host}]` : host}:${port}`),
  ...(release !== undefined && { release }),
  ...(partner && { partner: partner.domain }),
})
