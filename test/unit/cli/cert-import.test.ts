// What a CA hands out, in every shape, brought in; and everything that is wrong with it, refused before a file is touched.

import assert from 'node:assert/strict'
import { createPrivateKey } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readOwnCertificate } from '../../../src/trust/own-certificate.ts'
import { encodePem } from '../../../src/trust/pem.ts'
import { installation, partnerFile } from '../../support/installation.ts'
import { openssl } from '../../support/openssl.ts'
import { needsPeer } from '../../support/peers.ts'
import { issue, makeCa, writeIdentity, type Issued } from '../../support/pki.ts'
import { run as runCli, type Said } from './run.ts'

const DOMAIN = 'corp.example'
const root = await makeCa({ commonName: 'Lab Root' })
const intermediate = await makeCa({ ca: root, commonName: 'Lab Intermediate' })
const leaf = await issue({ ca: intermediate, names: [DOMAIN, 'www.corp.example'] })
const rsa = await issue({ ca: intermediate, names: [DOMAIN], key: 'rsa2048' })

const run = (directory: string, words: readonly string[]): Promise<Said> => runCli(directory, words, { now: Date.now })

interface Handed {
  readonly directory: string
  /** Where files of the CA go. */
  readonly folder: string
  /** Writes a file of the CA; gives back its name. */
  file(name: string, content: string | Buffer): Promise<string>
  import(...words: readonly string[]): Promise<Said>
}

async function handed(t: TestContext): Promise<Handed> {
  const directory = await installation(t)
  const folder = join(directory, 'from-ca')
  await mkdir(folder)
  return {
    directory,
    folder,
    async file(name, content) {
      await writeFile(join(folder, name), content)
      return join(folder, name)
    },
    import: (...words) => run(directory, ['cert', 'import', DOMAIN, ...words]),
  }
}

const places = (directory: string) => ({
  domain: DOMAIN,
  certFile: join(directory, 'certs', DOMAIN, 'fullchain.pem'),
  keyFile: join(directory, 'certs', DOMAIN, 'privkey.pem'),
})

async function filesOf(directory: string): Promise<readonly string[]> {
  return (await readdir(join(directory, 'certs', DOMAIN)).catch((): string[] => [])).toSorted()
}

/** The pair in its place is this one, in order and without the root, and nobody else reads the key. */
async function inPlace(directory: string, wanted: Issued, chain = 2): Promise<void> {
  const own = places(directory)
  const read = await readOwnCertificate(own)
  assert.deepEqual(read.findings, [])
  assert.equal(read.identity?.certificate.spki, wanted.pin)
  assert.equal(await readFile(own.certFile, 'utf8'), wanted.fullchainPem)
  assert.equal((await readFile(own.certFile, 'utf8')).split('BEGIN CERTIFICATE').length - 1, chain)
  assert.equal((await stat(own.keyFile)).mode & 0o777, 0o600)
}

type Shape = (h: Handed) => Promise<readonly string[]>

const ENCRYPTED = createPrivateKey(leaf.keyPem).export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'geheim',
})

const SHAPES: readonly (readonly [what: string, shape: Shape, wanted: Issued])[] = [
  [
    'one file with everything, in the wrong order and with the root',
    async (h) => [await h.file('all.pem', `notes\n${root.pem}${leaf.keyPem}${intermediate.pem}${leaf.pem}`), '--json'],
    leaf,
  ],
  [
    'a file for each, with Windows line ends',
    async (h) => [
      await h.file('ca.crt', root.pem.replaceAll('\n', '\r\n')),
      await h.file('cert.crt', leaf.pem),
      await h.file('chain.crt', intermediate.pem),
      await h.file('server.key', leaf.keyPem),
    ],
    leaf,
  ],
  [
    'DER, and the key too',
    async (h) => [
      await h.file('cert.cer', leaf.der),
      await h.file('inter.cer', intermediate.der),
      await h.file('root.cer', root.der),
      await h.file('key.der', createPrivateKey(leaf.keyPem).export({ type: 'pkcs8', format: 'der' })),
    ],
    leaf,
  ],
  [
    'an encrypted key with its passphrase',
    async (h) => [
      await h.file('chain.pem', leaf.fullchainPem + root.pem),
      await h.file('key.pem', ENCRYPTED),
      '--passphrase-file',
      await h.file('passphrase', 'geheim\n'),
    ],
    leaf,
  ],
  ['PKCS#7 and a key', pkcs7, leaf],
  ['PKCS#12 with an EC key', (h) => pkcs12(h, leaf, []), leaf],
  ['PKCS#12 with an EC key, as old programs write it', (h) => pkcs12(h, leaf, ['-legacy']), leaf],
  ['PKCS#12 with an RSA key', (h) => pkcs12(h, rsa, []), rsa],
  ['PKCS#12 with an RSA key, as old programs write it', (h) => pkcs12(h, rsa, ['-legacy', '-macalg', 'sha1']), rsa],
]

