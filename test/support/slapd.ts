// OpenLDAP's server: with one entry in it, a CA that publishes its CRL in a directory (RFC 4523), or with whatever a test wants.

import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { Program } from './program.ts'
import type { Cleanup } from './program.ts'
import { run } from './program.ts'
import { eventually } from './within.ts'

export const ENTRY = 'cn=CA,o=lab'
const PORT = 3890
const SCHEMA = '/etc/ldap/schema'

/** The URL that a certificate would have. */
export const ldapUrl = (host: string): string =>
  `ldap://${host}:${PORT}/${encodeURIComponent(ENTRY)}?certificateRevocationList;binary`

/** Serves the CRL; gives back the URL that a certificate would have. */
export async function slapd(t: Cleanup, folder: string, host: string, crl: Buffer): Promise<string> {
  const ldif = [
    'dn: o=lab',
    'objectClass: organization',
    'o: lab',
    '',
    `dn: ${ENTRY}`,
    'objectClass: cRLDistributionPoint',
    'cn: CA',
    `certificateRevocationList;binary:: ${crl.toString('base64')}`,
    '',
  ]
  await startSlapd(t, { folder, host, ports: [PORT], urls: [`ldap://${host}:${PORT}/`], ldif })
  return ldapUrl(host)
}

export interface SlapdOptions {
  readonly folder: string
  readonly host: string
  /** To wait for. */
  readonly ports: readonly number[]
  readonly urls: readonly string[]
  /** Below `o=lab`. */
  readonly ldif: readonly string[]
  readonly schemas?: readonly string[]
  readonly modules?: readonly string[]
  /** Lines of `slapd.conf`, for all databases and for this one. */
  readonly global?: readonly string[]
  readonly own?: readonly string[]
}

/** A directory with these entries; what lies in the folder already stays. */
export async function startSlapd(t: Cleanup, o: SlapdOptions): Promise<Program> {
  const { folder, host, ports, urls, ldif, schemas = [], modules = [], global = [], own = [] } = o
  const conf = [
    ...['core', ...schemas].map((schema) => `include ${SCHEMA}/${schema}.schema`),
    'modulepath /usr/lib/ldap',
    ...['back_mdb', ...modules].map((module) => `moduleload ${module}`),
    `pidfile ${join(folder, 'slapd.pid')}`,
    ...global,
    'database mdb',
    'suffix "o=lab"',
    'rootdn "cn=admin,o=lab"',
    'rootpw secret',
    `directory ${join(folder, 'db')}`,
    'maxsize 268435456',
    ...own,
  ]
  await writeFile(join(folder, 'slapd.conf'), `${conf.join('\n')}\n`)
  const config = ['-f', join(folder, 'slapd.conf')]
  if ((await mkdir(join(folder, 'db'), { recursive: true })) !== undefined) {
    await writeFile(join(folder, 'lab.ldif'), ldif.join('\n'))
    const added = await run('/usr/sbin/slapadd', [...config, '-q', '-l', join(folder, 'lab.ldif')])
    if (added.code !== 0) throw new Error(`slapadd: ${added.stderr}`)
  }
  const program = await Program.start(t, {
    name: 'slapd',
    command: '/usr/sbin/slapd',
    args: [...config, '-h', urls.join(' '), '-d', '0x4100', '-u', String(process.getuid?.() ?? 0)],
    cwd: folder,
    logFile: join(folder, 'slapd.log'),
    ready: /slapd starting/,
  })
  // It says so a moment before it listens.
  for (const port of ports) await eventually('slapd to listen', () => isOpen(host, port))
  return program
}

async function isOpen(host: string, port: number): Promise<true | undefined> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}
