// From an empty folder to a gateway whose certificates are in order, as a new administrator goes: quickstart, plan,
// request, a CA, import, the core's CA, check; then what partners see of it, while it runs and its certificate is renewed.

import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { emptyDirectory } from '../support/installation.ts'
import { Gateway } from '../support/gateway.ts'
import { openssl } from '../support/openssl.ts'
import { needsPeer } from '../support/peers.ts'
import { run as runCli, type Said } from '../unit/cli/run.ts'

const DOMAIN = 'corp.example'
const ROOMS = 'rooms.corp.example'
const OUTER = '127.0.77.2'

interface Office {
  readonly directory: string
  readonly ca: LabCa
  sallyport(...words: readonly string[]): Promise<Said>
  /** Runs a command that must succeed; what it says as JSON. */
  told<T>(...words: readonly string[]): Promise<T>
}

interface LabCa {
  readonly folder: string
  /** Answers a request; gives back the certificate's file. `days`: how long it holds. */
  sign(request: string, days: number): Promise<string>
  /** The files that the CA hands out beside it. */
  readonly chain: readonly [intermediate: string, root: string]
}

/** A CA as OpenSSL makes one: a root, an intermediate, and leaves for servers of TLS only, as public CAs issue them. */
async function labCa(t: TestContext): Promise<LabCa> {
  const folder = await emptyDirectory(t)
  const extensions = {
    ca: 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n',
    leaf:
      'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n' +
      'authorityInfoAccess=OCSP;URI:http://ocsp.lab.example/,caIssuers;URI:http://ca.lab.example/inter.cer\n' +
      'crlDistributionPoints=URI:http://ca.lab.example:8080/inter.crl\n',
  }
  for (const [name, text] of Object.entries(extensions)) await writeFile(join(folder, `${name}.ext`), text)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const sign = (request: string, by: string, out: string, ext: string, days: number): Promise<string> =>
    openssl(folder, [
      ...['x509', '-req', '-in', request, '-CA', `${by}.pem`, '-CAkey', `${by}.key`, '-CAcreateserial', '-sha256'],
      ...['-days', `${days}`, '-copy_extensions', 'copy', '-extfile', `${ext}.ext`, '-out', out],
    ])
  await openssl(folder, [
    'req',
    '-x509',
    ...key,
    '-keyout',
    'root.key',
    '-out',
    'root.pem',
    '-subj',
    '/CN=Lab Root',
    '-days',
    '90',
  ])
  await openssl(folder, ['req', ...key, '-keyout', 'inter.key', '-out', 'inter.csr', '-subj', '/CN=Lab Issuing CA'])
  await sign('inter.csr', 'root', 'inter.pem', 'ca', 80)
  let signed = 0
  return {
    folder,
    chain: [join(folder, 'inter.pem'), join(folder, 'root.pem')],
    async sign(request, days) {
      const out = join(folder, `answer-${++signed}.pem`)
      const said = await sign(request, 'inter', out, 'leaf', days)
      assert.match(said, /self-signature ok|Signature ok/i, said)
      return out
    },
  }
}

async function office(t: TestContext): Promise<Office> {
  const directory = await emptyDirectory(t)
  const sallyport = (...words: readonly string[]): Promise<Said> => runCli(directory, words, { now: Date.now })
  return {
    directory,
    ca: await labCa(t),
    sallyport,
    async told<T>(...words: readonly string[]): Promise<T> {
      const { code, out, err } = await sallyport(...words, '--json')
      assert.equal(code, 0, `${words.join(' ')}: ${err}${out}`)
      return JSON.parse(out) as T
    },
  }
}

/** An empty folder becomes an installation. */
async function quickstart({ directory, sallyport }: Office): Promise<void> {
  await mkdir(directory, { recursive: true })
  const { code, err } = await sallyport(
    ...['quickstart', DOMAIN, '--conference', ROOMS, '--core', '127.0.77.1:5269'],
    ...['--listen', OUTER, '--inner', '127.0.77.3', '--direct-tls'],
  )
  assert.equal(code, 0, err)
}

interface Planned {
  readonly domains: readonly {
    readonly domain: string
    readonly state: string
    readonly names: readonly { readonly name: string }[]
  }[]
  readonly dns: readonly string[]
  readonly asked: readonly { readonly host: string; readonly port: number }[]
}

interface Made {
  readonly files: { readonly request: string }
}

/** Orders a certificate, has it signed, brings it in. */
async function order({ directory, told, ca }: Office, domain: string, days: number, ...options: readonly string[]) {
  const { files } = await told<Made>('cert', 'csr', domain, ...options)
  const answer = await ca.sign(join(directory, files.request), days)
  const second = options.filter((option) => option === '--second')
  const words = ['cert', 'import', domain, answer, ...ca.chain, ...second]
  return { answer, imported: await told<{ readonly running: string }>(...words) }
}

interface Shown {
  readonly seen: readonly {
    readonly at: string
    readonly tls: string
    readonly sni: boolean
    readonly version: string
    readonly verifies: string
    readonly result: {
      readonly certificate?: number
      readonly reason?: string
      readonly staple?: boolean
      readonly cipher?: string
    }
  }[]
  readonly certificates: readonly {
    readonly fingerprint: string
    readonly names: readonly string[]
    readonly matching?: string
    readonly key: string
    readonly chain: readonly string[]
  }[]
  readonly notes: readonly string[]
}

async function fingerprintOf(file: string): Promise<string> {
  return new X509Certificate(await readFile(file)).fingerprint256.replaceAll(':', '').toLowerCase()
}

