// A configuration of its own for each test, in a temporary directory that goes with the test.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

export const GATEWAY = `domains: { corp.example: {} }
core: { address: "127.0.0.1:15270", trust: certs/core/ca.pem }
`
export const PARTNER = 'domain: partner.example\nstatus: allowed\n'

/** Makes the files, by their names below `federation-config/`; gateway.yaml is there unless given. Gives the directory. */
export function configuration(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-config-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const directory = join(root, 'federation-config')
  put(directory, { 'gateway.yaml': GATEWAY, ...files })
  return directory
}

export function put(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
}
