// A certificate of a user in Chromium, as a smart card would be: in the store of its own that it has on Linux (NSS), chosen by
// a policy of the machine in place of a question that nobody here could answer.
//
// Rule: nothing of the machine changes. The store is below a home of its own, and the policy in a mount of its own.

import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { temporaryFolder, writeIdentity, type Issued } from './pki.ts'
import type { Cleanup } from './program.ts'

export interface BrowserCard {
  readonly certificate: Issued
  /** Where it is shown, such as `https://corp.example`. */
  readonly at: string
}

export const CHROMIUM = '/usr/bin/chromium'
/** Where it looks for policies of the machine. */
const POLICIES = '/etc/chromium'
const run = promisify(execFile)

/** How a Chromium is started that has it. */
export async function withCard(
  t: Cleanup,
  { certificate, at }: BrowserCard,
): Promise<{ readonly executablePath: string; readonly env: NodeJS.ProcessEnv }> {
  const home = await temporaryFolder(t)
  const [store, policies] = [join(home, '.pki/nssdb'), join(home, 'chromium')]
  const [bundle, program] = [join(home, 'card.p12'), join(home, 'chromium.sh')]
  await mkdir(store, { recursive: true })
  await mkdir(join(policies, 'policies/managed'), { recursive: true })
  const { certFile, keyFile } = await writeIdentity(join(home, 'card'), certificate)
  const parts = ['-in', certFile, '-inkey', keyFile, '-out', bundle, '-name', 'card', '-passout', 'pass:card']
  await run('openssl', ['pkcs12', '-export', ...parts])
  await run('certutil', ['-N', '-d', `sql:${store}`, '--empty-password'])
  await run('pk12util', ['-i', bundle, '-d', `sql:${store}`, '-W', 'card', '-K', ''])
  const policy = { AutoSelectCertificateForUrls: [JSON.stringify({ pattern: at, filter: {} })] }
  await writeFile(join(policies, 'policies/managed/card.json'), JSON.stringify(policy))
  const steps = `mount --bind "${policies}" ${POLICIES} && exec ${CHROMIUM} "$@"`
  await writeFile(program, `#!/bin/sh\nexec unshare --mount sh -c '${steps}' sh "$@"\n`, { mode: 0o755 })
  return { executablePath: program, env: { ...process.env, HOME: home } }
}