test(
  'a new administrator comes from an empty folder to a green check, and partners see what was ordered',
  needsPeer('openssl', 'isolation'),
  async (t) => {
    const o = await office(t)
    await quickstart(o)

    const before = await o.sallyport('cert', 'plan', '--json')
    assert.equal(before.code, 1)
    const planned = JSON.parse(before.out) as Planned
    assert.deepEqual(
      planned.domains.map(({ domain, state, names }) => [domain, state, ...names.map(({ name }) => name)]),
      [DOMAIN, ROOMS].map((domain) => [domain, 'requested', `DNS:${domain}`, `SRV:_xmpp-server.${domain}`]),
    )
    assert.ok(planned.dns.includes(`_xmpps-server._tcp.${ROOMS}. 3600 IN SRV 0 5 5270 xmpp.${DOMAIN}.`))
    assert.equal((await o.sallyport('check')).code, 1)

    const { answer } = await order(o, DOMAIN, 60)
    await order(o, ROOMS, 60, '--key', 'rsa', '--bits', '2048', '--xmpp-addr')

    const unknown = await o.sallyport('check')
    assert.equal(unknown.code, 1)
    assert.match(unknown.out, /^ *ERROR .*certs\/core\/ca\.pem: core\.trust: no such file/m)
    assert.match(unknown.out, /^1 error, /m)
    await copyFile(o.ca.chain[1], join(o.directory, 'certs/core/ca.pem'))
    const checked = await o.sallyport('check')
    assert.equal(checked.code, 0, checked.out)
    const after = await o.told<Planned>('cert', 'plan')
    assert.deepEqual(
      after.domains.map(({ state }) => state),
      ['in place', 'in place'],
    )
    assert.deepEqual(
      after.asked.map(({ host, port }) => `${host}:${port}`),
      ['ocsp.lab.example:80', 'ca.lab.example:8080', 'ca.lab.example:80'],
    )

    const nobody = await o.sallyport('cert', 'show', DOMAIN)
    assert.equal(nobody.code, 1)
    assert.match(nobody.out, /SP-211/)
    assert.match(nobody.out, /is the gateway running\?/)

    const gateway = await Gateway.serve(t, o.directory)
    const shown = await o.told<Shown>('cert', 'show', DOMAIN)
    const ways = shown.seen.map(({ at, tls, sni, version }) => `${at} ${tls} ${sni ? 'SNI' : 'none'} ${version}`)
    assert.deepEqual(
      ways,
      [`${OUTER}:5269 starttls`, `${OUTER}:5270 direct`].flatMap((place) =>
        ['SNI', 'none'].flatMap((sni) => ['TLSv1.3', 'TLSv1.2'].map((version) => `${place} ${sni} ${version}`)),
      ),
    )
    // Without SNI, direct TLS shows the first domain's; STARTTLS goes by the stream's `to`.
    assert.ok(shown.seen.every(({ result }) => result.certificate === 1 && result.staple === false))
    assert.deepEqual(
      shown.certificates.map(({ fingerprint, matching, chain }) => [fingerprint, matching, ...chain]),
      [[await fingerprintOf(answer), `DNS:${DOMAIN}`, `CN=${DOMAIN}`, 'CN=Lab Issuing CA']],
    )

    // Rooms: whoever begins with TLS and says no name is shown the first domain's, which is said and is no fault.
    const rooms = await o.sallyport('cert', 'show', ROOMS, '--json')
    const seen = JSON.parse(rooms.out) as Shown
    assert.deepEqual(
      seen.seen.map(({ tls, sni, result }) => [tls, sni, result.certificate]),
      [
        ...[true, true, false, false].map((sni) => ['starttls', sni, 1]),
        ...[true, true, false, false].map((sni) => ['direct', sni, sni ? 1 : 2]),
      ],
    )
    assert.equal(rooms.code, 0, rooms.out)
    assert.match(seen.notes.join(), /says no name \(SNI\) is shown that of another domain/)
    assert.deepEqual(seen.certificates[0]?.names, [`DNS:${ROOMS}`, `SRV:_xmpp-server.${ROOMS}`, `XMPP:${ROOMS}`])

    // Renewal, while it runs.
    const { answer: renewed, imported } = await order(o, DOMAIN, 50, '--curve', 'P-384')
    assert.equal(imported.running, 'yes', gateway.log.tail())
    const again = await o.told<Shown>('cert', 'show', DOMAIN)
    assert.deepEqual(
      again.certificates.map(({ fingerprint }) => fingerprint),
      [await fingerprintOf(renewed)],
    )
    assert.deepEqual(again.notes, [])

    // An RSA one beside it, for partners who verify nothing else.
    const since = gateway.log.length
    const { imported: beside } = await order(o, DOMAIN, 50, '--second')
    assert.equal(beside.running, 'soon')
    await gateway.log.expect(/"event":"certificate\.reloaded"/, { since })
    const both = await o.told<Shown>('cert', 'show', DOMAIN)
    assert.deepEqual(
      both.seen
        .filter(({ sni }) => sni)
        .map(({ version, verifies, result }) => {
          const key = both.certificates[(result.certificate ?? 0) - 1]?.key
          return `${version} ${verifies} ${key}`
        }),
      [5269, 5270].flatMap(() => [
        'TLSv1.3 all EC P-384',
        'TLSv1.2 all EC P-384',
        'TLSv1.3 RSA RSA 3072',
        'TLSv1.2 RSA RSA 3072',
      ]),
    )
  },
)
