// The cores that remote users log in at: Prosody and ejabberd as Debian has them, each with a port for clients in plaintext and
// one that begins with TLS, and the bare one of the bench.
//
// Rule: passwords are kept hashed, and users prove them by SCRAM-SHA-1, which both servers know; so no server hashes a password
// anew for each log-in, and none looks slower than it is.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ejabberdNode } from '../../test/support/ejabberd.ts'
import { writeIdentity } from '../../test/support/pki.ts'
import { Program } from '../../test/support/program.ts'
import { PASSWORD } from '../../test/support/server.ts'
import { MODULES } from '../contestants/ejabberd.ts'
import { Worker } from '../generator/worker.ts'
import { freePorts, HOST, OURS } from '../setting.ts'
import type { RemoteCore, World } from './world.ts'

const USERS = 50
const ITERATIONS = 4096

/** The bare core, and the process that it is. It knows everybody. */
export async function startBareCore({
  t,
  ours,
}: World): Promise<{ readonly core: RemoteCore; readonly worker: Worker }> {
  const [plainPort = 0, tlsPort = 0] = await freePorts(2)
  const worker = Worker.start(t, 'bare-core')
  const identity = { cert: ours.fullchainPem, key: ours.keyPem }
  await worker.ask('done', { order: 'serve', plainPort, tlsPort, identity })
  return { core: { plainPort, tlsPort, users: 100_000, password: PASSWORD }, worker }
}

export async function startProsody(world: World): Promise<RemoteCore> {
  const core = await coreWithUsers()
  const folder = await world.folder('prosody')
  const { certFile, keyFile } = await writeIdentity(join(folder, 'certs'), world.ours)
  const accounts = join(folder, 'data', OURS.replaceAll('.', '%2e'), 'accounts')
  await mkdir(accounts, { recursive: true })
  for (let i = 0; i < USERS; i++) await writeFile(join(accounts, `user${i}.dat`), account())
  const ready = 'module:hook_global("server-started", function () module:log("info", "bench: ready") end)'
  await writeFile(join(folder, 'mod_bench.lua'), ready)
  const ssl = `{ certificate = "${certFile}", key = "${keyFile}" }`
  const file = join(folder, 'prosody.cfg.lua')
  const configuration = `
run_as_root = true
pidfile = "${join(folder, 'prosody.pid')}"
data_path = "${join(folder, 'data')}"
plugin_paths = { "${folder}" }
interfaces = { "${HOST}" }
use_ipv6 = false
c2s_ports = { ${core.plainPort} }
c2s_direct_tls_ports = { ${core.tlsPort} }
c2s_direct_tls_ssl = ${ssl}
s2s_ports = {}
c2s_require_encryption = false
modules_enabled = { "bench", "blocklist", "carbons", "disco", "pep", "ping", "private", "roster", "saslauth", "smacks", "time", "tls", "vcard4", "version" }
modules_disabled = { "s2s" }
authentication = "internal_hashed"
log = { info = "*console" }
VirtualHost "${OURS}"
  ssl = ${ssl}
`
  await writeFile(file, configuration)
  await Program.start(world.t, {
    name: 'prosody',
    command: 'prosody',
    args: ['-F', '--config', file],
    cwd: folder,
    logFile: join(folder, 'prosody.log'),
    ready: /bench: ready/,
    signal: 'SIGKILL',
  })
  return core
}

/** What `prosodyctl adduser` would write. */
function account(): string {
  const salt = randomBytes(16).toString('hex')
  const salted = pbkdf2Sync(PASSWORD, salt, ITERATIONS, 20, 'sha1')
  const key = (name: string): Buffer => createHmac('sha1', salted).update(name).digest()
  const stored = createHash('sha1').update(key('Client Key')).digest('hex')
  const server = key('Server Key').toString('hex')
  return `return {\n["iteration_count"] = ${ITERATIONS};\n["salt"] = "${salt}";\n["stored_key"] = "${stored}";\n["server_key"] = "${server}";\n};\n`
}

export async function startEjabberd(world: World): Promise<RemoteCore> {
  const core = await coreWithUsers()
  const folder = await world.folder('ejabberd')
  const { certFile, keyFile } = await writeIdentity(join(folder, 'certs'), world.ours)
  const config = join(folder, 'ejabberd.yml')
  const listener = `ip: "${HOST}", module: ejabberd_c2s, max_stanza_size: 1048576, backlog: 4096`
  const configuration = `
loglevel: info
hosts: ["${OURS}"]
certfiles: ["${certFile}", "${keyFile}"]
auth_password_format: scram
listen:
  - { port: ${core.plainPort}, ${listener} }
  - { port: ${core.tlsPort}, ${listener}, tls: true }
access_rules:
  local: { allow: all }
${MODULES}`
  await writeFile(config, configuration)
  const users = Array.from({ length: USERS }, (_, i) => [`user${i}`, OURS] as const)
  const node = ejabberdNode({ data: join(folder, 'data'), config, log: join(folder, 'ejabberd.log'), users })
  await Program.start(world.t, {
    name: 'ejabberd',
    command: node.command,
    args: node.args,
    env: { ...node.env, HOME: folder },
    cwd: folder,
    logFile: join(folder, 'console.log'),
    ready: /^harness: ready$/,
    readyMs: 60_000,
    signal: 'SIGKILL',
  })
  return core
}

async function coreWithUsers(): Promise<RemoteCore> {
  const [plainPort = 0, tlsPort = 0] = await freePorts(2)
  return { plainPort, tlsPort, users: USERS, password: PASSWORD }
}
