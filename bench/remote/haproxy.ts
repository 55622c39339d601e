// HAProxy in front of the same core: it ends the TLS of clients, and looks at nothing.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Program } from '../../test/support/program.ts'
import { Tree } from '../measure.ts'
import { missingPrograms } from '../programs.ts'
import { freePorts, HOST } from '../setting.ts'
import type { RemoteCore, World } from './world.ts'

export async function startHaproxy(
  { t, ours, folder: make }: World,
  core: RemoteCore,
): Promise<{ readonly port: number; readonly tree: Tree }> {
  if (missingPrograms(['haproxy']).length > 0) throw new Error('haproxy is not installed (bench/install.sh)')
  const [port = 0] = await freePorts(1)
  const folder = await make('haproxy')
  const identity = join(folder, 'ours.pem')
  await writeFile(identity, ours.fullchainPem + ours.keyPem, { mode: 0o600 })
  const file = join(folder, 'haproxy.cfg')
  const configuration = `global
    log stdout format raw local0
defaults
    mode tcp
    timeout connect 5s
    timeout client 10m
    timeout server 10m
listen clients
    bind ${HOST}:${port} ssl crt ${identity} ssl-min-ver TLSv1.3
    server core ${HOST}:${core.plainPort}
`
  await writeFile(file, configuration)
  const { pid } = await Program.start(t, {
    name: 'haproxy',
    command: 'haproxy',
    args: ['-db', '-V', '-f', file],
    cwd: folder,
    logFile: join(folder, 'haproxy.log'),
    ready: /as the polling mechanism/,
  })
  if (pid === undefined) throw new Error('HAProxy has no process')
  return { port, tree: new Tree(pid) }
}
