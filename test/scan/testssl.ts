// testssl.sh (Debian's 3.0): a hundred checks by handshakes of its own making and by those of `openssl`, known
// vulnerabilities among them. It is kept from asking anybody but the server: no DNS, no CRLs, no responders.

import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { run } from '../support/program.ts'
import { NAME, type Target } from './places.ts'
import type { Scan } from './scan.ts'

/** Everything it knows, or known vulnerabilities alone. */
export type Checks = 'all' | 'vulnerabilities'

const Rows = z.array(z.object({ id: z.string(), severity: z.string(), finding: z.string() }))

/** Words of praise, and of no account. */
const FINE: ReadonlySet<string> = new Set(['OK', 'INFO', 'DEBUG'])

/** A check that could not be made. */
export const UNTRIED = 'WARN'

const GROUPS: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
}

/** Scans a place; with vulnerabilities alone, neither suites nor groups are told. */
export async function testssl({ port, anchorsFile, folder }: Target, checks: Checks): Promise<Scan> {
  const file = join(folder, 'testssl.json')
  await rm(file, { force: true })
  const only = checks === 'all' ? [] : ['--vulnerable']
  const quiet = ['--quiet', '--color', '0', '--warnings', 'off', '--connect-timeout', '10', '--openssl-timeout', '10']
  const offline = ['--nodns', 'none', '--ip', '127.0.0.1', '--add-ca', anchorsFile]
  const args = [...quiet, ...offline, ...only, '--jsonfile', file, `${NAME}:${port}`]
  const { stdout, stderr } = await run('testssl', args, { ms: 10 * 60_000 })
  const rows = Rows.parse(JSON.parse(await readFile(file, 'utf8')))
  assert.ok(
    rows.some(({ id }) => id === 'scanTime'),
    `testssl has not come to its end: ${stdout}${stderr}`,
  )
  const say = (wanted: RegExp): readonly string[] =>
    rows.filter(({ id }) => wanted.test(id)).flatMap(({ finding }) => finding.split(/\s+/))
  return {
    findings: rows
      .filter(({ severity }) => !FINE.has(severity))
      .map(({ id, severity, finding }) =>
        severity === UNTRIED ? `${UNTRIED} ${id}: ${finding}` : `${severity} ${id}`,
      ),
    suites: [...new Set(say(/^cipherorder_TLSv1_[23]$/))],
    groups: say(/^PFS_ECDHE_curves$/).map((one) => GROUPS[one] ?? one),
  }
}
