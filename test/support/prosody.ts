// A real Prosody (Debian's 0.12) in a folder of its own. Stock modules but for what would blur a test: dialback only where
// it is asked for (else a certificate must do), no limits, no registration.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Program } from './program.ts'
import type { Cleanup } from './program.ts'
import { CLIENT_PORTS, COMPONENT_PORT, PASSWORD, prepare, uploadOf, UPLOAD_PORT, usersFileOf } from './server.ts'
import type { Host, Prepared, ServerOptions, XmppServer } from './server.ts'
import { within } from './within.ts'

/**
 * Says so when every host and port is up, and whenever somebody fails to log in; closes all streams with servers when there
 * is the file to say so.
 */
const harness = (orders: string): string => `
module:hook_global("server-started", function () module:log("info", "harness: ready") end)
module:hook("authentication-failure", function (event)
  module:log("info", "harness: no to %s", event.session.sasl_handler and event.session.sasl_handler.username or "?")
end)
module:add_timer(0.1, function ()
  if not os.remove("${orders}") then return 0.1 end
  for session in pairs(prosody.incoming_s2s) do session:close() end
  for _, host in pairs(prosody.hosts) do
    for _, session in pairs(host.s2sout or {}) do session:close() end
  end
  module:log("info", "harness: closed")
  return 0.1
end)
`

const MODULES = [
  'blocklist',
  'bookmarks',
  'carbons',
  'disco',
  'harness',
  'pep',
  'ping',
  'private',
  'roster',
  'saslauth',
  'smacks',
  'time',
  'tls',
  'uptime',
  'vcard4',
  'vcard_legacy',
  'version',
]

/** Starts Prosody and resolves when it listens. Needs root only because the DNS server does. */
export async function prosody(t: Cleanup, o: ServerOptions): Promise<XmppServer> {
  const prepared = await prepare(t, o)
  const { folder } = prepared
  await writeFile(join(folder, 'prosody.cfg.lua'), configuration(prepared, o))
  const orders = join(folder, 'close-streams')
  await writeFile(join(folder, 'mod_harness.lua'), harness(orders))
  for (const host of o.hosts) await writeAccounts(folder, host)
  const program = await Program.start(t, {
    name: `prosody ${o.hosts[0]?.domain}`,
    command: 'prosody',
    args: ['-F', '--config', join(folder, 'prosody.cfg.lua')],
    logFile: join(folder, 'prosody.log'),
    ready: /harness: ready/,
    signal: 'SIGKILL',
  })
  return {
    kind: 'prosody',
    address: o.address,
    folder,
    log: program.log,
    inboundConnections: () => program.log.lines(/s2sin\S*\s+debug\s+Incoming s2s connection/).length,
    kill: () => program[Symbol.asyncDispose](),
    async stop() {
      program.kill('SIGTERM')
      await within(20_000, program.exited, 'the end of prosody')
    },
    async closeStreams() {
      const since = program.log.length
      await writeFile(orders, '')
      await program.log.expect(/harness: closed/, { since })
    },
  }
}

