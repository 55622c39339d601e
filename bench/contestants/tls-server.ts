// A bare TLS server in Node that wants client certificates: what meeting a partner costs at least.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAnchors, writeIdentity } from '../../test/support/pki.ts'
import { Program } from '../../test/support/program.ts'
import type { End } from '../generator/ends.ts'
import { OURS } from '../setting.ts'
import { NO_STANZAS } from '../workloads/streams.ts'
import type { Contestant } from './contestant.ts'

export const tlsServer: Contestant = {
  name: 'tls-server',
  about:
    'a bare TLS server in Node with client certificates, that says one word: the limit of meeting somebody in Node',
  kind: 'limit',
  programs: [],
  version: () => Promise.resolve(`Node ${process.versions.node}`),
  refuses: () => NO_STANZAS,
  ends: ({ partners, ports }) => ({
    source: partners.map((local): End => ({ opens: 'we', port: ports.front, speaks: 'tls', local, remote: OURS })),
    sink: [],
  }),
  async start(t, setting) {
    const folder = await setting.folder('tls-server')
    const ours = setting.identities.get(OURS)
    if (!ours) throw new Error(`no certificate for ${OURS}`)
    const files = await writeIdentity(folder, ours)
    const anchorsFile = await writeAnchors(join(folder, 'anchors.pem'), setting.ca)
    const order = join(folder, 'order.json')
    await writeFile(order, JSON.stringify({ listen: setting.ports.front, anchorsFile, ...files }))
    return Program.start(t, {
      name: 'tls-server',
      command: process.execPath,
      args: [join(import.meta.dirname, 'tls-server-program.ts'), order],
      logFile: join(folder, 'tls-server.log'),
      ready: /^ready$/,
    })
  },
}
