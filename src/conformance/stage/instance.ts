// An instance of the gateway for a run: an installation of its own with the profile that is tested, run as a process of
// its own, exactly as it would be anywhere else.

import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProfileName } from '../../trust/profiles/profile.ts'
import type { Authority } from './authority.ts'
import { Serving } from './serving.ts'

export interface InstanceOptions {
  /** The script that runs the gateway. */
  readonly script: string
  readonly profile: ProfileName
  /** What it speaks for. */
  readonly domains: readonly string[]
  readonly authority: Authority
  /** A CA that counts only where an entry names it. */
  readonly partner: Authority
  /** Where it takes partners; where it has addresses of one version of IP alone, nothing in its settings is of the other. */
  readonly hosts: readonly string[]
  readonly core: { readonly host: string; readonly port: number }
  /** Domain of a partner → where its server is, and what else its entry says; without strangers. */
  readonly partners: ReadonlyMap<
    string,
    {
      /** undefined: DNS tells. */
      readonly place: { readonly host: string; readonly port: number } | undefined
      readonly more: Readonly<Record<string, unknown>>
    }
  >
  /** What the settings say besides, by section. */
  readonly more?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  /** Where the DNS server of the run is, `address:port`. */
  readonly names: string
}

export interface Ports {
  readonly federation: number
  /** Where TLS begins at once. */
  readonly direct: number
  readonly core: number
}

export class Instance implements AsyncDisposable {
  readonly directory: string
  readonly ports: Ports
  /** Text of the settings by name of file. */
  readonly settings = new Map<string, string>()
  readonly #serving = new Serving()
  #published: Promise<void> = Promise.resolve()

  private constructor(directory: string, ports: Ports) {
    this.directory = directory
    this.ports = ports
  }

  /** Writes the installation; nothing runs yet. */
  static async install(o: InstanceOptions): Promise<Instance> {
    const [federation, direct] = await freePorts(o.hosts[0]!, 2, o.hosts[1])
    const [core] = await freePorts(o.core.host, 1)
    const directory = await mkdtemp(join(tmpdir(), 'sallyport-conformance-'))
    await using stack = new AsyncDisposableStack()
    const instance = stack.use(new Instance(directory, { federation: federation!, direct: direct!, core: core! }))
    await instance.#write(o)
    stack.move()
    return instance
  }

  async #write(o: InstanceOptions): Promise<void> {
    const { domains, authority, hosts, profile } = o
    const write = async (name: string, content: string | Buffer, mode = 0o644): Promise<void> => {
      await mkdir(join(this.directory, name, '..'), { recursive: true })
      await writeFile(join(this.directory, name), content, { mode })
      if (typeof content === 'string' && name.startsWith('federation-config/')) this.settings.set(name, content)
    }
    for (const domain of domains) {
      const own = await authority.ours(domain)
      await write(`certs/${domain}/fullchain.pem`, own.cert)
      await write(`certs/${domain}/privkey.pem`, own.key, 0o600)
      if (!domain.startsWith('conference.')) continue
      // A key of either kind, for what is agreed on with one of them alone. With two, nothing is stapled.
      const other = await authority.ours(domain, 'rsa3072')
      await write(`certs/${domain}/fullchain-rsa.pem`, other.cert)
      await write(`certs/${domain}/privkey-rsa.pem`, other.key, 0o600)
    }
    await write('certs/anchors.pem', authority.pem)
    await write('certs/partner-ca.pem', o.partner.pem)
    await write('certs/crls/partner.crl', await o.partner.list())
    for (const [index, list] of (await authority.listsBelow()).entries()) await write(`certs/crls/${index}.crl`, list)
    await this.publish(authority)
    const named = [...o.partners.values()].some(({ more }) => more['policy'] !== undefined)
    await write('federation-config/policy.yaml', text(named ? { policies: POLICIES } : {}))
    for (const [partner, { place, more }] of o.partners)
      await write(
        `federation-config/partners/${partner}.yaml`,
        text({ domain: partner, status: 'allowed', ...(place && { connect: [place] }), ...more }),
      )
    const loopback = hosts.every((host) => host.includes(':')) ? ['::1'] : ['127.0.0.1', '::1']
    await write(
      'federation-config/gateway.yaml',
      text({
        ...o.more,
        domains: Object.fromEntries(domains.map((domain) => [domain, {}])),
        core: {
          address: `${o.core.host.includes(':') ? `[${o.core.host}]` : o.core.host}:${o.core.port}`,
          trust: 'certs/anchors.pem',
          networks: loopback,
          ...o.more?.['core'],
        },
        listen: {
          federation: hosts.flatMap((host) => [
            { host, port: this.ports.federation },
            { host, port: this.ports.direct, tls: 'direct' },
          ]),
          core: [{ host: o.core.host, port: this.ports.core }],
        },
        trust: {
          ...{ anchors: ['certs/anchors.pem'], crls: 'certs/crls', fetchFrom: loopback },
          ...o.more?.['trust'],
        },
        federation: { profile, fips: 'reported' },
        dns: { servers: [o.names] },
      }),
    )
  }

  /** The list of the CA takes the place of the one before, whole at any time. Those that are made later are newer. */
  publish(authority: Authority): Promise<void> {
    const put = async (): Promise<void> => {
      const name = join(this.directory, 'certs/crls/authority.crl')
      await writeFile(`${name}.new`, await authority.list())
      await rename(`${name}.new`, name)
    }
    this.#published = this.#published.then(put)
    return this.#published
  }

  /** Runs it; resolves when it listens. @throws with the end of its log when it does not */
  start(script: string): Promise<void> {
    return this.#serving.start(script, this.directory)
  }

  /** Asks it to end, kills it, or starts it again. */
  async turn(what: 'ends' | 'killed' | 'started', script: string): Promise<void> {
    if (what === 'ends') this.#serving.ask()
    else await (what === 'killed' ? this.#serving.kill() : this.start(script))
  }

  /** Of the process that runs it. */
  get pid(): number | undefined {
    return this.#serving.pid
  }

  /** How it has ended by itself; undefined: it has not. */
  get ended(): string | undefined {
    return this.#serving.ended
  }

  /** Its log so far, a line of JSON each. */
  log(): readonly string[] {
    return this.#serving.log()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#serving.stop()
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** What an entry may name; all others go by none. */
const POLICIES = {
  'messages-only': { rules: [{ name: 'words', who: 'everyone', allow: ['messages'] }], otherwise: 'none' },
  'not-alice': { rules: [{ name: 'alice', who: ['alice@corp.example'], allow: 'none' }], otherwise: 'all' },
}

/** JSON is YAML. */
const text = (content: unknown): string => `${JSON.stringify(content, undefined, 2)}\n`

/** How often another port is looked for where somebody has one of them at the other address. */
const MOST_TRIES = 20

/** Ports that nobody listens at, at one address, or at two. */
export async function freePorts(host: string, count: number, other?: string): Promise<readonly number[]> {
  const held: Server[] = []
  const ports: number[] = []
  try {
    for (let tries = 0; ports.length < count; tries++) {
      const server = await listening(host, 0)
      held.push(server)
      const { port } = address(server)
      const there = other === undefined ? server : await listening(other, port).catch(() => undefined)
      if (there) ports.push(port)
      else if (tries >= MOST_TRIES) throw new Error(`no port is free at ${host} and ${other}`)
      if (there && there !== server) held.push(there)
    }
    return ports
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

async function listening(host: string, port: number): Promise<Server> {
  const server = createServer()
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

function address(server: Server): { readonly port: number } {
  const bound = server.address()
  return typeof bound === 'object' && bound !== null ? bound : { port: 0 }
}
