// What has to be changed at a core that is to know the gateway as its component: the exact lines for Prosody and ejabberd.
// Whatever the server: it gets a component for each name of a partner, and has no streams with other servers.
//
// Rule: as in `core-lines.ts`, the lines fit Debian's own configuration files as they are installed.

import type { HostPort } from '../config/values.ts'
import type { CoreStep } from './core-lines.ts'

export const COMPONENT_KINDS = ['prosody', 'ejabberd'] as const
export type ComponentKind = (typeof COMPONENT_KINDS)[number]

export interface ComponentFacts {
  readonly kind: ComponentKind
  /** Where the core listens for components. */
  readonly core: HostPort
  readonly secret: string
  /** Names of partners to begin with; rooms are names of their own. */
  readonly names: readonly string[]
}

/** How many connections the gateway holds to such a core. */
export const connectionsOf = (kind: ComponentKind): 'one' | 'per-domain' => (kind === 'ejabberd' ? 'one' : 'per-domain')

/** The steps for a kind of server, in order. */
export const componentSteps = (facts: ComponentFacts): readonly CoreStep[] =>
  facts.kind === 'prosody' ? prosody(facts) : ejabberd(facts)

function prosody({ core, secret, names }: ComponentFacts): readonly CoreStep[] {
  return [
    {
      about:
        'Prosody knows the gateway as a component for each name of a partner, rooms included: a block for each, under the same secret. Nothing else leaves it. What this file says replaces what stands in prosody.cfg.lua: take over what you have changed in modules_disabled. The secret is in it, so only Prosody may read it (chown root:prosody, chmod 640).',
      action: 'write',
      file: '/etc/prosody/conf.d/sallyport.cfg.lua',
      lines: [
        `component_interfaces = { "${core.host}" }`,
        `component_ports = { ${core.port} }`,
        'modules_disabled = { "s2s" }',
        ...names.flatMap((name) => [`Component "${name}"`, `  component_secret = "${secret}"`]),
      ].join('\n'),
    },
    run('prosodyctl check config\nsystemctl restart prosody'),
  ]
}

function ejabberd({ core, secret, names }: ComponentFacts): readonly CoreStep[] {
  const file = '/etc/ejabberd/ejabberd.yml'
  return [
    {
      about: 'Nothing leaves ejabberd but by the gateway. At the top level:',
      action: 'set',
      file,
      lines: 's2s_access: none',
    },
    {
      about:
        'ejabberd knows the gateway as the component for every name of a partner, rooms included: an entry below hosts for each. check_from: false, since a partner that is not in the list yet would otherwise end the connection for all; the gateway has checked who speaks. Below listen, one entry more:',
      action: 'add',
      file,
      lines: [
        'listen:',
        '  -',
        `    port: ${core.port}`,
        `    ip: "${core.host}"`,
        '    module: ejabberd_service',
        '    access: all',
        '    max_stanza_size: 524288',
        '    check_from: false',
        '    global_routes: true',
        '    hosts:',
        ...names.map((name) => `      "${name}": { password: "${secret}" }`),
      ].join('\n'),
    },
    run('systemctl restart ejabberd'),
  ]
}

const run = (lines: string): CoreStep => ({ about: 'Then:', action: 'run', file: undefined, lines })
