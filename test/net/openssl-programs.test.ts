// Each item of the profiles' lists alone, against the programs of Debian's OpenSSL: `openssl s_client` offers it to a listener
// of ours, `openssl s_server` has nothing else when we call. It is taken if and only if the profile's own list has it. What is
// weak beyond any list is refused under each: finite fields of 1024 bits, RSA keys of 1024 bits, certificates signed with SHA-1.
//
// OpenSSL 3.0 has neither hybrids with ML-KEM nor Brainpool for TLS 1.3: `profiles.test.ts` has them, with Node's own OpenSSL.

import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import type { TlsInfo } from '../../src/stream/types.ts'
import type { Profile, ProfileName } from '../../src/trust/profiles/profile.ts'
import { PROFILE_NAMES, PROFILES } from '../../src/trust/profiles/profiles.ts'
import { openssl, opensslClient, opensslSays, opensslServer } from '../support/openssl.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, type IssueOptions, makeCa, temporaryFolder, writeIdentity } from '../support/pki.ts'
import { Caller, Gate, header, identityOf, prove } from './gate.ts'

/** The programs refuse old things by themselves unless they are told not to. */
const ANYTHING = ['-cipher', 'ALL:@SECLEVEL=0']
const AT_ONCE = 4

type Key = 'ec' | 'rsa'

/** One thing, and the words by which a program has it and nothing else of its kind. */
interface Item {
  readonly name: string
  readonly words: readonly string[]
  /** Of the side that is the server. */
  readonly key: Key
  permitted(profile: Profile): boolean
}

const version = (name: string, word: string): Item => ({
  name,
  words: [word, ...ANYTHING],
  key: 'rsa',
  permitted: ({ versions }) => versions.is.some((one) => one === name),
})

const suiteOf = (name: string): Item => ({
  name,
  words: name.startsWith('TLS_') ? ['-tls1_3', '-ciphersuites', name] : ['-tls1_2', '-cipher', `${name}:@SECLEVEL=0`],
  key: name.startsWith('TLS_') || name.includes('ECDSA') ? 'ec' : 'rsa',
  permitted: ({ suites, olderSuites }) => [...suites.is, ...olderSuites.is].includes(name),
})

const group = (name: string, word: '-tls1_2' | '-tls1_3'): Item => ({
  name: `${name} with ${word.slice(1)}`,
  words: [word, '-groups', name],
  key: 'rsa',
  permitted: ({ groups }) => groups.is.includes(name),
})

const ITEMS: readonly Item[] = [
  version('TLSv1', '-tls1'),
  version('TLSv1.1', '-tls1_1'),
  version('TLSv1.2', '-tls1_2'),
  version('TLSv1.3', '-tls1_3'),
  ...[
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_128_CCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-CCM',
    'ECDHE-ECDSA-AES256-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-RSA-CHACHA20-POLY1305',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-SHA',
    'DHE-RSA-AES256-GCM-SHA384',
    'AES256-GCM-SHA384',
    'AES128-SHA',
    'AECDH-AES256-SHA',
    'ECDHE-RSA-NULL-SHA',
  ].map(suiteOf),
  ...['X25519', 'X448', 'P-256', 'P-384', 'P-521', 'ffdhe2048', 'ffdhe3072'].map((name) => group(name, '-tls1_3')),
  ...['X25519', 'P-256', 'P-384', 'P-521', 'secp224r1'].map((name) => group(name, '-tls1_2')),
]

/** Signatures, and keys that make them, as `openssl req -newkey` takes them. */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  ecdsa_secp256r1_sha256: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ecdsa_secp384r1_sha384: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ecdsa_secp521r1_sha512: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-521'],
  ed25519: ['ed25519'],
  ed448: ['ed448'],
  ...Object.fromEntries(
    ['sha256', 'sha384', 'sha512'].flatMap((hash) => [
      [`rsa_pss_rsae_${hash}`, ['rsa:3072']],
      [`rsa_pss_pss_${hash}`, ['rsa-pss', '-pkeyopt', 'rsa_keygen_bits:3072']],
      [`rsa_pkcs1_${hash}`, ['rsa:3072']],
    ]),
  ),
  rsa_pkcs1_sha1: ['rsa:3072'],
  'ECDSA+SHA1': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
}

