// The gateway as an operator has it: a folder with `federation-config/` and `certs/`, `serve` as a process of its own,
// and commands beside it. Tests of this kind know nothing of the code behind the commands.

import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { stringify } from 'yaml'
import * as z from 'zod'
import { temporaryFolder, writeAnchors, writeIdentity } from './pki.ts'
import type { Issued } from './pki.ts'
import type { Machine } from './machine.ts'
import { Program, run } from './program.ts'
import type { Cleanup, Log, ProgramOptions } from './program.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

export interface GatewayOptions {
  /** What it speaks for, and the certificates that partners see. */
  readonly domains: Readonly<Record<string, Issued>>
  /** The core server's address, on port 5269. */
  readonly core: string
  /** Who may be the core. */
  readonly coreTrust: Issued
  /** Whose certificates of partners are believed. */
  readonly anchors: readonly Issued[]
  /** Where it meets the core, and where partners; on port 5269. */
  readonly inner: string
  readonly outer: string
  /** Its view of DNS. */
  readonly dns: string
  /** The core knows the gateway as its component: by this secret, over so many connections. */
  readonly component?: { readonly secret: string; readonly connections: 'one' | 'per-domain'; readonly tls?: 'direct' }
  /** More of `gateway.yaml`. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** Remote users are let in at the outer address, on ports 5222 and 5223, and led to the core's port 5222. */
  readonly remote?: {
    readonly tls?: 'starttls' | 'none'
    /** `policy.yaml`; default: everybody may. */
    readonly policy?: unknown
  }
  /** Files of `partners/`, by domain. */
  readonly partners?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A record as `why --json` and `recent --json` tell it, as far as tests ask. */
const Story = z.object({
  reference: z.string().optional(),
  cause: z.string().optional(),
  event: z.string(),
  verdict: z.string(),
  direction: z.string().optional(),
  rule: z.string().optional(),
  reason: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  kind: z.string().optional(),
  partner: z.string().optional(),
  pair: z.object({ local: z.string(), remote: z.string() }).optional(),
  detail: z.string().optional(),
})
export type Story = z.infer<typeof Story>
const Answer = z.object({ record: Story })
const Recent = z.object({ records: z.array(Story) })

/** What `status --json` tells, as far as tests ask. */
const Status = z.object({
  listeners: z.array(z.object({ address: z.string(), tls: z.string() })),
  streams: z.array(
    z.object({
      leg: z.enum(['partner', 'core']),
      role: z.string(),
      local: z.string(),
      remote: z.string(),
      peerAddress: z.string(),
      bidi: z.boolean(),
      method: z.string(),
      stanzasIn: z.number(),
      stanzasOut: z.number(),
      tls: z
        .object({ start: z.string(), version: z.string(), cipher: z.string(), group: z.string().optional() })
        .optional(),
      acks: z.object({ acknowledged: z.number(), unacknowledged: z.number() }).optional(),
    }),
  ),
})

/** What `status --json` tells of remote users. */
const RemoteStatus = z.object({
  remote: z.object({
    open: z.number(),
    loggedIn: z.number(),
    resumable: z.number(),
    sessions: z.array(
      z.object({
        id: z.string(),
        user: z.string().optional(),
        address: z.string().optional(),
        phase: z.string(),
        mechanism: z.string().optional(),
        clientAddress: z.string(),
        transport: z.string(),
        tls: z.object({ start: z.string(), version: z.string() }),
        resumable: z.boolean(),
        stanzasIn: z.number(),
        stanzasOut: z.number(),
        refused: z.number(),
      }),
    ),
  }),
})

/** What `check --json` tells. */
const Checks = z.object({
  checks: z.array(z.object({ area: z.string(), severity: z.string(), subject: z.string(), message: z.string() })),
})

/** The reference (first group) in the text that the other side is shown. */
export const REFERENCE = /Reference:? ([0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){2})\b/

export class Gateway {
  readonly directory: string
  readonly #program: Program

  private constructor(directory: string, program: Program) {
    this.directory = directory
    this.#program = program
  }

  /** Writes an installation and runs it; resolves when it listens. */
  static async start(t: Cleanup, o: GatewayOptions): Promise<Gateway> {
    return Gateway.serve(t, await Gateway.install(t, o))
  }

  /** Writes an installation that nobody runs. Gives back its folder. */
  static async install(t: Cleanup, o: GatewayOptions): Promise<string> {
    const directory = await temporaryFolder(t)
    await write(directory, o)
    return directory
  }

  /** Runs an installation that is there already, on a machine of its own or on this one. */
  static async serve(t: Cleanup, directory: string, machine?: Machine): Promise<Gateway> {
    const start = (options: ProgramOptions): Promise<Program> =>
      machine ? machine.start(t, 'root', options) : Program.start(t, options)
    const program = await start({
      name: 'sallyport serve',
      command: process.execPath,
      args: [MAIN, 'serve', '--directory', directory],
      cwd: directory,
      logFile: join(directory, 'serve.log'),
      ready: /"event":"gateway.started"/,
    })
    return new Gateway(directory, program)
  }

