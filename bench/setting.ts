// The small world of one measurement: our domain and its partners, their certificates, and ports that were free when they
// were asked for, all on 127.0.0.1, so that servers of this machine and other runs are not in the way.

import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issue, makeCa, type Issued } from '../test/support/pki.ts'
import type { Cleanup } from '../test/support/program.ts'
import type { Credentials } from './generator/ends.ts'

/**
 * Which way stanzas go. in: from a partner's stream to a component · out: from a component to a partner's stream ·
 * through: from stream to stream.
 */
export type Way = 'in' | 'out' | 'through'

export const HOST = '127.0.0.1'
export const OURS = 'corp.example'

export interface Setting {
  readonly way: Way
  /** Whose streams there are. */
  readonly partners: readonly string[]
  /** Names below those of partners are theirs too. */
  readonly below: boolean
  /** Partners that are on the list, and never heard of. */
  readonly strangers: readonly string[]
  /** A policy of many groups and rules holds for all of them. */
  readonly policy: boolean
  /** Where others connect, where the core or a component does, and where our two ends and DNS listen. */
  readonly ports: {
    readonly front: number
    /** As front, for who begins with TLS; of those who have such a port. */
    readonly direct: number
    readonly inner: number
    readonly core: number
    readonly partner: number
    readonly dns: number
  }
  readonly ca: Issued
  readonly identities: ReadonlyMap<string, Issued>
  readonly credentials: Credentials
  /** Gone when the contestant is. */
  folder(name: string): Promise<string>
}

/** Those that are there. Whoever ends the run early leaves none behind. */
const folders = new Set<string>()
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

export interface SettingOptions {
  readonly way: Way
  /** How many partners have streams. */
  readonly partners: number
  /** How many entries the list of partners has; not less. */
  readonly entries: number
  readonly below?: boolean
  readonly policy?: boolean
}

export async function makeSetting(t: Cleanup, o: SettingOptions): Promise<Setting> {
  const partners = Array.from({ length: o.partners }, (_, i) => `partner${i + 1}.example`)
  const strangers = Array.from({ length: o.entries - o.partners }, (_, i) => `stranger${i + 1}.example`)
  const ca = await makeCa()
  const domains = [OURS, ...partners]
  const identities = new Map(
    await Promise.all(domains.map(async (domain) => [domain, await issue({ ca, names: [domain] })] as const)),
  )
  const [front = 0, direct = 0, inner = 0, core = 0, partner = 0, dns = 0] = await freePorts(6)
  const folder = await makeFolder(t)
  return {
    way: o.way,
    partners,
    below: o.below ?? false,
    strangers,
    policy: o.policy ?? false,
    ports: { front, direct, inner, core, partner, dns },
    ca,
    identities,
    credentials: {
      identities: Object.fromEntries(
        [...identities].map(([domain, { fullchainPem, keyPem }]) => [domain, { cert: fullchainPem, key: keyPem }]),
      ),
      secret: 'open barley',
    },
    folder,
  }
}

/** A folder, gone when the measurement is; gives back what makes folders in it. */
export async function makeFolder(t: Cleanup): Promise<Setting['folder']> {
  const top = await mkdtemp(join(tmpdir(), 'sallyport-bench-'))
  folders.add(top)
  t.after(async () => {
    await rm(top, { recursive: true, force: true })
    folders.delete(top)
  })
  return async (name) => {
    const folder = join(top, name)
    await mkdir(folder, { recursive: true })
    return folder
  }
}

/** Ports that nobody listens on; all are held until all are known, so that none comes twice. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const free = async () => {
    const server = createServer().listen(0, HOST)
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('a TCP server without a port')
    return { server, port: address.port }
  }
  const held = await Promise.all(Array.from({ length: count }, free))
  await Promise.all(held.map(({ server }) => new Promise((resolve) => server.close(resolve))))
  return held.map(({ port }) => port)
}
