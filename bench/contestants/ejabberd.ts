// ejabberd as Debian has it, with nothing that would hold it back: no shapers, no log of single stanzas.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ejabberdNode } from '../../test/support/ejabberd.ts'
import { writeAnchors, writeIdentity } from '../../test/support/pki.ts'
import { Program } from '../../test/support/program.ts'
import { nameServer } from '../name-server.ts'
import { HOST, OURS, type Setting } from '../setting.ts'
import type { Contestant } from './contestant.ts'
import { packageVersion } from './package-version.ts'
import { serverEnds, serverRefuses } from './server-ends.ts'

/** What an ejabberd for many users has loaded, and nothing that slows anybody down: of `ejabberd.yml`. */
export const MODULES = `shaper_rules: {}
modules:
  mod_adhoc: {}
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_last: {}
  mod_offline: {}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub: { plugins: [flat, pep] }
  mod_roster: { versioning: true }
  mod_stream_mgmt: {}
  mod_time: {}
  mod_vcard: { search: false }
  mod_version: {}
`

export const ejabberd: Contestant = {
  name: 'ejabberd',
  about: 'ejabberd, stock modules, without shapers; a component serves our domain',
  kind: 'server',
  programs: ['ejabberdctl', 'erl'],
  version: () => packageVersion('ejabberd'),
  refuses: serverRefuses,
  ends: serverEnds,
  async start(t, setting) {
    const { ports, partners } = setting
    await nameServer(t, { port: ports.dns, domains: partners, servicePort: ports.partner })
    const folder = await setting.folder('ejabberd')
    const config = join(folder, 'ejabberd.yml')
    await writeFile(config, await configuration(folder, setting))
    await writeFile(join(folder, 'inetrc'), names(ports.dns))
    const node = ejabberdNode({ data: join(folder, 'data'), config, log: join(folder, 'ejabberd.log'), users: [] })
    return Program.start(t, {
      name: 'ejabberd',
      command: node.command,
      args: node.args,
      env: { ...node.env, HOME: folder, ERL_INETRC: join(folder, 'inetrc') },
      cwd: folder,
      logFile: join(folder, 'console.log'),
      ready: /^harness: ready$/,
      signal: 'SIGKILL',
    })
  },
}

/** Erlang's resolver asks the name server of the measurement, and nobody else. */
function names(port: number): string {
  const address = `{${HOST.split('.').join(',')}}`
  return `{lookup, [file, dns]}.\n{resolv_conf, ""}.\n{nameserver, ${address}, ${port}}.\n`
}

async function configuration(folder: string, { ports, ca, identities, credentials }: Setting): Promise<string> {
  const ours = identities.get(OURS)
  if (!ours) throw new Error(`no certificate for ${OURS}`)
  const { certFile, keyFile } = await writeIdentity(join(folder, 'certs'), ours)
  const anchors = await writeAnchors(join(folder, 'anchors.pem'), ca)
  return `
loglevel: info
hosts: ["house.example"]
certfiles: ["${certFile}", "${keyFile}"]
ca_file: "${anchors}"
s2s_use_starttls: required
s2s_cafile: "${anchors}"
outgoing_s2s_families: [ipv4]
listen:
  - { port: ${ports.front}, ip: "${HOST}", module: ejabberd_s2s_in, max_stanza_size: 1048576 }
  - { port: ${ports.inner}, ip: "${HOST}", module: ejabberd_service, access: all, max_stanza_size: 1048576, hosts: { "${OURS}": { password: "${credentials.secret}" } } }
access_rules:
  local: { allow: all }
${MODULES}`
}