  get log(): Log {
    return this.#program.log
  }

  /** The process. */
  get pid(): number {
    return this.#program.pid ?? assert.fail('it is not running')
  }

  /** The certificate of the CA that the core has to trust. */
  get internalCaFile(): string {
    return join(this.directory, 'certs/internal-ca/ca.pem')
  }

  /** The certificate of the CA that the client port of the core has to trust, where users log in by certificate. */
  get usersCaFile(): string {
    return join(this.directory, 'certs/users-ca/ca.pem')
  }

  /** Asks it to end, or pulls the plug; resolves with its exit code or the signal. */
  stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | string> {
    this.#program.kill(signal)
    return this.#program.exited
  }

  /** Runs a command with `--json` and gives back its answer. Rejects when the command fails. */
  async command(...args: readonly string[]): Promise<unknown> {
    const done = await run(process.execPath, [MAIN, ...args, '--directory', this.directory, '--json'])
    if (done.code !== 0) throw new Error(`sallyport ${args.join(' ')}: exit ${done.code}\n${done.stdout}${done.stderr}`)
    return JSON.parse(done.stdout)
  }

  /** What `check --online` says of one area, as `severity: subject: message`; faults are no failure of the command. */
  async checks(area: string): Promise<readonly string[]> {
    const done = await run(process.execPath, [MAIN, 'check', '--online', '--directory', this.directory, '--json'])
    const { checks } = Checks.parse(JSON.parse(done.stdout))
    return checks.filter((one) => one.area === area).map((one) => `${one.severity}: ${one.subject}: ${one.message}`)
  }

  /** The record behind a reference. */
  async why(reference: string): Promise<Story> {
    return Answer.parse(await this.command('why', reference)).record
  }

  /** The newest records that touch the domain, newest first. */
  async recent(domain: string): Promise<readonly Story[]> {
    return Recent.parse(await this.command('recent', domain)).records
  }

  /** Where it listens, and how TLS begins there: `127.0.0.1:5270 direct`. */
  async listeners(): Promise<readonly string[]> {
    return Status.parse(await this.command('status')).listeners.map(({ address, tls }) => `${address} ${tls}`)
  }

  /** Remote users. */
  async remote(): Promise<z.infer<typeof RemoteStatus>['remote']> {
    return RemoteStatus.parse(await this.command('status')).remote
  }

  /** The streams that are ready. */
  async streams(): Promise<z.infer<typeof Status>['streams']> {
    return Status.parse(await this.command('status')).streams
  }
}

async function write(directory: string, o: GatewayOptions): Promise<void> {
  const { settings, partners = {} } = o
  for (const [domain, certificate] of Object.entries(o.domains)) {
    await writeIdentity(join(directory, 'certs', domain), certificate)
  }
  await mkdir(join(directory, 'certs/core'), { recursive: true })
  await writeAnchors(join(directory, 'certs/core/ca.pem'), o.coreTrust)
  await writeAnchors(join(directory, 'certs/anchors.pem'), ...o.anchors)
  if (o.component) await writeFile(join(directory, 'certs/core/secret'), `${o.component.secret}\n`, { mode: 0o600 })
  const { remote } = o
  if (remote) {
    const { policy = { remote: { grants: [{ to: 'everyone', sessions: 100 }] } } } = remote
    await writeYaml(join(directory, 'federation-config/policy.yaml'), policy)
  }
  const clients = remote && { clients: { address: at(o.core, 5222), tls: remote.tls ?? 'starttls' } }
  await writeYaml(join(directory, 'federation-config/gateway.yaml'), {
    domains: Object.fromEntries(Object.keys(o.domains).map((domain) => [domain, {}])),
    core: o.component
      ? {
          protocol: 'component',
          address: at(o.core, 5347),
          secretFile: 'certs/core/secret',
          connections: o.component.connections,
          ...(o.core.includes(':') && !o.component.tls ? { plaintextNetworks: [o.core] } : {}),
          ...(o.component.tls ? { tls: o.component.tls, trust: 'certs/core/ca.pem' } : {}),
          ...clients,
        }
      : { address: at(o.core, 5269), trust: 'certs/core/ca.pem', networks: ['127.0.0.0/8', '::1'], ...clients },
    listen: {
      federation: [{ host: o.outer, port: 5269 }],
      core: o.component ? [] : [{ host: o.inner, port: 5269 }],
      ...(remote && {
        remote: [
          { host: o.outer, port: 5222 },
          { host: o.outer, port: 5223, tls: 'direct' },
        ],
      }),
    },
    trust: { anchors: ['certs/anchors.pem'] },
    dns: { servers: [o.dns] },
    ...settings,
  })
  for (const [domain, entry] of Object.entries(partners)) {
    await writeYaml(join(directory, `federation-config/partners/${domain}.yaml`), { domain, ...entry })
  }
}

/** host:port, as settings have it. */
const at = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

async function writeYaml(file: string, content: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, stringify(content))
}