function configuration(p: Prepared, o: ServerOptions): string {
  const tls = o.tls ?? true
  const dialback = o.proof === 'dialback' || !tls
  const modules = [
    ...MODULES.filter((name) => tls || name !== 'tls'),
    ...(dialback ? ['dialback'] : []),
    ...(o.bidi ? ['s2s_bidi'] : []),
    ...(o.extras ? ['mam', 'csi', 'csi_simple'] : []),
  ]
  return `
run_as_root = true
pidfile = "${join(p.folder, 'prosody.pid')}"
data_path = "${join(p.folder, 'data')}"
plugin_paths = { "${p.folder}" }
interfaces = { "${o.address}" }
c2s_ports = { 5222${o.everyWay ? `, ${CLIENT_PORTS.none}` : ''} }
s2s_ports = { 5269 }
${o.components ? `component_interfaces = { "${o.address}" }` : ''}
${o.directTls ? directTls(p, o) : ''}
${o.everyWay ? clientsByDirectTls(p, o) : ''}
unbound = { resolvconf = false, hoststxt = false, forward = "${o.dns}" }
modules_enabled = { ${modules.map((name) => `"${name}"`).join(', ')} }
authentication = "${o.usersCa === undefined ? 'internal_plain' : 'ccert'}"
c2s_require_encryption = ${tls && !o.everyWay}
allow_unencrypted_plain_auth = ${!tls}
s2s_require_encryption = ${tls}
s2s_secure_auth = ${!dialback}
c2s_stanza_size_limit = 1024 * 1024
s2s_stanza_size_limit = 1024 * 1024
muc_room_locking = false
log = { { levels = { min = "debug" }, to = "console" } }
${o.components ? COMPONENTS : ''}
${o.extras ? `http_ports = { ${UPLOAD_PORT} }\nhttp_interfaces = { "${o.address}" }\nhttps_ports = {}` : ''}
${o.hosts.map((host) => virtualHost(host, p, o)).join('\n')}
${(o.components?.names ?? []).map((name) => `Component "${name}"\n  component_secret = "${o.components?.secret}"`).join('\n')}
`
}

/** Whatever is not for a component stays inside. */
const COMPONENTS = `component_ports = { ${COMPONENT_PORT} }
modules_disabled = { "s2s" }`

/** Its certificate is that of the first host: whoever asks for another one by SNI gets this one too. */
function directTls(p: Prepared, o: ServerOptions): string {
  const files = p.identities.get(o.hosts[0]?.domain ?? '')
  return `s2s_direct_tls_ports = { 5270 }
s2s_direct_tls_ssl = { certificate = "${files?.certFile}", key = "${files?.keyFile}", cafile = "${p.anchorsFile}", capath = false }`
}

function clientsByDirectTls(p: Prepared, o: ServerOptions): string {
  const files = p.identities.get(o.hosts[0]?.domain ?? '')
  return `c2s_direct_tls_ports = { ${CLIENT_PORTS.direct} }
c2s_direct_tls_ssl = { certificate = "${files?.certFile}", key = "${files?.keyFile}" }`
}

/** COMPAT: Prosody 0.12 takes certificates of clients for those of servers, which the users' CA cannot vouch for. */
function byCertificate(
  files: { readonly certFile: string; readonly keyFile: string } | undefined,
  p: Prepared,
): string {
  return `c2s_ssl = { certificate = "${files?.certFile}", key = "${files?.keyFile}", cafile = "${usersFileOf(p.folder)}", capath = false, verify = { "peer" }, verifyext = { lsec_ignore_purpose = false } }`
}

function virtualHost(host: Host, p: Prepared, { usersCa, extras }: ServerOptions): string {
  const files = p.identities.get(host.domain)
  const ssl = `ssl = { certificate = "${files?.certFile}", key = "${files?.keyFile}", cafile = "${p.anchorsFile}", capath = false }`
  return [
    `VirtualHost "${host.domain}"`,
    `  ${ssl}`,
    ...(usersCa === undefined ? [] : [`  ${byCertificate(files, p)}`]),
    ...(host.conference ? [`Component "${host.conference}" "muc"`, `  ${ssl}`] : []),
    ...(extras
      ? [
          `Component "${uploadOf(host.domain)}" "http_file_share"`,
          `  ${ssl}`,
          `  http_external_url = "https://${uploadOf(host.domain)}/"`,
        ]
      : []),
  ].join('\n')
}

/** What `prosodyctl adduser` would write. */
async function writeAccounts(folder: string, host: Host): Promise<void> {
  const accounts = join(folder, 'data', host.domain.replace(/[^A-Za-z0-9_]/gu, encodeStorage), 'accounts')
  await mkdir(accounts, { recursive: true })
  for (const user of host.users) {
    await writeFile(
      join(accounts, `${user.replace(/[^A-Za-z0-9_]/gu, encodeStorage)}.dat`),
      `return {\n\t["password"] = "${PASSWORD}";\n};\n`,
    )
  }
}

function encodeStorage(character: string): string {
  return Buffer.from(character).toString('hex').replace(/../g, '%$&')
}
