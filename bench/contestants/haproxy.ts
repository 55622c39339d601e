// HAProxy, TLS to TCP: what a proxy can do that looks at nothing and is written in C.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAnchors } from '../../test/support/pki.ts'
import { Program } from '../../test/support/program.ts'
import { HOST, OURS, type Setting } from '../setting.ts'
import { bytesThrough } from './bytes.ts'
import type { Contestant } from './contestant.ts'
import { packageVersion } from './package-version.ts'

export const haproxy: Contestant = {
  name: 'haproxy',
  about: 'HAProxy, TLS to TCP, that looks at nothing: the limit of a proxy, in C and with a thread for each processor',
  kind: 'limit',
  programs: ['haproxy'],
  version: () => packageVersion('haproxy'),
  refuses: () => undefined,
  ends: bytesThrough,
  async start(t, setting) {
    const folder = await setting.folder('haproxy')
    const file = join(folder, 'haproxy.cfg')
    await writeFile(file, await configuration(folder, setting))
    return Program.start(t, {
      name: 'haproxy',
      command: 'haproxy',
      args: ['-db', '-V', '-f', file],
      cwd: folder,
      logFile: join(folder, 'haproxy.log'),
      ready: /as the polling mechanism/,
    })
  },
}

async function configuration(folder: string, { way, ports, ca, identities }: Setting): Promise<string> {
  const ours = identities.get(OURS)
  if (!ours) throw new Error(`no certificate for ${OURS}`)
  const identity = join(folder, 'ours.pem')
  await writeFile(identity, ours.fullchainPem + ours.keyPem, { mode: 0o600 })
  const anchors = await writeAnchors(join(folder, 'anchors.pem'), ca)
  const front = way === 'out' ? '' : ` ssl crt ${identity} ca-file ${anchors} verify required`
  const back = way === 'in' ? '' : ` ssl crt ${identity} ca-file ${anchors} verify none`
  return `global
    log stdout format raw local0
defaults
    mode tcp
    timeout connect 5s
    timeout client 10m
    timeout server 10m
listen bytes
    bind ${HOST}:${ports.front}${front}
    server sink ${HOST}:${ports.core}${back}
`
}
