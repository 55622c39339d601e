// `cert csr`, `cert plan` and `cert show` over files.

import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { installation } from '../../support/installation.ts'
import { openssl } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { issue, makeCa, writeIdentity } from '../../support/pki.ts'
import { run as runCli, type Said } from './run.ts'

const DOMAIN = 'corp.example'
const run = (directory: string, ...words: readonly string[]): Promise<Said> =>
  runCli(directory, ['cert', ...words], { now: Date.now })
const folder = (directory: string): string => join(directory, 'certs', DOMAIN)

test('a request and its key wait beside what is in use, which stays as it is', needsPeer('openssl'), async (t) => {
  const directory = await installation(t)
  await writeIdentity(folder(directory), await issue({ names: [DOMAIN] }))
  const key = await readFile(join(folder(directory), 'privkey.pem'))
  const { code, out } = await run(
    directory,
    'csr',
    DOMAIN,
    '--curve',
    'p-384',
    '--names',
    '*.labs.corp.example, bücher.example',
  )
  assert.equal(code, 0, out)
  assert.deepEqual(await readFile(join(folder(directory), 'privkey.pem')), key)
  assert.equal((await stat(join(folder(directory), 'privkey.new.pem'))).mode & 0o777, 0o600)
  const text = await openssl(folder(directory), ['req', '-in', 'privkey.new.csr', '-noout', '-verify', '-text'])
  assert.match(text, /verify OK/)
  assert.match(text, /P-384/)
  assert.match(
    text,
    /DNS:corp\.example, DNS:\*\.labs\.corp\.example, DNS:xn--bcher-kva\.example, .*_xmpp-server\.corp\.example/,
  )
  // A second one would make the first worthless.
  const before = await readFile(join(folder(directory), 'privkey.new.pem'))
  const again = await run(directory, 'csr', DOMAIN)
  assert.equal(again.code, 1)
  assert.match(again.err, /privkey\.new\.pem is there already: a request waits for its answer/)
  assert.deepEqual(await readFile(join(folder(directory), 'privkey.new.pem')), before)
})

test('a request makes the folder that is missing, and encrypts the key where a passphrase is given', async (t) => {
  const directory = await installation(t)
  await writeFile(join(directory, 'passphrase'), 'geheim\nsecond line')
  const words = ['--key', 'rsa', '--bits', '2048', '--dns-only', '--passphrase-file', 'passphrase', '--json']
  const { code, out } = await run(directory, 'csr', DOMAIN, ...words)
  assert.equal(code, 0, out)
  assert.deepEqual((JSON.parse(out) as { readonly names: unknown }).names, ['DNS:corp.example'])
  const key = await readFile(join(folder(directory), 'privkey.new.pem'), 'utf8')
  assert.equal(createPrivateKey({ key, passphrase: 'geheim' }).asymmetricKeyDetails?.modulusLength, 2048)
  assert.equal((await stat(folder(directory))).mode & 0o777, 0o700)
})

const WRONG: readonly (readonly [words: readonly string[], says: RegExp])[] = [
  [['csr', 'other.example'], /other\.example is not one of our domains/],
  [['csr', DOMAIN, '--key', 'dsa'], /write ec or rsa/],
  [['csr', DOMAIN, '--curve', 'P-521'], /write P-256 or P-384/],
  [['csr', DOMAIN, '--key', 'rsa', '--bits', '1024'], /a number from 2048 to 8192/],
  [['csr', DOMAIN, '--bits', '2048'], /--bits is for --key rsa/],
  [['csr', DOMAIN, '--key', 'rsa', '--curve', 'P-256'], /--curve is for --key ec/],
  [['csr', DOMAIN, '--names', 'a b'], /"a b" is no DNS name/],
  [['csr', DOMAIN, '--names', '*.com'], /"\*\.com" is no DNS name/],
  [['csr', DOMAIN, '--dns-only', '--xmpp-addr'], /exclude each other/],
  [['import', DOMAIN], /<file> is missing/],
  [['show', 'nothing.pem'], /nothing\.pem is not one of our domains/],
]

for (const [words, says] of WRONG) {
  test(`cert ${words.join(' ')} is called wrongly`, async (t) => {
    const directory = await installation(t)
    const { code, err } = await run(directory, ...words)
    assert.equal(code, 2)
    assert.match(err, says)
    assert.deepEqual(await readdir(join(directory, 'certs')).catch(() => []), [])
  })
}

interface Plan {
  readonly domains: readonly {
    readonly state: string
    readonly pending?: { readonly request: string }
    readonly findings: readonly string[]
    readonly certificate?: { readonly matching?: string }
  }[]
  readonly next: readonly string[]
  readonly firewall: readonly { readonly to: string; readonly port: string; readonly why: string }[]
}

const ca = await makeCa()

