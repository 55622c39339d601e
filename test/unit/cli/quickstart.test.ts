import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from '../../../src/config/load.ts'
import { emptyDirectory } from '../../support/installation.ts'
import { run } from './run.ts'

const PLAIN = ['quickstart', 'corp.example', '--core', '10.1.0.10:5269', '--conference', 'rooms.corp.example']
const component = (kind = 'ejabberd', core = '127.0.0.1:5347', protocol = 'component'): readonly string[] => [
  'quickstart',
  'corp.example',
  '--core',
  core,
  '--core-protocol',
  protocol,
  '--core-kind',
  kind,
]
const EVALUATION = ['quickstart', 'corp.example', '--core', '127.0.0.1:5269', '--evaluation']

const config = (directory: string) => loadConfig(join(directory, 'federation-config'))

async function filesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1)).toSorted()
}

/** A port that nobody holds at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Has an evaluation set-up listen elsewhere: on this machine others may be at work. */
async function usePorts(directory: string, federation: number, core: number): Promise<void> {
  const file = join(directory, 'federation-config/gateway.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('15369', String(federation)).replace('15370', String(core)))
}

test('what quickstart makes is a configuration without findings', async (t) => {
  const directory = await emptyDirectory(t)
  const { code } = await run(directory, PLAIN)
  assert.equal(code, 0)
  const { settings, findings } = await config(directory)
  assert.deepEqual(findings, [])
  assert.deepEqual(
    settings?.domains.map(({ domain }) => domain),
    ['corp.example', 'rooms.corp.example'],
  )
  assert.equal(settings?.core.host, '10.1.0.10')
  assert.deepEqual(settings?.core.networks, ['10.1.0.10/32'])
  assert.deepEqual(settings?.listen.federation, [{ host: undefined, port: 5269, tls: 'starttls', proxyProtocol: [] }])
})

test('for a component core it makes the secret, for its owner alone, and prints it in the lines for the core', async (t) => {
  for (const [kind, connections] of [
    ['prosody', 'per-domain'],
    ['ejabberd', 'one'],
  ] as const) {
    const directory = await emptyDirectory(t)
    const { code, out } = await run(directory, component(kind))
    assert.equal(code, 0)
    const { settings, findings } = await config(directory)
    assert.deepEqual(findings, [])
    assert.deepEqual([settings?.core.component?.connections, settings?.core.networks], [connections, []])
    const file = join(directory, 'certs/core/secret')
    assert.equal((await stat(file)).mode & 0o777, 0o600)
    const secret = (await readFile(file, 'utf8')).trim()
    assert.match(secret, /^[\w-]{32}$/)
    assert.ok(out.includes(secret))
  }
})

test('a component core on another host is met in plaintext only where that is asked for', async (t) => {
  const away = component('ejabberd', '10.1.0.10:5347')
  const directory = await emptyDirectory(t)
  assert.equal((await run(directory, away)).code, 78)
  assert.deepEqual(await readdir(directory), [])
  assert.equal((await run(directory, [...away, '--plaintext-network', '10.1.0.0/24'])).code, 0)
  assert.ok((await config(directory)).settings?.core.component?.plaintextNetworks.includes('10.1.0.0/24'))
})

test('keys are for their owner alone, and each domain has a request', async (t) => {
  const directory = await emptyDirectory(t)
  await run(directory, PLAIN)
  for (const key of [
    'certs/corp.example/privkey.pem',
    'certs/rooms.corp.example/privkey.pem',
    'certs/internal-ca/ca.key',
  ])
    assert.equal((await stat(join(directory, key))).mode & 0o777, 0o600, key)
  assert.match(await readFile(join(directory, 'certs/corp.example/request.csr'), 'utf8'), /BEGIN CERTIFICATE REQUEST/)
  assert.equal((await stat(join(directory, 'var'))).mode & 0o777, 0o700)
})

test('check says exactly what is still missing', async (t) => {
  const directory = await emptyDirectory(t)
  await run(directory, PLAIN)
  const { code, out } = await run(directory, ['check', '--json'])
  assert.equal(code, 1)
  const errors = JSON.parse(out).checks.filter(
    ({ severity, area }: Readonly<Record<string, string>>) => severity === 'error' && area === 'certificates',
  )
  const files = errors.map(({ subject }: { subject: string }) => subject.slice(subject.indexOf('certs/')))
  assert.deepEqual(files.toSorted(), [
    'certs/core/ca.pem',
    'certs/corp.example/fullchain.pem',
    'certs/rooms.corp.example/fullchain.pem',
  ])
})

test('an evaluation set-up passes check as it is made', async (t) => {
  const directory = await emptyDirectory(t)
  assert.equal((await run(directory, EVALUATION)).code, 0)
  const { settings, findings } = await config(directory)
  assert.deepEqual(findings, [])
  assert.equal(settings?.evaluation, false) // No lab: the core is the user's own.
  assert.ok([...settings.listen.federation, ...settings.listen.core].every(({ host }) => host === '127.0.0.1'))
  await usePorts(directory, await freePort(), await freePort())
  const { code, out } = await run(directory, ['check', '--strict'], { now: Date.now })
  assert.equal(code, 0, out)
  assert.match(out, /no errors; no gateway is running here/)
})

test('a port that is taken is found by check, with the way to find who holds it', async (t) => {
  const directory = await emptyDirectory(t)
  await run(directory, EVALUATION)
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  await usePorts(directory, port, await freePort())
  const { code, out } = await run(directory, ['check'])
  assert.equal(code, 1)
  assert.ok(out.includes(`ERROR    federation 127.0.0.1:${port}: 127.0.0.1 port ${port} is in use`), out)
  assert.match(out, /ss -ltnp/)
})

test('check shows every mistake with file and line, and ends 78', async (t) => {
  const directory = await emptyDirectory(t)
  await run(directory, EVALUATION)
  await mkdir(join(directory, 'federation-config/partners'), { recursive: true })
  await writeFile(
    join(directory, 'federation-config/partners/x.example.yaml'),
    'domain: x.example\nstatus: alowed\nownr: me\n',
  )
  const { code, out } = await run(directory, ['check'])
  assert.equal(code, 78)
  assert.match(out, /x\.example\.yaml:2: status: .*did you mean "allowed"\?/)
  assert.match(out, /x\.example\.yaml:3: ownr: unknown key; did you mean "owner"\?/)
  assert.match(out, /2 errors/)
})

test('check without any configuration says how to begin, and ends 78', async (t) => {
  const { code, out } = await run(await emptyDirectory(t), ['check'])
  assert.equal(code, 78)
  assert.match(out, /there is no configuration here; .*quickstart/)
})

test('nothing is overwritten: a second run changes no byte', async (t) => {
  const directory = await emptyDirectory(t)
  await run(directory, EVALUATION)
  const read = () => readFile(join(directory, 'federation-config/gateway.yaml'), 'utf8')
  const before = await read()
  const { code, err } = await run(directory, PLAIN)
  assert.equal(code, 1)
  assert.match(err, /gateway\.yaml already, and it stays as it is/)
  assert.equal(await read(), before)
})

test('when a file is in the way, all that was made goes again and the file stays', async (t) => {
  const directory = await emptyDirectory(t)
  await mkdir(join(directory, 'certs/rooms.corp.example'), { recursive: true })
  await writeFile(join(directory, 'certs/rooms.corp.example/privkey.pem'), 'precious')
  const before = await filesBelow(directory)
  const { code, err } = await run(directory, PLAIN)
  assert.equal(code, 1)
  assert.match(err, /privkey\.pem is there already, and it stays as it is/)
  assert.deepEqual(await filesBelow(directory), before)
  assert.equal(await readFile(join(directory, 'certs/rooms.corp.example/privkey.pem'), 'utf8'), 'precious')
})

test('when the settings do not go together, nothing is kept', async (t) => {
  const directory = await emptyDirectory(t)
  // The core's address is the gateway's own: only the configuration as a whole shows that.
  const { code, out } = await run(directory, [
    'quickstart',
    'corp.example',
    '--core',
    '10.1.0.10:5269',
    '--listen',
    '10.1.0.10',
  ])
  assert.equal(code, 78)
  assert.match(out, /core\.address: this is our own listener/)
  assert.deepEqual(await filesBelow(directory), [])
})

test('a trust file for the core is taken along, a file without certificates is not', async (t) => {
  const directory = await emptyDirectory(t)
  await run(await emptyDirectory(t), EVALUATION)
  const other = await emptyDirectory(t)
  await run(other, EVALUATION)
  const ca = join(other, 'certs/evaluation/ca.pem')
  assert.equal((await run(directory, [...PLAIN, '--core-trust', ca])).code, 0)
  const copy = new X509Certificate(await readFile(join(directory, 'certs/core/ca.pem')))
  assert.ok(copy.ca)
  const empty = await emptyDirectory(t)
  const { code, err } = await run(empty, [...PLAIN, '--core-trust', join(other, 'federation-config/gateway.yaml')])
  assert.equal(code, 1)
  assert.match(err, /holds no certificate in PEM/)
  assert.deepEqual(await filesBelow(empty), [])
})

test('a pin for the core goes into the settings', async (t) => {
  const directory = await emptyDirectory(t)
  const pin = 'sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  await run(directory, [...PLAIN, '--core-trust', pin])
  assert.deepEqual((await config(directory)).settings?.core.trust.pins, [pin])
})

test('two listeners are made when both addresses are given', async (t) => {
  const directory = await emptyDirectory(t)
  await run(directory, [...PLAIN, '--listen', '192.0.2.1', '--inner', '10.1.0.2'])
  const { listen } = (await config(directory)).settings!
  assert.deepEqual(listen, {
    federation: [{ host: '192.0.2.1', port: 5269, tls: 'starttls', proxyProtocol: [] }],
    core: [{ host: '10.1.0.2', port: 5269, tls: 'starttls', proxyProtocol: [] }],
    remote: [],
  })
})

const IMPOSSIBLE: readonly (readonly [words: readonly string[], answer: RegExp])[] = [
  [['quickstart'], /<domain> is missing/],
  [['quickstart', 'corp.example'], /--core is missing/],
  [['quickstart', 'not a domain', '--core', '10.1.0.10:5269'], /"not a domain" is no domain/],
  [['quickstart', 'corp.example', '--core', '10.1.0.10'], /--core: write host:port/],
  [['quickstart', 'corp.example', '--core', 'core.corp.internal:5269'], /--core-network/],
  [['quickstart', 'corp.example', '--core', '127.0.0.1:5269'], /--listen/],
  [['quickstart', 'corp.example', '--core', '10.1.0.10:5269', '--inner', '10.1.0.2'], /--inner needs --listen/],
  [component('prosody', '127.0.0.1:5347', 'xmpp'), /--core-protocol is one of s2s, component/],
  [component('openfire'), /needs --core-kind, one of prosody, ejabberd/],
  [[...component(), '--core-network', '10.1.0.0/16'], /leave --core-network out/],
  [component('ejabberd', 'core.corp.internal:5347'), /--core: the lines for a component need the address/],
  [[...PLAIN, '--plaintext-network', '10.1.0.0/16'], /--plaintext-network is for --core-protocol component only/],
  [['quickstart', 'corp.example', '--core', '10.1.0.10:5269', '--core-kind', 'prosodie'], /did you mean prosody\?/],
  [
    ['quickstart', 'corp.example', '--core', '10.1.0.10:5269', '--dns-view', 'unbind'],
    /--dns-view is one of dnsmasq, unbound, bind/,
  ],
  [
    [...PLAIN, '--listen', '192.0.2.1', '--core-kind', 'openfire', '--dns-view', 'bind'],
    /--dns-view: Openfire finds a gateway at an IPv4 address without/,
  ],
  [[...EVALUATION, '--direct-tls'], /--direct-tls is not for --evaluation/],
  [[...EVALUATION, '--remote'], /--remote is not for --evaluation/],
  [[...PLAIN, '--websocket'], /--websocket is for --remote only/],
  [[...PLAIN, '--core-clients', '10.1.0.10:5222'], /--core-clients is for --remote only/],
  [[...PLAIN, '--remote', '--core-clients', '10.1.0.10'], /--core-clients: write host:port/],
  [[...PLAIN, '--remote', '--core-clients', '127.0.0.1:5222'], /say with --listen which outer address/],
  [['quickstart', 'corp.example', '--core', '10.1.0.10:5269', '--core-trust', 'sha256/x'], /--core-trust: write a pin/],
]

for (const [words, answer] of IMPOSSIBLE) {
  test(`"${words.slice(1).join(' ')}" cannot be made, and nothing is`, async (t) => {
    const directory = await emptyDirectory(t)
    const { code, err } = await run(directory, words)
    assert.equal(code, 2)
    assert.match(err, answer)
    assert.deepEqual(await filesBelow(directory), [])
  })
}

test('DNS, firewall and the lines for the core are printed to be copied', async (t) => {
  const directory = await emptyDirectory(t)
  const { out } = await run(directory, [
    ...PLAIN,
    '--listen',
    '203.0.113.5',
    '--inner',
    '10.1.0.2',
    '--host',
    'edge.corp.example',
    '--core-kind',
    'prosody',
  ])
  for (const line of [
    '_xmpp-server._tcp.corp.example. 3600 IN SRV 0 5 5269 edge.corp.example.',
    '_xmpp-server._tcp.rooms.corp.example. 3600 IN SRV 0 5 5269 edge.corp.example.',
    'edge.corp.example. 3600 IN A 203.0.113.5',
    'address=/#/10.1.0.2',
    'unbound = { resolvconf = false, hoststxt = false, forward = "127.0.53.1" }',
    's2s_secure_auth = true',
  ])
    assert.ok(out.includes(`    ${line}\n`), line)
  assert.match(out, /10\.1\.0\.10\/32 +10\.1\.0\.2 +tcp 5269 +allow/)
  assert.match(out, /^ +10\.1\.0\.2 +10\.1\.0\.10 +tcp 5269 +allow/m)
  assert.doesNotMatch(out, /ejabberd/)
})

test('with direct TLS there is a listener for it, and a record for each domain', async (t) => {
  const directory = await emptyDirectory(t)
  const { out } = await run(directory, [...PLAIN, '--listen', '203.0.113.5', '--inner', '10.1.0.2', '--direct-tls'])
  const { settings, findings } = await config(directory)
  assert.deepEqual(findings, [])
  assert.deepEqual(
    settings?.listen.federation.map(({ host, port, tls }) => [host, port, tls]),
    [
      ['203.0.113.5', 5269, 'starttls'],
      ['203.0.113.5', 5270, 'direct'],
    ],
  )
  for (const domain of ['corp.example', 'rooms.corp.example'])
    assert.ok(out.includes(`    _xmpps-server._tcp.${domain}. 3600 IN SRV 0 5 5270 xmpp.corp.example.\n`), domain)
  assert.match(out, /tcp 5269 and 5270 +allow/)
})

const REMOTE = [...PLAIN, '--listen', '203.0.113.5', '--inner', '10.1.0.2', '--remote']

test('for remote users there are listeners, a way to the core, records, firewall rules and words for the users', async (t) => {
  const directory = await emptyDirectory(t)
  const { out } = await run(directory, [...REMOTE, '--websocket', '--core-kind', 'prosody'])
  const { settings, findings } = await config(directory)
  assert.deepEqual(findings, [])
  assert.deepEqual(
    settings?.listen.remote.map(({ host, port, tls, web }) => [host, port, tls, web?.url]),
    [
      ['203.0.113.5', 5222, 'starttls', undefined],
      ['203.0.113.5', 5223, 'direct', undefined],
      ['203.0.113.5', 443, 'none', 'wss://xmpp.corp.example/xmpp-websocket'],
    ],
  )
  assert.deepEqual([settings.core.clients?.host, settings.core.clients?.port], ['10.1.0.10', 5222])
  for (const line of [
    '_xmpp-client._tcp.corp.example. 3600 IN SRV 0 5 5222 xmpp.corp.example.',
    '_xmpps-client._tcp.corp.example. 3600 IN SRV 0 5 5223 xmpp.corp.example.',
  ])
    assert.ok(out.includes(`    ${line}\n`), line)
  assert.doesNotMatch(out, /client\._tcp\.rooms|fail2ban/)
  assert.match(out, /anywhere +203\.0\.113\.5 +tcp 5222, 5223 and 443 +allow +remote users/)
  assert.match(out, /10\.1\.0\.2 +10\.1\.0\.10 +tcp 5222 +allow +remote users reach the core/)
  assert.match(out, /Tell your users:\n +Your address is <name>@corp\.example/)
  assert.match(
    out.replaceAll(/\s+/g, ' '),
    /let it hand both paths on to https:\/\/xmpp\.corp\.example, with the name corp\.ex/,
  )
  const request = await readFile(join(directory, 'certs/corp.example/request.csr'), 'utf8')
  assert.ok(Buffer.from(request.replaceAll(/-----.*-----|\n/g, ''), 'base64').includes('xmpp.corp.example'))
})

test('the example of a grant grants nothing until it is taken, and then is without fault', async (t) => {
  const directory = await emptyDirectory(t)
  await run(directory, REMOTE)
  assert.deepEqual((await config(directory)).settings?.policy.remote.grants, [])
  const file = join(directory, 'federation-config/policy.yaml')
  const [, ...example] = (await readFile(file, 'utf8')).split('\n#\n')
  await writeFile(file, example.join('\n').replaceAll(/^# /gm, ''))
  const { settings, findings } = await config(directory)
  assert.deepEqual(findings, [])
  assert.deepEqual(settings?.policy.remote.grants, [
    { to: ['field-staff'], networks: ['192.0.2.0/24'], certificate: 'optional', sessions: 3, hours: undefined },
  ])
})

test('ejabberd is told to let the address of the gateway be, wherever it lives', async (t) => {
  const ejabberd = ['--core-kind', 'ejabberd', '--remote']
  const { out } = await run(await emptyDirectory(t), [...REMOTE, ...ejabberd])
  assert.ok(out.includes('      ip: "10.1.0.2"\n    modules:\n      mod_fail2ban:\n        access: sallyport\n'), out)
  const beside = ['quickstart', 'corp.example', '--core', '127.0.0.1:5269', '--listen', '203.0.113.5', ...ejabberd]
  const { out: same } = await run(await emptyDirectory(t), beside)
  assert.ok(same.includes('ip: "127.0.0.0/8"'), same)
  assert.match(same.replaceAll(/\s+/g, ' '), /Each entry of ejabberd_c2s below listen gets ip: "127\.0\.0\.1"/)
})

test('a component core proves the port of its clients by a certificate all the same', async (t) => {
  const directory = await emptyDirectory(t)
  const words = component('ejabberd', '10.1.0.10:5347')
  const { code, out } = await run(directory, [...words, '--plaintext-network', '10.1.0.0/24', '--remote'])
  assert.equal(code, 0, out)
  const { settings, findings } = await config(directory)
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  )
  assert.match(settings?.core.clients?.trust.files.join() ?? '', /certs\/core\/ca\.pem$/)
  assert.match(
    out.replaceAll(/\s+/g, ' '),
    /openssl s_client -connect 10\.1\.0\.10:5222 -starttls xmpp -xmpphost corp\.example/,
  )
})

test('the view of DNS is for the server that is named, and the core asks it', async (t) => {
  for (const [view, ...lines] of [
    ['unbound', 'local-data: ". 60 IN A 10.1.0.2"', 'apt install unbound lua-unbound', 'forward = "127.0.53.1"'],
    ['bind', '* IN A 10.1.0.2', 'systemctl restart named prosody', 'forward = "127.0.0.1"'],
  ] as const) {
    const words = ['--listen', '203.0.113.5', '--inner', '10.1.0.2', '--core-kind', 'prosody', '--dns-view', view]
    const { out } = await run(await emptyDirectory(t), [...PLAIN, ...words])
    for (const line of lines) assert.ok(out.includes(line), line)
    assert.doesNotMatch(out, /dnsmasq/)
  }
})

test('Openfire needs no view, unless the gateway has no IPv4 address; what was never run is told', async (t) => {
  const words = (inner: string, outer: string) => [
    ...PLAIN,
    '--listen',
    outer,
    '--inner',
    inner,
    '--core-kind',
    'openfire',
  ]
  const { out } = await run(await emptyDirectory(t), words('10.1.0.2', '203.0.113.5'))
  assert.ok(out.includes('dnsutil.dnsOverride = {*,10.1.0.2:5269}'))
  assert.doesNotMatch(out, /dnsmasq|127\.0\.53\.1/)
  assert.match(out, /not\s+tried\s+against\s+a\s+running\s+one/)
  const { out: six } = await run(await emptyDirectory(t), words('fd00::2', '2001:db8::1'))
  assert.doesNotMatch(six, /dnsOverride/)
  assert.ok(six.includes('address=/#/fd00::2'))
  const { out: mlink } = await run(await emptyDirectory(t), [...PLAIN, '--core-kind', 'm-link'])
  assert.match(mlink, /not\s+tried\s+against\s+a\s+running\s+one/)
})

test('a core on the same host keeps to its own address and finds the gateway on loopback', async (t) => {
  const directory = await emptyDirectory(t)
  const { code, out } = await run(directory, [
    'quickstart',
    'corp.example',
    '--core',
    '127.0.0.1:5269',
    '--listen',
    '203.0.113.5',
  ])
  assert.equal(code, 0)
  const { settings, findings } = await config(directory)
  assert.deepEqual(findings, [])
  assert.deepEqual(settings?.listen, {
    federation: [{ host: '203.0.113.5', port: 5269, tls: 'starttls', proxyProtocol: [] }],
    core: [{ host: '127.0.53.2', port: 5269, tls: 'starttls', proxyProtocol: [] }],
    remote: [],
  })
  assert.deepEqual(settings.core.networks, ['127.0.0.0/8', '::1/128'])
  for (const line of ['address=/#/127.0.53.2', 's2s_interfaces = { "127.0.0.1" }', '    ip: "127.0.0.1"'])
    assert.ok(out.includes(`    ${line}\n`), line)
  assert.match(out, /the core's system user +anywhere but this host +tcp 5269 +deny/)
})

test('between other addresses of one host, a connection comes from the address that it goes to', async (t) => {
  const outer = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address
  if (outer === undefined) return t.skip('this machine has no address but loopback')
  const networks = async (...words: readonly string[]) => {
    const directory = await emptyDirectory(t)
    const { code, out } = await run(directory, ['quickstart', 'corp.example', '--listen', '203.0.113.5', ...words])
    assert.equal(code, 0, out)
    return (await config(directory)).settings?.core.networks
  }
  assert.deepEqual(await networks('--core', `${outer}:5269`), ['127.0.0.0/8'])
  assert.deepEqual(await networks('--core', '127.0.0.1:5269', '--inner', outer), [`${outer}/32`])
})

test('as JSON the same is there for a program', async (t) => {
  const directory = await emptyDirectory(t)
  const { out } = await run(directory, [...PLAIN, '--json'])
  const told = JSON.parse(out)
  assert.ok(told.files.includes('federation-config/gateway.yaml'))
  assert.deepEqual(
    told.core.map(({ kind }: { kind: string }) => kind),
    ['prosody', 'ejabberd', 'openfire', 'm-link'],
  )
  assert.equal(told.dns.length, 3)
})
