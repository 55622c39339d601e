// A real ejabberd (Debian's 23.01) in a folder of its own: an Erlang node without a name, so that any number of them
// live side by side with neither epmd nor cookie.
//
// COMPAT: ejabberd 23.01 looks up SRV by Erlang's resolver but A and AAAA by libc, so its view of DNS is a private
// /etc/resolv.conf in a mount namespace of its own.

import { globSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Program } from './program.ts'
import type { Cleanup } from './program.ts'
import { CLIENT_PORTS, COMPONENT_PORT, PASSWORD, prepare, uploadOf, UPLOAD_PORT, usersFileOf } from './server.ts'
import type { ComponentsOptions, Prepared, ServerOptions, XmppServer } from './server.ts'
import { within } from './within.ts'

/** Starts ejabberd and resolves when it listens and its users exist. Needs root: unshare, mount. */
export async function ejabberd(t: Cleanup, o: ServerOptions): Promise<XmppServer> {
  const prepared = await prepare(t, o)
  const { folder } = prepared
  await writeFile(join(folder, 'ejabberd.yml'), configuration(prepared, o))
  // COMPAT: ejabberd 23.01 shows components no certificate of `certfiles`, only one that its listener names, key included.
  const [first] = o.hosts
  if (first) await writeFile(join(folder, 'component.pem'), first.certificate.fullchainPem + first.certificate.keyPem)
  await writeFile(join(folder, 'resolv.conf'), `nameserver ${o.dns}\n`)
  const node = ejabberdNode({
    data: join(folder, 'data'),
    config: join(folder, 'ejabberd.yml'),
    log: join(folder, 'ejabberd.log'),
    users: o.hosts.flatMap((host) => host.users.map((user) => [user, host.domain] as const)),
  })
  const program = await Program.start(t, {
    name: `ejabberd ${o.hosts[0]?.domain}`,
    command: 'unshare',
    args: [
      '--mount',
      'sh',
      '-c',
      'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"',
      'sh',
      join(folder, 'resolv.conf'),
      node.command,
      ...node.args,
    ],
    env: { ...node.env, HOME: folder },
    cwd: folder,
    logFile: join(folder, 'console.log'),
    ready: /^harness: ready$/,
    signal: 'SIGKILL',
  })
  return {
    kind: 'ejabberd',
    address: o.address,
    folder,
    log: program.log,
    inboundConnections: () => program.log.lines(/Accepted connection .* -> \S+:5269/).length,
    kill: () => program[Symbol.asyncDispose](),
    async stop() {
      program.tell('stop')
      await within(20_000, program.exited, 'the end of ejabberd')
    },
    async closeStreams() {
      const since = program.log.length
      program.tell('close')
      await program.log.expect(/^harness: closed$/, { since })
    },
  }
}

export interface NodeOptions {
  /** Folder for its database. */
  readonly data: string
  readonly config: string
  readonly log: string
  /** User and domain. */
  readonly users: readonly (readonly [user: string, domain: string])[]
}

/**
 * The program that is ejabberd: it makes the users, says `harness: ready`, and ends with its standard input. A line `stop`
 * there ends it in good order, `close` closes its streams with other servers.
 */
export function ejabberdNode(o: NodeOptions) {
  return {
    command: 'erl',
    // Everything is on disk at once, so that one who is killed has lost nothing when it starts again.
    args: [
      '-noshell',
      '-mnesia',
      'dir',
      `"${o.data}"`,
      'dump_log_write_threshold',
      '1',
      '-s',
      'ejabberd',
      '-eval',
      boot(o.users),
    ],
    env: {
      HOME: o.data,
      ERL_LIBS: globSync('/usr/lib/*-linux-gnu/ejabberd-*').map(dirname)[0] ?? '',
      ERL_CRASH_DUMP_BYTES: '0',
      EJABBERD_CONFIG_PATH: o.config,
      EJABBERD_LOG_PATH: o.log,
    },
  } as const
}

/** The listener for servers that begin with TLS. */
const directTls = ({ directTls: wanted, address }: ServerOptions): string =>
  wanted ? `\n  - { port: 5270, ip: "${address}", module: ejabberd_s2s_in, tls: true, max_stanza_size: 1048576 }` : ''

/** Text as an Erlang binary, whatever the locale. */
function binary(text: string): string {
  return `<<${[...Buffer.from(text)].join(',')}>>`
}

