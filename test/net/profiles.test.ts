// What each profile offers and takes of what Debian's OpenSSL does not know, held against the OpenSSL of Node as the other
// side: groups with ML-KEM among all others, and signatures of Brainpool in TLS 1.3. `openssl-programs.test.ts` has the rest.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { connect, createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { TlsInfo } from '../../src/stream/types.ts'
import type { ProfileName } from '../../src/trust/profiles/profile.ts'
import { PROFILE_NAMES, PROFILES } from '../../src/trust/profiles/profiles.ts'
import { openssl } from '../support/openssl.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa, temporaryFolder, type Issued } from '../support/pki.ts'
import { Caller, Gate, identityOf } from './gate.ts'

type Words = Pick<SecureContextOptions, 'minVersion' | 'maxVersion' | 'ciphers' | 'ecdhCurve' | 'sigalgs'>

const V12 = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
const V13 = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const
const GROUPS = ['X25519', 'X448', 'P-256', 'P-384', 'P-521', 'ffdhe3072']
const HYBRIDS = ['X25519MLKEM768', 'SecP384r1MLKEM1024', 'SecP256r1MLKEM768']
/** Signatures, and the keys that make them, as `openssl req -newkey` takes them. */
const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  ecdsa_brainpoolP256r1tls13_sha256: ['ec', '-pkeyopt', 'ec_paramgen_curve:brainpoolP256r1'],
  ecdsa_brainpoolP384r1tls13_sha384: ['ec', '-pkeyopt', 'ec_paramgen_curve:brainpoolP384r1'],
  ecdsa_brainpoolP512r1tls13_sha512: ['ec', '-pkeyopt', 'ec_paramgen_curve:brainpoolP512r1'],
}

interface Pem {
  readonly cert: string
  readonly key: string
}
const pemOf = ({ fullchainPem: cert, keyPem: key }: Issued): Pem => ({ cert, key })

const ca = await makeCa({ key: 'p384', hash: 'SHA-384' })
const strong = { ca, hash: 'SHA-384' } as const
const ours = {
  ec: await issue({ ...strong, names: ['us.test', 'peer.test'], key: 'p384' }),
  rsa: await issue({ ...strong, names: ['us.test', 'peer.test'], key: 'rsa3072' }),
}

/** A client that says these words meets a listener of ours under the profile: the group agreed on, or why not. */
async function calls(port: number, words: Words): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'us.test', rejectUnauthorized: false, ...words })
  try {
    await once(socket, 'secureConnect')
    const key: object | null = socket.getEphemeralKeyInfo()
    return key && 'name' in key ? String(key.name) : 'secured'
  } catch (error) {
    return `refused: ${String(error)}`
  } finally {
    socket.destroy()
  }
}

/** We call, under the profile, a server that says these words: what came of it, or the reason why nothing did. */
async function isCalled(name: ProfileName, pem: Pem, words: Words): Promise<TlsInfo | string> {
  const server = createServer({ ...pem, ...words })
  server.on('tlsClientError', () => {})
  server.on('secureConnection', (socket: TLSSocket) => socket.on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const enough = new AbortController()
  let secured: TlsInfo | undefined
  const failure = await new Caller(ca, ours.ec).fail(0, {
    targets: [{ host: '127.0.0.1', port: address.port, tls: 'direct' }],
    identity: identityOf(ours.ec).under(name),
    signal: enough.signal,
    observer(sight) {
      if (sight.kind !== 'event' || sight.event.kind !== 'secured') return
      secured = sight.event.tls
      enough.abort()
    },
  })
  server.close()
  return secured ?? failure.reason
}

async function gates(t: TestContext, name: ProfileName): Promise<{ readonly ec: number; readonly rsa: number }> {
  const open = async (certificate: Issued): Promise<number> => {
    const greet = () => identityOf(certificate).under(name)
    const limits = { connectionsPerAddress: 1000 }
    const gate = await Gate.open({ ca, certificate, tls: 'direct', reception: { greet }, limits })
    t.after(() => gate[Symbol.asyncDispose]())
    return gate.target.port
  }
  return { ec: await open(ours.ec), rsa: await open(ours.rsa) }
}

const isRefused = (outcome: string): boolean => outcome.startsWith('refused')

for (const name of PROFILE_NAMES) {
  const profile = PROFILES[name]
  suite(`the profile ${name}`, () => {
    test('agrees on its groups only, and on the first one that both have', async (t) => {
      const at = await gates(t, name)
      for (const one of [...GROUPS, ...HYBRIDS]) {
        const wanted = profile.groups.is.includes(one)
        for (const version of HYBRIDS.includes(one) ? [V13] : [V12, V13]) {
          const words = { ...version, ecdhCurve: one }
          const what = `${one} with ${version.maxVersion}`
          assert.equal(!isRefused(await calls(at.rsa, words)), wanted, `from outside: ${what}`)
          assert.equal(
            typeof (await isCalled(name, pemOf(ours.rsa), words)) === 'object',
            wanted,
            `to outside: ${what}`,
          )
        }
      }
      const all = [...GROUPS, ...HYBRIDS].toReversed().join(':')
      const [first] = profile.groups.is
      assert.equal(await calls(at.ec, { ...V13, ecdhCurve: all }), first)
      const made = await isCalled(name, pemOf(ours.ec), { ...V13, ecdhCurve: all })
      assert.equal(typeof made === 'object' && made.group, first)
    })

    test('believes its signatures of Brainpool only', needsPeer('openssl'), async (t) => {
      const folder = await temporaryFolder(t)
      const made = new Map<string, Pem>()
      for (const [signature, key] of Object.entries(SIGNATURES)) {
        const kind = key.join(' ')
        if (!made.has(kind)) {
          const out = ['-keyout', 'key.pem', '-out', 'cert.pem', '-subj', '/CN=peer']
          await openssl(folder, ['req', '-x509', '-nodes', '-newkey', ...key, ...out])
          const [cert, secret] = ['cert.pem', 'key.pem'].map((file) => readFile(join(folder, file), 'utf8'))
          made.set(kind, { cert: (await cert) ?? '', key: (await secret) ?? '' })
        }
        const outcome = await isCalled(name, made.get(kind)!, { ...V13, sigalgs: signature })
        const wanted = profile.signatures.is.includes(signature)
        assert.equal(typeof outcome === 'object', wanted, `${signature}: ${JSON.stringify(outcome)}`)
      }
    })
  })
}