async function pkcs7(h: Handed): Promise<readonly string[]> {
  await h.file('all.pem', leaf.fullchainPem + root.pem)
  await openssl(h.folder, ['crl2pkcs7', '-nocrl', '-certfile', 'all.pem', '-out', 'all.p7b'])
  return [join(h.folder, 'all.p7b'), await h.file('key.pem', leaf.keyPem)]
}

async function pkcs12(h: Handed, issued: Issued, options: readonly string[]): Promise<readonly string[]> {
  await h.file('key.pem', issued.keyPem)
  await h.file('all.pem', issued.fullchainPem + root.pem)
  const files = ['-inkey', 'key.pem', '-in', 'all.pem', '-out', 'all.pfx', '-passout', 'pass:geheim']
  await openssl(h.folder, ['pkcs12', '-export', ...files, ...options])
  return [join(h.folder, 'all.pfx'), '--passphrase-file', await h.file('passphrase', 'geheim\n')]
}

for (const [what, shape, wanted] of SHAPES) {
  test(`import takes ${what}`, needsPeer('openssl'), async (t) => {
    const h = await handed(t)
    const { code, out, err } = await h.import(...(await shape(h)))
    assert.equal(code, 0, err + out)
    await inPlace(h.directory, wanted)
    assert.deepEqual(await filesOf(h.directory), ['fullchain.pem', 'privkey.pem'])
  })
}

const expired = await issue({ ca: intermediate, names: [DOMAIN], expired: true })
const foreign = await issue({ ca: intermediate, names: ['other.example'] })
const clientOnly = await issue({ ca: intermediate, names: [DOMAIN], ekus: ['clientAuth'] })
const weak = await issue({ ca: intermediate, names: [DOMAIN], key: 'rsa1024' })
const forged = await issue({ ca: intermediate, names: [DOMAIN], forged: true })
const all = (one: Issued): string => one.fullchainPem + root.pem + one.keyPem

