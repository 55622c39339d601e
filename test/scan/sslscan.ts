// sslscan (Debian's 2.0): which versions, suites, groups and signatures a server takes, and a few weaknesses.

import { execFile } from 'node:child_process'
import type { Profile } from '../../src/trust/profiles/profile.ts'
import { NAME, type Place, type Target } from './places.ts'
import type { Scan } from './scan.ts'

type Attributes = Readonly<Record<string, string>>

/** Scans a place. */
export const sslscan = async ({ port }: Target, { profile }: Place): Promise<Scan> => read(await run(port), profile)

/** Runs the scanner; what it wrote. */
function run(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = [`--sni-name=${NAME}`, '--xml=-', '--no-colour', `127.0.0.1:${port}`]
    execFile('sslscan', options, (error, out) => (error instanceof Error ? reject(error) : resolve(out)))
  })
}

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
  return {
    findings: [...new Set(findings)],
    suites: [...new Set(suites.map(({ cipher = '' }) => cipher))],
    groups,
  }
}
