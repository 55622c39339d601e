// Sallyport itself: one gateway process as an operator runs it, with a generated configuration and the default limits.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { writeAnchors, writeIdentity } from '../../test/support/pki.ts'
import { Program, run } from '../../test/support/program.ts'
import type { End } from '../generator/ends.ts'
import { HOST, OURS, type Setting } from '../setting.ts'
import type { Contestant } from './contestant.ts'
import { manyRules, TAGS } from './many-rules.ts'

const ROOT = resolve(import.meta.dirname, '../..')

export const sallyport: Contestant = {
  name: 'sallyport',
  about:
    'Sallyport, one gateway process; the core is a component (XEP-0114), or a server where streams go through or names below those of partners come',
  kind: 'gateway',
  programs: [],
  async version() {
    const { stdout } = await run('git', ['-C', ROOT, 'describe', '--always', '--dirty'])
    return `${stdout.trim() || 'unknown'}, Node ${process.versions.node}`
  },
  refuses: () => undefined,
  ends({ way, partners, ports }) {
    const front = partners.map((local): End => ({
      opens: 'we',
      port: ports.front,
      speaks: 'server',
      local,
      remote: OURS,
    }))
    const remote = partners[0] ?? ''
    const core: End = { opens: 'they', port: ports.core, speaks: 'component', local: OURS, remote }
    const partner: End = { opens: 'they', port: ports.partner, speaks: 'server', local: remote, remote: OURS }
    if (way === 'in') return { source: front, sink: [core], answers: [partner] }
    if (way === 'out') return { source: [core], sink: [partner] }
    return { source: front, sink: [{ ...core, speaks: 'server' }] }
  },
  async start(t, setting, { profileFolder }) {
    const directory = await setting.folder('sallyport')
    await configure(directory, setting)
    const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${resolve(profileFolder)}`]
    return Program.start(t, {
      name: 'sallyport',
      command: process.execPath,
      args: [...profile, join(ROOT, 'src/main.ts'), 'serve', '--directory', directory],
      cwd: directory,
      logFile: join(directory, 'serve.log'),
      ready: /"event":"gateway.started"/,
      readyMs: 60_000,
    })
  },
}

/** Writes the configuration and certificates of an installation. */
export async function configure(directory: string, s: Setting): Promise<void> {
  const certs = join(directory, 'certs')
  const ours = s.identities.get(OURS)
  if (!ours) throw new Error(`no certificate for ${OURS}`)
  await writeIdentity(join(certs, OURS), ours)
  await mkdir(join(certs, 'core'), { recursive: true })
  await writeAnchors(join(certs, 'anchors.pem'), s.ca)
  await writeFile(join(certs, 'core/secret'), `${s.credentials.secret}\n`, { mode: 0o600 })
  const component = {
    protocol: 'component',
    address: `${HOST}:${s.ports.core}`,
    secretFile: 'certs/core/secret',
    connections: 'one',
  }
  // No component is for names below others.
  const isServer = s.way === 'through' || s.below
  const server = { address: `${HOST}:${s.ports.core}`, trust: 'certs/anchors.pem' }
  await writeYaml(join(directory, 'federation-config/gateway.yaml'), {
    domains: { [OURS]: {} },
    core: isServer ? server : component,
    listen: {
      federation: [
        { host: HOST, port: s.ports.front },
        { host: HOST, port: s.ports.direct, tls: 'direct' },
      ],
      ...(s.way === 'through' ? { core: [{ host: HOST, port: s.ports.inner }] } : {}),
    },
    trust: { anchors: ['certs/anchors.pem'] },
    // One address is all partners; the sink answers no pings; and the end is not part of what is measured.
    limits: {
      connectionsPerAddress: 10_000,
      connections: 10_000,
      partnerConnections: 1_000_000,
      partnerConnectionsPerNetwork: 10_000_000,
      ping: '1d',
      idle: '7d',
      drain: '100ms',
      drainPace: '100ms',
      close: '100ms',
    },
  })
  const entry = {
    status: 'allowed',
    connect: [{ host: HOST, port: s.ports.partner }],
    owner: 'bench@corp.example',
    purpose: 'Measuring',
  }
  if (s.policy) await writeYaml(join(directory, 'federation-config/policy.yaml'), manyRules())
  const below = (domain: string) => (s.below ? { alsoKnownAs: [`*.${domain}`] } : {})
  for (const domain of [...s.partners, ...s.strangers]) {
    await writeYaml(join(directory, `federation-config/partners/${domain}.yaml`), {
      domain,
      ...below(domain),
      ...entry,
      ...(s.policy ? { tags: ['measured', `tag${Number(/\d+/.exec(domain)) % TAGS}`] } : {}),
    })
  }
}

async function writeYaml(file: string, content: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, stringify(content))
}