const ca = await makeCa({ key: 'p384', hash: 'SHA-384' })
const strong = { ca, hash: 'SHA-384', names: ['us.test', 'peer.test'] } as const
const ours = { ec: await issue({ ...strong, key: 'p384' }), rsa: await issue({ ...strong, key: 'rsa3072' }) }

/** Lets so many be under way at once. */
async function each<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** We call whoever listens at the port, under the profile: what came of TLS, or the reason why nothing did. */
async function call(name: ProfileName, port: number): Promise<TlsInfo | string> {
  const enough = new AbortController()
  let secured: TlsInfo | undefined
  const failure = await new Caller(ca, ours.ec).fail(0, {
    targets: [{ host: '127.0.0.1', port, tls: 'direct' }],
    identity: identityOf(ours.ec).under(name),
    limits: { connectMs: 15_000, negotiationMs: 15_000 },
    signal: enough.signal,
    observer(sight) {
      if (sight.kind !== 'event' || sight.event.kind !== 'secured') return
      secured = sight.event.tls
      enough.abort()
    },
  })
  return secured ?? failure.reason
}

/** A listener of ours under the profile. `shown`: whether somebody has shown a certificate, for each who came. */
async function listen(t: TestContext, name: ProfileName, key: Key) {
  const identity = identityOf(ours[key]).under(name)
  const shown: boolean[] = []
  const gate = await Gate.open({
    ca,
    certificate: ours[key],
    tls: 'direct',
    limits: { connectionsPerAddress: 1000, negotiationMs: 15_000 },
    reception: {
      greet: () => identity,
      identity: () => Promise.resolve(identity),
      verify: ({ remote }, chain) => {
        shown.push(chain.length > 0)
        return Promise.resolve(prove(ca, remote, chain))
      },
    },
  })
  t.after(() => gate[Symbol.asyncDispose]())
  return { gate, port: gate.target.port, shown }
}

/** A folder with a key of the kind and a certificate for it, which nobody has to believe. */
async function makeIdentityOf(t: TestContext, key: readonly string[]): Promise<string> {
  const folder = await temporaryFolder(t)
  const out = ['-keyout', 'privkey.pem', '-out', 'fullchain.pem', '-subj', '/CN=peer']
  await openssl(folder, ['req', '-x509', '-nodes', '-newkey', ...key, ...out])
  return folder
}

const FILES = ['-cert', 'fullchain.pem', '-key', 'privkey.pem']
const filesIn = (folder: string): readonly string[] =>
  ['-cert', join(folder, 'fullchain.pem'), '-key', join(folder, 'privkey.pem')] as const

suite('each item alone', needsPeer('openssl'), () => {
  for (const name of PROFILE_NAMES)
    test(`openssl s_client gets from ${name} what its lists have, and nothing else`, async (t) => {
      const at = { ec: await listen(t, name, 'ec'), rsa: await listen(t, name, 'rsa') }
      await each(ITEMS, async (item) => {
        const got = await opensslClient(at[item.key].port, item.words)
        assert.equal(got !== undefined, item.permitted(PROFILES[name]), `${item.name}: ${got}`)
      })
    })

  test('openssl s_server is called under a profile if its lists have what it offers, and not otherwise', async (t) => {
    const folder = await temporaryFolder(t)
    for (const key of ['ec', 'rsa'] as const) await writeIdentity(join(folder, key), ours[key])
    await each(ITEMS, async (item) => {
      const files = filesIn(join(folder, item.key))
      const port = await opensslServer(t, folder, [...files, ...item.words])
      assert.ok(await opensslClient(port, item.words), `the programs agree with each other: ${item.name}`)
      for (const name of PROFILE_NAMES) {
        const made = await call(name, port)
        assert.equal(
          typeof made === 'object',
          item.permitted(PROFILES[name]),
          `${name}, ${item.name}: ${JSON.stringify(made)}`,
        )
      }
    })
  })

  test('a signature is believed of whoever is called, and of whoever calls, if the profile has it', async (t) => {
    const at = await Promise.all(PROFILE_NAMES.map((name) => listen(t, name, 'rsa')))
    const folders = new Map<string, Promise<string>>()
    await each(Object.entries(SIGNATURES), async ([signature, key]) => {
      const kind = key.join(' ')
      folders.set(kind, folders.get(kind) ?? makeIdentityOf(t, key))
      const folder = (await folders.get(kind)) ?? ''
      const older = /^rsa_pkcs1|SHA1$/.test(signature)
      const words = [older ? '-tls1_2' : '-tls1_3', ...ANYTHING]
      const port = await opensslServer(t, folder, [...FILES, ...words, '-sigalgs', signature])
      const agreed = await opensslClient(port, [...words, '-sigalgs', signature])
      assert.ok(agreed, `the programs agree with each other: ${signature}`)
      for (const [i, name] of PROFILE_NAMES.entries()) {
        const wanted = PROFILES[name].signatures.is.includes(signature)
        const made = await call(name, port)
        assert.equal(typeof made === 'object', wanted, `${name} calls, ${signature}: ${JSON.stringify(made)}`)
        const listener = at[i]
        assert.ok(listener)
        const sent = [...filesIn(folder), ...words, '-client_sigalgs', signature]
        await inTurn(listener, async () => {
          const before = listener.shown.length
          await opensslSays(listener.port, sent, header(), /<\/stream:(?:features|stream)>/)
          // Whoever cannot sign as it should shows nothing, or is cut off.
          assert.equal(listener.shown.slice(before).includes(true), wanted, `${name} is called, ${signature}`)
        })
      }
    })
  })
})

