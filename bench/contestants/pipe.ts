// The bare pipe in Node: TLS on one side, TCP on the other, and nothing looked at. What Node can do at most.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeIdentity } from '../../test/support/pki.ts'
import { Program } from '../../test/support/program.ts'
import { OURS } from '../setting.ts'
import { bytesThrough } from './bytes.ts'
import type { Contestant } from './contestant.ts'

export const pipe: Contestant = {
  name: 'pipe',
  about: 'a bare pipe in Node, TLS to TCP, that looks at nothing: the limit of a gateway in Node',
  kind: 'limit',
  programs: [],
  version: () => Promise.resolve(`Node ${process.versions.node}`),
  refuses: () => undefined,
  ends: bytesThrough,
  async start(t, setting) {
    const folder = await setting.folder('pipe')
    const ours = setting.identities.get(OURS)
    if (!ours) throw new Error(`no certificate for ${OURS}`)
    const files = await writeIdentity(folder, ours)
    const { way, ports } = setting
    const order = join(folder, 'order.json')
    await writeFile(order, JSON.stringify({ way, listen: ports.front, connect: ports.core, ...files }))
    return Program.start(t, {
      name: 'pipe',
      command: process.execPath,
      args: [join(import.meta.dirname, 'pipe-program.ts'), order],
      logFile: join(folder, 'pipe.log'),
      ready: /^ready$/,
    })
  },
}