const REFUSED: readonly (readonly [what: string, shape: Shape, says: RegExp, act: RegExp])[] = [
  [
    'without a key',
    async (h) => [await h.file('c.pem', leaf.fullchainPem + root.pem)],
    /there is no key for the certificate for DNS:corp\.example \(EC P-256/,
    /Give the file with its private key/,
  ],
  [
    'with the key of another certificate',
    async (h) => [await h.file('c.pem', leaf.fullchainPem + root.pem + rsa.keyPem)],
    /none of the keys at hand \(.*c\.pem\) is that of the certificate for DNS:corp\.example/,
    /key with which that certificate was requested.*cert csr corp\.example/,
  ],
  [
    'without its intermediate',
    async (h) => [await h.file('c.pem', leaf.pem + leaf.keyPem)],
    /the chain is not complete: issued by CN=Lab Intermediate, which was not sent/,
    /chain, bundle or intermediate/,
  ],
  [
    'without the root of a CA of our own',
    async (h) => [await h.file('c.pem', leaf.fullchainPem + leaf.keyPem)],
    /the chain is not complete: the chain ends at CN=Lab Intermediate, issued by CN=Lab Root/,
    /the root: it is looked at and not sent/,
  ],
  [
    'for another domain',
    async (h) => [await h.file('c.pem', all(foreign))],
    /does not name corp\.example \(it has DNS:other\.example\)/,
    /cert csr corp\.example/,
  ],
  ['that has expired', async (h) => [await h.file('c.pem', all(expired))], /SP-302/, /another one/],
  [
    'for clients only',
    async (h) => [await h.file('c.pem', all(clientOnly))],
    /is not for TLS servers/,
    /partners accept/,
  ],
  ['with a weak key', async (h) => [await h.file('c.pem', all(weak))], /SP-313.*RSA key of 1024 bits/, /another one/],
  ['with a forged signature', async (h) => [await h.file('c.pem', all(forged))], /SP-308/, /another one/],
  [
    'that is a request',
    async (h) => [await h.file('c.csr', encodePem('CERTIFICATE REQUEST', Buffer.from('x')))],
    /a request, which a CA has to answer first/,
    /Send it to the CA/,
  ],
  [
    'that is a key only',
    async (h) => [await h.file('c.pem', leaf.keyPem)],
    /there is a key and no certificate/,
    /certificate for corp\.example/,
  ],
  ['that is rubbish', async (h) => [await h.file('c.pem', 'rubbish')], /neither a certificate nor a key in it/, /PEM/],
  [
    'that is damaged',
    async (h) => [await h.file('c.pem', encodePem('CERTIFICATE', leaf.der.subarray(0, 200)))],
    /not a proper certificate/,
    /as the CA handed them out/,
  ],
  [
    'as PKCS#12 without its passphrase',
    async (h) => (await pkcs12(h, leaf, [])).slice(0, 1),
    /PKCS#12 is protected by a passphrase/,
    /--passphrase-file/,
  ],
  [
    'as PKCS#12 with a wrong passphrase',
    async (h) => [...(await pkcs12(h, leaf, [])).slice(0, 2), await h.file('wrong', 'falsch')],
    /the passphrase does not open it/,
    /whoever made the file/,
  ],
  [
    'with an encrypted key and no passphrase',
    async (h) => [await h.file('c.pem', leaf.fullchainPem + root.pem + ENCRYPTED)],
    /the key is protected by a passphrase/,
    /--passphrase-file/,
  ],
  [
    'with a wrong passphrase for its key',
    async (h) => [
      await h.file('c.pem', leaf.fullchainPem + root.pem + ENCRYPTED),
      '--passphrase-file',
      await h.file('wrong', 'falsch'),
    ],
    /the passphrase does not open the key/,
    /whoever made the file/,
  ],
]

for (const [what, shape, says, act] of REFUSED) {
  test(
    `import refuses a certificate ${what}, says what to do, and touches nothing`,
    needsPeer('openssl'),
    async (t) => {
      const h = await handed(t)
      await writeIdentity(dirname(places(h.directory).certFile), rsa)
      // The key in use counts as one at hand; here it must not be of help.
      if (says.source.startsWith('there is no key')) await writeFile(places(h.directory).keyFile, 'none')
      const before = await Promise.all([readFile(places(h.directory).certFile), readFile(places(h.directory).keyFile)])
      const { code, err } = await h.import(...(await shape(h)))
      assert.equal(code, 1, err)
      assert.match(err, says)
      assert.match(err, act)
      assert.match(err, /nothing was changed/)
      const after = await Promise.all([readFile(places(h.directory).certFile), readFile(places(h.directory).keyFile)])
      assert.deepEqual(after, before)
      assert.deepEqual(await filesOf(h.directory), ['fullchain.pem', 'privkey.pem'])
    },
  )
}

test('the pair from before is kept beside the new one, under a date and for our eyes only', async (t) => {
  const h = await handed(t)
  const own = places(h.directory)
  await writeIdentity(dirname(own.certFile), rsa)
  const { code, out } = await h.import(await h.file('all.pem', all(leaf)), '--json')
  assert.equal(code, 0, out)
  await inPlace(h.directory, leaf)
  const told = JSON.parse(out) as { readonly kept: readonly string[]; readonly running: string }
  assert.equal(told.running, 'none')
  assert.equal(told.kept.length, 2)
  for (const [at, was] of [rsa.fullchainPem, rsa.keyPem].entries()) {
    assert.match(told.kept[at]!, /(?:fullchain|privkey)\.\d{8}-\d{6}\.pem$/)
    assert.equal(await readFile(join(h.directory, told.kept[at]!), 'utf8'), was)
  }
  assert.equal((await stat(join(h.directory, told.kept[1]!))).mode & 0o777, 0o600)
  // Twice within one second is no reason to lose one of them.
  assert.equal((await h.import(await h.file('all.pem', all(rsa)))).code, 0)
  assert.equal((await h.import(await h.file('all.pem', all(leaf)))).code, 0)
  assert.equal((await filesOf(h.directory)).length, 8)
})

test('the key of the request that waits is found, and the request is done with', async (t) => {
  const h = await handed(t)
  const own = places(h.directory)
  await writeIdentity(dirname(own.certFile), rsa)
  const folder = dirname(own.keyFile)
  await writeFile(join(folder, 'privkey.new.pem'), leaf.keyPem, { mode: 0o600 })
  await writeFile(join(folder, 'privkey.new.csr'), 'request')
  const { code, out, err } = await h.import(
    await h.file('answer.pem', leaf.fullchainPem),
    await h.file('ca.pem', root.pem),
  )
  assert.equal(code, 0, err)
  assert.match(out, /privkey\.new\.pem/)
  await inPlace(h.directory, leaf)
  assert.ok(!(await filesOf(h.directory)).some((name) => name.includes('.new.')))
})

test('a renewed certificate for the key in use needs no key', async (t) => {
  const h = await handed(t)
  await writeIdentity(dirname(places(h.directory).certFile), leaf)
  const renewed = await issue({ ca: intermediate, names: [DOMAIN], keys: leaf.keys })
  const { code, err } = await h.import(await h.file('answer.pem', renewed.fullchainPem + root.pem))
  assert.equal(code, 0, err)
  await inPlace(h.directory, renewed)
})

test('a CA that is in the settings, or in the entry of a partner, need not be handed over', async (t) => {
  const h = await handed(t)
  const bare = await h.file('answer.pem', leaf.pem + leaf.keyPem)
  const refused = await h.import(bare)
  assert.equal(refused.code, 1)
  await writeFile(join(h.directory, 'between.pem'), intermediate.pem)
  await writeFile(join(h.directory, 'lab.pem'), root.pem)
  await appendFile(join(h.directory, 'federation-config/gateway.yaml'), 'trust: { intermediates: [between.pem] }\n')
  assert.equal((await h.import(bare)).code, 1)
  const entry = 'domain: partner.example\nstatus: allowed\nanchors: [lab.pem]\n'
  await writeFile(partnerFile(h.directory, 'partner.example'), entry)
  const { code, err, out } = await h.import(bare)
  assert.equal(code, 0, err)
  assert.match(out, /believe it by agreement only: it leads to CN=Lab Root/)
  await inPlace(h.directory, leaf)
})

test('a certificate that only partners by agreement believe is taken, and that is said', async (t) => {
  const h = await handed(t)
  const { code, out } = await h.import(await h.file('all.pem', all(leaf)))
  assert.equal(code, 0)
  assert.match(out, /believe it by agreement only: it leads to CN=Lab Root/)
})

test('files that somebody else keeps by a link are left to them', async (t) => {
  const h = await handed(t)
  const own = places(h.directory)
  await mkdir(dirname(own.certFile), { recursive: true })
  await symlink(await h.file('live.pem', rsa.fullchainPem), own.certFile)
  const { code, err } = await h.import(await h.file('all.pem', all(leaf)))
  assert.equal(code, 1)
  assert.match(err, /fullchain\.pem is a link, so somebody else keeps the file/)
  assert.equal(await readFile(join(h.folder, 'live.pem'), 'utf8'), rsa.fullchainPem)
})

test('a link in the place of the key of a request is not followed: whoever keeps the folder would get what it leads to', async (t) => {
  const h = await handed(t)
  const own = places(h.directory)
  await writeIdentity(dirname(own.certFile), rsa)
  await symlink(await h.file('secret.pem', leaf.keyPem), join(dirname(own.keyFile), 'privkey.new.pem'))
  const { code, err } = await h.import(await h.file('answer.pem', leaf.fullchainPem + root.pem))
  assert.equal(code, 1)
  assert.match(err, /privkey\.new\.pem is a link; nothing was changed/)
  assert.equal(await readFile(own.keyFile, 'utf8'), rsa.keyPem)
})

test('a domain that is not ours is named, with the one that may be meant', async (t) => {
  const h = await handed(t)
  const { code, err } = await run(h.directory, ['cert', 'import', 'crop.example', await h.file('all.pem', all(leaf))])
  assert.equal(code, 2)
  assert.match(err, /crop\.example is not one of our domains/)
  assert.match(err, /Did you mean corp\.example\?/)
})

test(
  'where the settings name a passphrase, the key lies encrypted, from the request on',
  needsPeer('openssl'),
  async (t) => {
    const h = await handed(t)
    const own = places(h.directory)
    const yaml = join(h.directory, 'federation-config', 'gateway.yaml')
    const entry = `${DOMAIN}: { passphraseFile: certs/passphrase }`
    await writeFile(yaml, (await readFile(yaml, 'utf8')).replace(`${DOMAIN}: {}`, entry))
    await mkdir(join(h.directory, 'certs'))
    const passphraseFile = join(h.directory, 'certs', 'passphrase')
    await writeFile(passphraseFile, 'geheim\n', { mode: 0o600 })
    assert.equal((await run(h.directory, ['cert', 'csr', DOMAIN])).code, 0)
    const pending = await readFile(join(dirname(own.keyFile), 'privkey.new.pem'), 'utf8')
    assert.match(pending, /ENCRYPTED PRIVATE KEY/)
    const privateKey = createPrivateKey({ key: pending, passphrase: 'geheim' })
    const { code, out, err } = await h.import(await h.file('all.pem', all(leaf)))
    assert.equal(code, 0, err + out)
    const key = await readFile(own.keyFile, 'utf8')
    assert.match(key, /ENCRYPTED PRIVATE KEY/)
    const read = await readOwnCertificate({ ...own, passphraseFile })
    assert.deepEqual(read.findings, [])
    assert.equal(read.identity?.certificate.spki, leaf.pin)
    assert.equal(privateKey.asymmetricKeyType, 'ec')
    // The renewal for the encrypted key in use needs no passphrase on the command line.
    await rm(join(dirname(own.keyFile), 'privkey.new.pem'))
    const renewed = await issue({ ca: intermediate, names: [DOMAIN], keys: leaf.keys })
    assert.equal((await h.import(await h.file('answer.pem', renewed.fullchainPem + root.pem))).code, 0)
  },
)

test('a second certificate goes beside the first, and one of the same kind of key is said to be of no use', async (t) => {
  const h = await handed(t)
  const own = places(h.directory)
  await writeIdentity(dirname(own.certFile), leaf)
  const { code } = await h.import(await h.file('rsa.pem', all(rsa)), '--second')
  assert.equal(code, 0)
  assert.deepEqual(await filesOf(h.directory), ['fullchain-rsa.pem', 'fullchain.pem', 'privkey-rsa.pem', 'privkey.pem'])
  await inPlace(h.directory, leaf)
  const same = await issue({ ca: intermediate, names: [DOMAIN] })
  const { out } = await h.import(await h.file('same.pem', all(same)), '--second')
  assert.match(out, /has the same kind of key as .*, so it is never shown/)
})

test('a file larger than any certificate is not read', async (t) => {
  const h = await handed(t)
  const file = await h.file('disk.img', '')
  // More than a string or a buffer can hold, and nothing on the disk.
  await truncate(file, 2 ** 33)
  const said = await h.import(file)
  assert.notEqual(said.code, 0)
  assert.match(said.err, /disk\.img: 8589934592 bytes are no certificate; nothing was changed/)
  assert.deepEqual(await filesOf(h.directory), [])
})
