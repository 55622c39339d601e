// What scanners look at: listeners of ours under each profile, with STARTTLS as on port 5269 and with direct TLS as on port
// 5270. Scanners of TLS do not say who they are, as a server has to, so one that says it for them stands in front of the
// first kind.

import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { PROFILE_NAMES, PROFILES } from '../../src/trust/profiles/profiles.ts'
import type { Profile } from '../../src/trust/profiles/profile.ts'
import { Gate, header, identityOf, STARTTLS } from '../net/gate.ts'
import { issue, makeCa, temporaryFolder, writeAnchors } from '../support/pki.ts'
import type { Cleanup } from '../support/program.ts'

/** The name that a scanner asks for. */
export const NAME = 'us.test'

/** One scan: a profile, and how TLS begins. */
export interface Place {
  /** `dod 5269`. */
  readonly name: string
  readonly profile: Profile
  readonly tls: 'starttls' | 'direct'
}

export const PLACES: readonly Place[] = PROFILE_NAMES.map((name) => PROFILES[name]).flatMap((profile) => [
  { name: `${profile.name} 5269`, profile, tls: 'starttls' as const },
  { name: `${profile.name} 5270`, profile, tls: 'direct' as const },
])

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
const STRONG = { key: 'p384', hash: 'SHA-384' } as const
const DAY = 86_400_000

export async function openPlace(t: Cleanup, { profile, tls }: Place): Promise<Target> {
  const ca = await makeCa(STRONG)
  const certificate = await issue({ ca, ...STRONG, names: [NAME], notAfter: new Date(Date.now() + 90 * DAY) })
  const identity = identityOf(certificate).under(profile.name)
  const reception = { greet: () => identity, identity: () => Promise.resolve(identity) }
  const gate = await Gate.open({ ca, certificate, tls, reception, limits: LIMITS })
  t.after(() => gate[Symbol.asyncDispose]())
  const folder = await temporaryFolder(t)
  const anchorsFile = await writeAnchors(join(folder, 'ca.pem'), ca)
  return { port: tls === 'direct' ? gate.target.port : await introducing(t, gate), anchorsFile, folder }
}

/** A port where TLS comes first, in front of one where STARTTLS does. */
async function introducing(t: Cleanup, gate: Gate): Promise<number> {
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