const queues = new WeakMap<object, Promise<void>>()

/** One after the other, for each listener. */
function inTurn(listener: object, act: () => Promise<void>): Promise<void> {
  const next = (queues.get(listener) ?? Promise.resolve()).then(act)
  queues.set(
    listener,
    next.catch(() => {}),
  )
  return next
}

suite('what is weak beyond any list', needsPeer('openssl'), () => {
  const WEAK: Readonly<Record<string, IssueOptions>> = {
    'an RSA key of 1024 bits': { key: 'rsa1024', hash: 'SHA-384' },
    'a certificate signed with SHA-1': { key: 'p384', hash: 'SHA-1' },
  }
  for (const [what, certificate] of Object.entries(WEAK))
    test(`${what} proves nothing, whoever calls`, async (t) => {
      const folder = await temporaryFolder(t)
      await writeIdentity(folder, await issue({ ca, names: ['us.test', 'peer.test'], ...certificate }))
      const port = await opensslServer(t, folder, [...FILES, ...ANYTHING])
      const failure = await new Caller(ca, ours.ec).fail(0, {
        targets: [{ host: '127.0.0.1', port, tls: 'direct' }],
        limits: { connectMs: 15_000, negotiationMs: 15_000 },
      })
      assert.equal(failure.reason, 'SP-313')
      const { gate, port: here } = await listen(t, 'standard', 'ec')
      await opensslSays(here, [...filesIn(folder), ...ANYTHING], header(), /<\/stream:(?:features|stream)>/)
      assert.equal((await gate.failures.next()).reason, 'SP-313')
    })

  test('finite fields of 1024 bits are agreed on with nobody', async (t) => {
    const folder = await temporaryFolder(t)
    await mkdir(join(folder, 'rsa'))
    await writeIdentity(join(folder, 'rsa'), ours.rsa)
    await openssl(folder, ['dhparam', '-dsaparam', '-out', 'dh.pem', '1024'])
    const words = ['-tls1_2', '-cipher', 'DHE:@SECLEVEL=0', '-dhparam', 'dh.pem']
    const port = await opensslServer(t, folder, [...filesIn(join(folder, 'rsa')), ...words])
    // The server is well: OpenSSL's own client agrees with it.
    assert.ok(await opensslClient(port, ['-tls1_2', '-cipher', 'DHE:@SECLEVEL=0']))
    for (const name of PROFILE_NAMES) {
      assert.equal(typeof (await call(name, port)), 'string', name)
      const { port: here } = await listen(t, name, 'rsa')
      assert.equal(await opensslClient(here, ['-tls1_2', '-cipher', 'DHE:@SECLEVEL=0']), undefined, name)
    }
  })
})
