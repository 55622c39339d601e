// What scanners look at: listeners of ours under each profile, with STARTTLS as on port 5269 and with direct TLS as on port
// 5270, and those two ports of a gateway that runs, as it comes. Scanners of TLS do not say who they are, as a server has to, so one that says it for them stands in front of the
// first kind.

import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { PROFILE_NAMES, PROFILES } from '../../src/trust/profiles/profiles.ts'
import type { Profile } from '../../src/trust/profiles/profile.ts'
import { Gate, header, identityOf, STARTTLS } from '../net/gate.ts'
import { places } from '../peers/places.ts'
import { Gateway } from '../support/gateway.ts'
import { issue, makeCa, temporaryFolder, writeAnchors } from '../support/pki.ts'
import type { Issued } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'

/** The name that a scanner asks for. */
export const NAME = 'us.test'

/** One scan: a profile, and how TLS begins. */
export interface Place {
  /** `dod 5269`. */
  readonly name: string
  readonly profile: Profile
  readonly tls: 'starttls' | 'direct'
  /** A gateway as an operator runs it, at addresses of this number; absent: a listener by itself. */
  readonly running?: number
}

export const PLACES: readonly Place[] = [
  ...PROFILE_NAMES.map((name) => PROFILES[name]).flatMap((profile) => [
    { name: `${profile.name} 5269`, profile, tls: 'starttls' as const },
    { name: `${profile.name} 5270`, profile, tls: 'direct' as const },
  ]),
  { name: 'running 5269', profile: PROFILES.standard, tls: 'starttls', running: 203 },
  { name: 'running 5270', profile: PROFILES.standard, tls: 'direct', running: 204 },
]

/** An open place: whoever connects there begins with TLS. */
export interface Target {
  readonly port: number
  /** The certificate of its CA. */
  readonly anchorsFile: string
  /** Of the test's own. */
  readonly folder: string
}

/** Scanners open a connection for each thing that they try. */
const LIMITS = { connectionsPerAddress: 1000 }
const RATES = { partnerConnections: 100_000, partnerConnectionsPerNetwork: 100_000 }
const STRONG = { key: 'p384', hash: 'SHA-384' } as const
const DAY = 86_400_000

export async function openPlace(t: Cleanup, place: Place): Promise<Target> {
  const ca = await makeCa(STRONG)
  const certificate = await issue({ ca, ...STRONG, names: [NAME], notAfter: new Date(Date.now() + 90 * DAY) })
  const inside =
    place.running === undefined ? await alone(t, place, ca, certificate) : await run(t, place, ca, certificate)
  const folder = await temporaryFolder(t)
  const anchorsFile = await writeAnchors(join(folder, 'ca.pem'), ca)
  return { port: await inFront(t, inside, place), anchorsFile, folder }
}

interface Inside {
  readonly host: string
  readonly port: number
}

async function alone(t: Cleanup, { profile, tls }: Place, ca: Issued, certificate: Issued): Promise<Inside> {
  const identity = identityOf(certificate).under(profile.name)
  const reception = { greet: () => identity, identity: () => Promise.resolve(identity) }
  const gate = await Gate.open({ ca, certificate, tls, reception, limits: LIMITS })
  t.after(() => gate[Symbol.asyncDispose]())
  return gate.target
}

async function run(t: Cleanup, { running, tls }: Place, ca: Issued, certificate: Issued): Promise<Inside> {
  const { core, inner, outer, outerDns } = places(running ?? 0)
  const federation = [
    { host: outer, port: 5269 },
    { host: outer, port: 5270, tls: 'direct' },
  ]
  await Gateway.start(t, {
    ...{ domains: { [NAME]: certificate }, core, coreTrust: ca, anchors: [ca], inner, outer, dns: outerDns },
    settings: { listen: { federation, core: [{ host: inner, port: 5269 }] }, limits: { ...LIMITS, ...RATES } },
  })
  return { host: outer, port: tls === 'direct' ? 5270 : 5269 }
}

/** A port where TLS comes first, in front of one where STARTTLS may do. */
async function inFront(t: Cleanup, inside: Inside, place: Place): Promise<number> {
  const open = new Set<Socket>()
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    open.add(socket.on('error', () => {}).on('close', () => open.delete(socket)))
    introduce(socket, inside, place)
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

/** Says who comes and asks for TLS, where that is needed; then each side hears the other. */
function introduce(socket: Socket, { host, port }: Inside, { tls }: Place): void {
  const inside = connect({ host, port }).on('error', () => socket.destroy())
  inside.on('close', () => socket.destroy())
  socket.on('close', () => inside.destroy())
  if (tls === 'direct') {
    inside.pipe(socket).pipe(inside)
    return
  }
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
