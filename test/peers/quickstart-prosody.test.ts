// The gateway in front of Debian's Prosody, by the lines that `quickstart` prints, applied to Debian's own files.

import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ejabberd } from '../support/ejabberd.ts'
import { Machine } from '../support/machine.ts'
import { issue, temporaryFolder, writeIdentity } from '../support/pki.ts'
import { PASSWORD } from '../support/server.ts'
import { conferenceOf, OURS } from './places.ts'
import { testQuickstartComponent } from './quickstart-component.ts'
import { testQuickstart } from './quickstart.ts'
import type { StockServer } from './quickstart.ts'

const ROOMS = conferenceOf(OURS)

/** What the operator has written before the gateway comes; log and listener of clients are the test's. */
const hosts = (address: string): string => `
c2s_interfaces = { "${address}" }
log = { { levels = { min = "debug" }, to = "console" } }
plugin_paths = { "/var/lib/prosody" }
VirtualHost "${OURS}"
  modules_enabled = { "harness" }
Component "${ROOMS}" "muc"
`

const READY = 'module:hook_global("server-started", function () module:log("info", "harness: ready") end)\n'

const prosody: StockServer = {
  kind: 'prosody',
  certificate: (ca) => issue({ ca, names: [OURS, ROOMS] }),
  async install(t, { address, certificate }) {
    const machine = await Machine.make(t, {
      copies: ['/etc/prosody'],
      empty: ['/var/lib/prosody', '/run'],
      owner: 'prosody',
    })
    await machine.write('/etc/prosody/conf.d/corp.cfg.lua', hosts(address))
    await machine.write('/var/lib/prosody/mod_harness.lua', READY)
    const { certFile } = await writeIdentity(await temporaryFolder(t), certificate)
    for (const name of [OURS, ROOMS]) {
      await copyFile(certFile, machine.path(join('/etc/prosody/certs', `${name}.crt`)))
      await machine.write(join('/etc/prosody/certs', `${name}.key`), certificate.keyPem)
    }
    await machine.makeFolder('/run/prosody', 'prosody') // As systemd does: RuntimeDirectory.
    return machine
  },
  async start(t, machine) {
    for (const user of ['alice', 'bob']) await machine.run('prosodyctl', ['register', user, OURS, PASSWORD])
    return machine.start(t, 'prosody', {
      name: `prosody ${OURS}`,
      command: 'prosody',
      args: ['-F'],
      logFile: machine.path('prosody.log'),
      ready: /harness: ready/,
      signal: 'SIGKILL',
    })
  },
}

testQuickstart({
  name: "gateway in front of Debian's Prosody, by the printed lines, with a partner of ejabberd",
  number: 61,
  core: prosody,
  partner: ejabberd,
  words: [],
})

testQuickstartComponent("gateway as a component of Debian's Prosody, by the printed lines", 63, prosody)
