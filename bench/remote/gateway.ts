// The gateway as remote users meet it: direct TLS outside, and a core inside whose client port it is led to.
//
// Rule: limits that tell one address or one user from an attack are out of the way, since thousands of users come from this
// machine; they are counted all the same. Who may is granted in policy.yaml, as everywhere.

import { writeFile, mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { writeAnchors, writeIdentity } from '../../test/support/pki.ts'
import { Program } from '../../test/support/program.ts'
import { Tree } from '../measure.ts'
import { freePorts, HOST, OURS } from '../setting.ts'
import type { RemoteCore, World } from './world.ts'

/** How the gateway meets the core. */
export type InnerLeg = 'plain' | 'tls'

export interface RemoteGateway {
  /** Where clients connect, TLS from the first byte. */
  readonly port: number
  readonly tree: Tree
}

const MAIN = resolve(import.meta.dirname, '../../src/main.ts')

const LIMITS = {
  sessions: 20_000,
  sessionsPerAddress: 20_000,
  strangers: 20_000,
  sessionRate: 100_000,
  remoteConnections: 1_000_000,
  remoteConnectionsPerNetwork: 1_000_000,
  sessionIdle: '1d',
  drain: '100ms',
  drainPace: '100ms',
  close: '100ms',
}

/** `prefix`: words before its command, such as those that put it on a processor of its own. */
export async function startGateway(
  world: World,
  core: RemoteCore,
  leg: InnerLeg,
  prefix: readonly string[] = [],
): Promise<RemoteGateway> {
  const { t, ca, ours, profileFolder } = world
  const [port = 0, federation = 0] = await freePorts(2)
  const directory = await world.folder(`sallyport-${leg}-${port}`)
  await writeIdentity(join(directory, 'certs', OURS), ours)
  await writeAnchors(join(directory, 'certs/anchors.pem'), ca)
  await writeYaml(join(directory, 'federation-config/gateway.yaml'), {
    domains: { [OURS]: {} },
    core: {
      address: `${HOST}:${core.plainPort}`,
      trust: 'certs/anchors.pem',
      networks: ['127.0.0.0/8'],
      clients:
        leg === 'plain'
          ? { address: `${HOST}:${core.plainPort}`, tls: 'none' }
          : { address: `${HOST}:${core.tlsPort}`, tls: 'direct' },
    },
    listen: {
      federation: [{ host: HOST, port: federation }],
      remote: [{ host: HOST, port, tls: 'direct' }],
    },
    trust: { anchors: ['certs/anchors.pem'] },
    limits: LIMITS,
  })
  await writeYaml(join(directory, 'federation-config/policy.yaml'), {
    remote: { grants: [{ to: 'everyone', sessions: 1000 }] },
  })
  const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profileFolder)}`]
  const [command, ...args] = [...prefix, process.execPath, ...profile, MAIN, 'serve', '--directory', directory]
  const { pid } = await Program.start(t, {
    ...{ name: `sallyport, inner leg ${leg}`, command, args },
    cwd: directory,
    logFile: join(directory, 'serve.log'),
    ready: /"event":"gateway.started"/,
  })
  if (pid === undefined) throw new Error('the gateway has no process')
  return { port, tree: new Tree(pid) }
}

async function writeYaml(file: string, content: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, stringify(content))
}
