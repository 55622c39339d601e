// OpenLDAP's server with one entry in it: a CA that publishes its CRL in a directory. RFC 4523

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
  await mkdir(join(folder, 'db'), { recursive: true })
  const conf = [
    `include ${SCHEMA}/core.schema`,
    'modulepath /usr/lib/ldap',
    'moduleload back_mdb',
    `pidfile ${join(folder, 'slapd.pid')}`,
    'database mdb',
    'suffix "o=lab"',
    'rootdn "cn=admin,o=lab"',
    'rootpw secret',
    `directory ${join(folder, 'db')}`,
    'maxsize 268435456',
  ]
  await writeFile(join(folder, 'slapd.conf'), `${conf.join('\n')}\n`)
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
  await writeFile(join(folder, 'lab.ldif'), ldif.join('\n'))
  const config = ['-f', join(folder, 'slapd.conf')]
  const added = await run('/usr/sbin/slapadd', [...config, '-l', join(folder, 'lab.ldif')])
  if (added.code !== 0) throw new Error(`slapadd: ${added.stderr}`)
  await Program.start(t, {
    name: 'slapd',
    command: '/usr/sbin/slapd',
    args: [...config, '-h', `ldap://${host}:${PORT}/`, '-d', '0x4000', '-u', String(process.getuid?.() ?? 0)],
    cwd: folder,
    logFile: join(folder, 'slapd.log'),
    ready: /slapd starting/,
  })
  // It says so a moment before it listens.
  await eventually('slapd to listen', () => isOpen(host))
  return ldapUrl(host)
}

async function isOpen(host: string): Promise<true | undefined> {
  const socket = connect({ host, port: PORT })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}