function boot(users: NodeOptions['users']): string {
  const register = users.map(
    ([user, domain]) =>
      `case ejabberd_auth:try_register(${binary(user)}, ${binary(domain)}, <<"${PASSWORD}">>) of ok -> ok; {error, exists} -> ok end`,
  )
  const orders = [
    'eof -> erlang:halt(0)',
    '"stop\\n" -> init:stop()',
    '"close\\n" -> ejabberd_s2s:stop_s2s_connections(), io:format("~nharness: closed~n"), Loop()',
    '_ -> Loop()',
  ]
  const obey = `spawn(fun Loop() -> case io:get_line("") of ${orders.join('; ')} end end)`
  return `${[...register, 'io:format("~nharness: ready~n")', obey].join(', ')}.`
}

function configuration(p: Prepared, o: ServerOptions): string {
  const tls = o.tls ?? true
  const certificates = [...p.identities.values()].flatMap(({ certFile, keyFile }) => [certFile, keyFile])
  return `
loglevel: info
hosts: [${o.hosts.map((host) => `"${host.domain}"`).join(', ')}]
certfiles: [${certificates.map((file) => `"${file}"`).join(', ')}]
ca_file: "${p.anchorsFile}"
s2s_use_starttls: ${tls ? 'required' : 'false'}
s2s_cafile: "${p.anchorsFile}"
# A test asks again at once; the default bounces everything for up to five minutes.
s2s_max_retry_delay: 1
max_fsm_queue: 1000000
${o.components ? 's2s_access: none' : ''}
auth_password_format: scram${o.scramHash ? `\nauth_scram_hash: ${o.scramHash}` : ''}
listen:
  - { port: 5222, ip: "${o.address}", module: ejabberd_c2s, ${o.proxyProtocol ? 'use_proxy_protocol: true, ' : ''}max_stanza_size: 1048576, starttls: ${tls}, starttls_required: ${tls}${o.usersCa === undefined ? '' : `, tls_verify: true, cafile: "${usersFileOf(p.folder)}"`} }
  - ${o.components ? service(o.components, o.address, join(p.folder, 'component.pem')) : `{ port: 5269, ip: "${o.address}", module: ejabberd_s2s_in, max_stanza_size: 1048576 }`}${directTls(o)}${otherWays(o)}${uploads(o)}
access_rules:
  local: { allow: all }
shaper_rules: {}
modules:
  mod_adhoc: {}
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_disco: {}
  mod_last: {}
  mod_muc: { host: "conference.@HOST@", access_create: ${o.openRooms ? 'all' : 'local'}, default_room_options: { persistent: false } }
  mod_offline: {}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub: { plugins: [flat, pep] }
  mod_roster: { versioning: true }
  mod_stream_mgmt: { max_ack_queue: infinity }
  mod_time: {}
  mod_vcard: { search: false }
  mod_version: {}${tls && o.proof !== 'dialback' ? '' : '\n  mod_s2s_dialback: {}'}${o.extras ? extras(p.folder) : ''}${o.bans ? fail2ban(o.bans) : ''}
`
}

/** Beside STARTTLS. */
const otherWays = ({ everyWay, address }: ServerOptions): string =>
  everyWay
    ? `\n  - { port: ${CLIENT_PORTS.direct}, ip: "${address}", module: ejabberd_c2s, tls: true }
  - { port: ${CLIENT_PORTS.none}, ip: "${address}", module: ejabberd_c2s }`
    : ''

const fail2ban = ({ failures, spared }: NonNullable<ServerOptions['bans']>): string => `
  mod_fail2ban:
    c2s_max_auth_failures: ${failures}${spared === undefined ? '' : `\n    access:\n      - allow:\n          ip: ${spared}`}`

const extras = (folder: string): string => `
  mod_mam: { default: always }
  mod_http_upload:
    host: "${uploadOf('@HOST@')}"
    put_url: "https://${uploadOf('@HOST@')}/upload"
    docroot: "${folder}/upload"
    custom_headers:
      Access-Control-Allow-Origin: "*"
      Access-Control-Allow-Methods: GET, HEAD, PUT, OPTIONS
      Access-Control-Allow-Headers: Content-Type`

/** For what slots lead to. */
const uploads = ({ extras: wanted, address }: ServerOptions): string =>
  wanted
    ? `\n  - { port: ${UPLOAD_PORT}, ip: "${address}", module: ejabberd_http, request_handlers: { "/upload": mod_http_upload } }`
    : ''

function service(
  { names, secret, connections, tls = false, anySender = false }: ComponentsOptions,
  address: string,
  certFile: string,
): string {
  const hosts = names.map((name) => `"${name}": { password: "${secret}" }`).join(', ')
  const routes = connections === 'one' ? '' : ', global_routes: false'
  return `{ port: ${COMPONENT_PORT}, ip: "${address}", module: ejabberd_service, access: all, ${tls ? `tls: true, certfile: "${certFile}", ` : ''}max_stanza_size: 1048576, check_from: ${!anySender}, hosts: { ${hosts} }${routes} }`
}
