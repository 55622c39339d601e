// Prosody as Debian has it, with nothing that would hold it back: no limits of bandwidth, no log of single stanzas.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAnchors, writeIdentity } from '../../test/support/pki.ts'
import { Program } from '../../test/support/program.ts'
import { nameServer } from '../name-server.ts'
import { HOST, OURS, type Setting } from '../setting.ts'
import type { Contestant } from './contestant.ts'
import { packageVersion } from './package-version.ts'
import { serverEnds, serverRefuses } from './server-ends.ts'

/** Says when every port is open. */
const READY = 'module:hook_global("server-started", function () module:log("info", "bench: ready") end)'

export const prosody: Contestant = {
  name: 'prosody',
  about: 'Prosody, stock modules, without its limits of bandwidth; a component serves our domain',
  kind: 'server',
  programs: ['prosody'],
  version: () => packageVersion('prosody'),
  refuses: serverRefuses,
  ends: serverEnds,
  async start(t, setting) {
    const { ports, partners } = setting
    await nameServer(t, { port: ports.dns, domains: partners, servicePort: ports.partner })
    const folder = await setting.folder('prosody')
    await writeFile(join(folder, 'prosody.cfg.lua'), await configuration(folder, setting))
    await writeFile(join(folder, 'mod_bench.lua'), READY)
    return Program.start(t, {
      name: 'prosody',
      command: 'prosody',
      args: ['-F', '--config', join(folder, 'prosody.cfg.lua')],
      cwd: folder,
      logFile: join(folder, 'prosody.log'),
      ready: /bench: ready/,
      signal: 'SIGKILL',
    })
  },
}

async function configuration(folder: string, { ports, ca, identities, credentials }: Setting): Promise<string> {
  const ours = identities.get(OURS)
  if (!ours) throw new Error(`no certificate for ${OURS}`)
  const { certFile, keyFile } = await writeIdentity(join(folder, 'certs'), ours)
  const anchors = await writeAnchors(join(folder, 'anchors.pem'), ca)
  await mkdir(join(folder, 'data'), { recursive: true })
  const ssl = `ssl = { certificate = "${certFile}", key = "${keyFile}", cafile = "${anchors}", capath = false }`
  return `
run_as_root = true
pidfile = "${join(folder, 'prosody.pid')}"
data_path = "${join(folder, 'data')}"
plugin_paths = { "${folder}" }
interfaces = { "${HOST}" }
c2s_ports = {}
s2s_ports = { ${ports.front} }
component_ports = { ${ports.inner} }
use_ipv6 = false
unbound = { resolvconf = false, hoststxt = false, forward = "${HOST}@${ports.dns}" }
modules_enabled = { "bench", "blocklist", "carbons", "disco", "pep", "ping", "private", "roster", "saslauth", "smacks", "time", "tls", "vcard4", "version" }
authentication = "internal_hashed"
s2s_require_encryption = true
s2s_secure_auth = true
log = { info = "*console" }
VirtualHost "house.example"
  ${ssl}
Component "${OURS}"
  component_secret = "${credentials.secret}"
  ${ssl}
`
}
