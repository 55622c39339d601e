// A directory with a small, sound configuration, gone when the test is over.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export const GATEWAY_YAML = `domains:
  corp.example: {}
core:
  address: 10.1.0.10:5269
  trust: certs/core/ca.pem
  networks: [10.1.0.0/16]
`

/** An empty directory. */
export async function emptyDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sallyport-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** An installation with these partner files (by domain) beside a sound gateway.yaml. */
export async function installation(t: TestContext, partners: Readonly<Record<string, string>> = {}): Promise<string> {
  const directory = await emptyDirectory(t)
  await mkdir(join(directory, 'federation-config', 'partners'), { recursive: true })
  await writeFile(join(directory, 'federation-config', 'gateway.yaml'), GATEWAY_YAML)
  for (const [domain, text] of Object.entries(partners)) await writeFile(partnerFile(directory, domain), text)
  return directory
}

export const partnerFile = (directory: string, domain: string): string =>
  join(directory, 'federation-config', 'partners', `${domain}.yaml`)