test('the plan says what is there, what waits, what is wrong, and what comes next', async (t) => {
  const directory = await installation(t)
  const plan = async (): Promise<Plan & { readonly code: number }> => {
    const { code, out } = await run(directory, 'plan', '--json')
    return { ...(JSON.parse(out) as Plan), code }
  }
  const missing = await plan()
  assert.deepEqual(
    [missing.code, missing.domains[0]?.state, ...missing.next],
    [1, 'missing', 'npx sallyport cert csr corp.example'],
  )

  await run(directory, 'csr', DOMAIN)
  const requested = await plan()
  assert.equal(requested.domains[0]?.state, 'requested')
  assert.equal(requested.domains[0]?.pending?.request, 'certs/corp.example/privkey.new.csr')
  assert.match(requested.next[0] ?? '', /cert import corp\.example .*privkey\.new\.csr/)

  await writeIdentity(folder(directory), await issue({ ca, names: ['other.example'] }))
  const faulty = await plan()
  assert.deepEqual([faulty.code, faulty.domains[0]?.state], [1, 'faulty'])
  assert.match(faulty.domains[0]?.findings.join() ?? '', /does not name corp\.example/)

  await writeIdentity(folder(directory), await issue({ ca, names: [DOMAIN] }))
  const fine = await plan()
  assert.deepEqual([fine.code, fine.domains[0]?.state, ...fine.next], [0, 'in place', 'npx sallyport check'])
  assert.equal(fine.domains[0]?.certificate?.matching, 'DNS:corp.example')
  const { code, out } = await run(directory, 'plan')
  assert.equal(code, 0)
  assert.match(out, /needed +DNS:corp\.example: partners ask for this domain/)
  assert.match(out, /_xmpp-server\._tcp\.corp\.example\. 3600 IN SRV 0 5 5269 xmpp\.corp\.example\./)
})

const FETCHING: readonly (readonly [settings: string, ports: readonly string[]])[] = [
  ['trust: {}', ['public addresses tcp 80, 389']],
  ['trust: { revocation: off }', []],
  ['trust: { fetch: false }', []],
  [
    'trust: { fetchIssuers: true, fetchFrom: [10.2.0.0/16] }',
    ['public addresses tcp 80, 389', '10.2.0.0/16 tcp 80, 389', 'public addresses tcp 80'],
  ],
  [
    'trust: { responder: "http://ocsp.corp.internal:8888/" }',
    ['ocsp.corp.internal:8888 tcp 8888', 'public addresses tcp 80, 389'],
  ],
]

for (const [settings, ports] of FETCHING) {
  test(`with ${settings} the firewall has to let through ${ports.join(', ') || 'no fetches'}`, async (t) => {
    const directory = await installation(t)
    const file = join(directory, 'federation-config', 'gateway.yaml')
    await writeFile(file, `${await readFile(file, 'utf8')}${settings}\n`)
    const { out, err } = await run(directory, 'plan', '--json')
    const { firewall } = JSON.parse(out) as Plan
    assert.deepEqual(
      firewall.filter(({ why }) => /revo|OCSP|AIA|fetchFrom/.test(why)).map(({ to, port }) => `${to} ${port}`),
      ports,
      err,
    )
  })
}

test('show tells what is in any file: every certificate, and whose keys there are', async (t) => {
  const directory = await installation(t)
  const [leaf, other] = [await issue({ ca, names: [DOMAIN, 'SRV:_xmpp-server.corp.example'] }), await issue({})]
  const file = join(directory, 'all.pem')
  await writeFile(file, leaf.keyPem + ca.pem + leaf.pem + other.keyPem)
  const { code, out } = await run(directory, 'show', file)
  assert.equal(code, 0)
  assert.match(out, /Certificate 1\n.*none; a common name does not count/s)
  assert.match(out, /Certificate 2\n.*DNS:corp\.example, SRV:_xmpp-server\.corp\.example/s)
  assert.ok(out.includes(leaf.pin))
  assert.match(out, /ec, of certificate 2\n +ec, of none of these certificates/)
})

test('show --files tells what is on disk, and what partners would stumble over', async (t) => {
  const directory = await installation(t)
  const own = await issue({ ca, names: [DOMAIN], ekus: ['serverAuth'] })
  await writeIdentity(folder(directory), own)
  const fine = await run(directory, 'show', DOMAIN, '--files')
  assert.equal(fine.code, 0, fine.out)
  assert.match(fine.out, /stands for +corp\.example, by DNS:corp\.example/)
  assert.match(fine.out, /servers of TLS only, as public CAs issue them/)
  assert.match(fine.out, /no CA that is known here \(SP-306\)/)
  await mkdir(dirname(folder(directory)), { recursive: true })
  await writeIdentity(folder(directory), await issue({ ca, names: ['other.example'], expired: true }))
  const wrong = await run(directory, 'show', DOMAIN, '--files')
  assert.equal(wrong.code, 1)
  assert.match(wrong.out, /not corp\.example: partners refuse it \(SP-301\)/)
  assert.match(wrong.out, /expired/)
})
