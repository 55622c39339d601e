// A scanner that knows nothing of us looks at what partners meet, under each profile: with STARTTLS as on port 5269, and
// with direct TLS as on port 5270. Whatever it finds beyond the profile is a finding; those that are known stand in
// `cases/tls-scan/allowed.json` with a reason, and one that no longer occurs has to go from there.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import * as z from 'zod'
import type { Profile, ProfileName } from '../../src/trust/profiles/profile.ts'
import { PROFILE_NAMES, PROFILES } from '../../src/trust/profiles/profiles.ts'
import { needsPeer } from '../support/peers.ts'
import { issue, makeCa } from '../support/pki.ts'
import { Gate, header, identityOf, STARTTLS } from './gate.ts'

const ALLOWED = join(import.meta.dirname, '../cases/tls-scan/allowed.json')
const Allowed = z.array(
  z.strictObject({ finding: z.string(), where: z.array(z.string()), reason: z.string().min(20) }).readonly(),
)

const ca = await makeCa({ key: 'p384', hash: 'SHA-384' })
const certificate = await issue({ ca, hash: 'SHA-384', names: ['us.test'], key: 'p384' })

/** Findings that are allowed, and why. */
const known = async (): Promise<z.infer<typeof Allowed>> => Allowed.parse(JSON.parse(await readFile(ALLOWED, 'utf8')))

type Attributes = Readonly<Record<string, string>>

/** The elements of that name in what the scanner wrote, by their attributes. */
const elements = (xml: string, name: string): readonly Attributes[] =>
  [...xml.matchAll(new RegExp(`<${name} ([^>]*)/>`, 'g'))].map(([, text = '']) =>
    Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value])),
  )

/** What the scanner's words for groups are to us. */
const groupOf = (name: string): string =>
  ({
    'secp256r1 (NIST P-256)': 'P-256',
    'secp384r1 (NIST P-384)': 'P-384',
    'secp521r1 (NIST P-521)': 'P-521',
    x25519: 'X25519',
  })[name] ?? name

const PROTOCOLS: Attributes = { 'tls 1.2': 'TLSv1.2', 'tls 1.3': 'TLSv1.3' }

interface Scan {
  readonly findings: readonly string[]
  /** Suites that were accepted. */
  readonly suites: readonly string[]
  readonly groups: readonly string[]
}

function read(xml: string, profile: Profile): Scan {
  const protocols = elements(xml, 'protocol').filter(({ enabled }) => enabled === '1')
  const suites = elements(xml, 'cipher')
  const groups = elements(xml, 'group').map(({ name = '' }) => groupOf(name))
  const permitted = new Set<string>([...profile.suites.is, ...profile.olderSuites.is])
  const findings = [
    ...protocols
      .map(({ type, version }) => `${type} ${version}`)
      .filter((one) => !profile.versions.is.some((version) => version === PROTOCOLS[one]))
      .map((one) => `protocol ${one}`),
    ...suites.filter(({ cipher = '' }) => !permitted.has(cipher)).map(({ cipher }) => `suite ${cipher}`),
    ...suites
      .filter(({ strength = '' }) => /weak|medium|null|anonymous/.test(strength))
      .map(({ cipher }) => `weak suite ${cipher}`),
    ...groups.filter((group) => !profile.groups.is.includes(group)).map((group) => `group ${group}`),
    ...elements(xml, 'compression')
      .filter(({ supported }) => supported === '1')
      .map(() => 'compression'),
    ...elements(xml, 'heartbleed')
      .filter(({ vulnerable }) => vulnerable === '1')
      .map(() => 'heartbleed'),
    ...elements(xml, 'renegotiation').flatMap(({ supported, secure }) => [
      ...(supported === '1' ? ['renegotiation'] : []),
      ...(secure === '1' ? [] : ['secure renegotiation is not announced']),
    ]),
    ...elements(xml, 'fallback')
      .filter(({ supported }) => supported === '0')
      .map(() => 'no protection against fallback'),
    ...[...xml.matchAll(/<signature-algorithm>(.*?)</g)]
      .filter(([, name = '']) => !/SHA(?:256|384|512)/i.test(name))
      .map(([, name]) => `certificate signed with ${name}`),
    ...(xml.includes('<self-signed>true') ? ['certificate self-signed'] : []),
  ]
  return { findings: [...new Set(findings)], suites: suites.map(({ cipher = '' }) => cipher), groups }
}

/** Runs the scanner; what it wrote. */
function sslscan(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = ['--sni-name=us.test', '--xml=-', '--no-colour', `127.0.0.1:${port}`]
    execFile('sslscan', options, (error, out) => (error instanceof Error ? reject(error) : resolve(out)))
  })
}

/** A port where TLS comes first, in front of one where STARTTLS does: sslscan does not say who it is, as a server has to. */
async function introducing(t: TestContext, gate: Gate): Promise<number> {
  const open = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)))
    introduce(socket, gate)
  })
  t.after(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}

/** Says who comes and asks for TLS; then each side hears the other. */
function introduce(socket: Socket, gate: Gate): void {
  const { host, port } = gate.target
  const inside = connect({ host, port }).on('error', () => socket.destroy())
  inside.on('close', () => socket.destroy())
  socket.on('close', () => inside.destroy())
  inside.write(header())
  let heard = ''
  const listen = (bytes: Buffer): void => {
    heard += bytes.toString('latin1')
    if (/<proceed[^>]*>/.test(heard)) {
      inside.off('data', listen)
      inside.pipe(socket).pipe(inside)
    } else if (heard.endsWith('</stream:features>')) inside.write(STARTTLS)
  }
  inside.on('data', listen)
}

async function scan(t: TestContext, name: ProfileName, tls: 'starttls' | 'direct'): Promise<Scan> {
  const identity = identityOf(certificate).under(name)
  const reception = { greet: () => identity, identity: () => Promise.resolve(identity) }
  const gate = await Gate.open({ ca, certificate, tls, reception, limits: { connectionsPerAddress: 1000 } })
  t.after(() => gate[Symbol.asyncDispose]())
  return read(await sslscan(tls === 'direct' ? gate.target.port : await introducing(t, gate)), PROFILES[name])
}

test('every known finding belongs to a scan that is made', async () => {
  const places = new Set(PROFILE_NAMES.flatMap((name) => [`${name} 5269`, `${name} 5270`]))
  for (const { where } of await known()) for (const place of where) assert.ok(places.has(place), place)
})

suite('a scan', needsPeer('sslscan'), () => {
  for (const name of PROFILE_NAMES)
    for (const [port, tls] of [
      ['5269', 'starttls'],
      ['5270', 'direct'],
    ] as const)
      test(`${port} under ${name} shows what the profile permits, and nothing that is not known`, async (t) => {
        const { findings, suites, groups } = await scan(t, name, tls)
        const profile = PROFILES[name]
        const wanted = [...profile.suites.is, ...profile.olderSuites.is.filter((one) => one.includes('ECDSA'))]
        assert.deepEqual([...new Set(suites)].toSorted(), wanted.toSorted())
        // The scanner knows of no hybrids.
        for (const group of profile.groups.is) if (!group.includes('MLKEM')) assert.ok(groups.includes(group), group)
        const where = `${name} ${port}`
        const allowed = (await known()).filter((one) => one.where.includes(where)).map(({ finding }) => finding)
        assert.deepEqual(findings.toSorted(), allowed.toSorted(), `${where}: new findings, or known ones that are gone`)
      })
})
