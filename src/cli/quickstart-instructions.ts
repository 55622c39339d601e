// What `quickstart` cannot do itself, told so that it can be copied: the certificate, DNS, the firewall, the core.

import { componentSteps } from './component-lines.ts'
import { coreSteps, type CoreAction, type CoreKind, type CoreStep } from './core-lines.ts'
import { addressRecord, srvRecord } from './dns-records.ts'
import type { FirewallRule } from './firewall-rule.ts'
import type { Output } from './output.ts'
import { DIRECT_PORT, hostPort, type Plan } from './quickstart-plan.ts'
import { clientRecords, remoteFirewall, remoteSteps, remoteTold, type RemoteTold } from './remote-lines.ts'

/** What to do for a certificate, and the command that helps. */
export interface CertificateStep {
  readonly about: string
  readonly command?: string
}

export interface Instructions {
  readonly certificates: readonly CertificateStep[]
  readonly dns: readonly string[]
  readonly firewall: readonly FirewallRule[]
  readonly core: readonly { readonly kind: CoreKind; readonly steps: readonly CoreStep[] }[]
  /** Where remote users are wanted. */
  readonly remote: RemoteTold | undefined
  readonly next: readonly string[]
}

/** `secret`: what the core as a component's server shares with us. */
export function instructions(plan: Plan, secret: string): Instructions {
  const { domains, host, listen, evaluation } = plan
  return {
    certificates: evaluation ? [] : certificateSteps(plan),
    dns: evaluation
      ? []
      : [
          ...domains.map((domain) => srvRecord(domain, listen.port, host)),
          ...(plan.directTls ? domains.map((domain) => srvRecord(domain, DIRECT_PORT, host, 'direct')) : []),
          ...(plan.remote ? clientRecords(plan) : []),
          addressRecord(host, publicAddress(listen.host)),
        ],
    firewall: evaluation ? [] : firewall(plan),
    core: plan.component
      ? [
          {
            kind: plan.component,
            steps: [
              ...remoteSteps(plan, plan.component),
              ...componentSteps({ kind: plan.component, core: plan.core, secret, names: EXAMPLES }),
            ],
          },
        ]
      : plan.coreKinds.map((kind) => ({
          kind,
          steps: [
            ...remoteSteps(plan, kind),
            ...coreSteps({
              kind,
              gateway: plan.gatewayForCore,
              dnsView: plan.dnsView,
              domain: domains[0]!,
              beside: plan.beside && !evaluation ? plan.core : undefined,
            }),
          ],
        })),
    remote: remoteTold(plan),
    next: nextSteps(plan),
  }
}

/** Partners come later: the first ones in the lines of a core that must know their names. */
const EXAMPLES = ['partner.example', 'conference.partner.example']

function nextSteps({ domains, evaluation, inner, component, remote }: Plan): readonly string[] {
  const unreachable = evaluation && !component && inner?.port !== 5269
  return [
    ...(unreachable
      ? [
          '# The core connects to port 5269 for names without SRV records: to try a real one, begin again with --inner 127.0.53.2',
        ]
      : []),
    ...(domains.length > 1
      ? []
      : [
          `# Rooms are a domain of their own. If the core has some: begin again, in an empty directory, with --conference conference.${domains[0]}`,
        ]),
    ...(evaluation || remote
      ? []
      : ['# Remote users are not let in: begin again with --remote for that, or follow docs/remote-users.md']),
    'npx sallyport check',
    'npx sallyport serve',
    ...(component ? ['# Each name of a partner must be told to the core too, in the lines above.'] : []),
    'npx sallyport partner add <domain of a partner> --also <their room service>',
    ...(evaluation ? [] : ['npx sallyport check --online']),
  ]
}

function certificateSteps({ domains, core, coreTrust, component }: Plan): readonly CertificateStep[] {
  const own = domains.map((domain) => ({
    about: `Send certs/${domain}/request.csr to a public CA. When its answer is there, with the intermediates:`,
    command: `npx sallyport cert import ${domain} <files of the CA>`,
  }))
  if (coreTrust !== undefined || component) return own
  return [
    ...own,
    {
      about:
        "Put the CA that issued the core's certificate, or that certificate itself, in certs/core/ca.pem. The core shows which it has:",
      command: `openssl s_client -connect ${hostPort(core)} -starttls xmpp-server -xmpphost ${domains[0]} -showcerts </dev/null`,
    },
  ]
}

/** An address of a private network is not what partners reach. */
function publicAddress(host: string | undefined): string | undefined {
  return host === undefined || /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|127\.|f[cd]|::1)/.test(host)
    ? undefined
    : host
}

function firewall(plan: Plan): readonly FirewallRule[] {
  const { listen, beside } = plan
  const gateway = listen.host ?? 'gateway'
  return [
    {
      from: 'anywhere',
      to: gateway,
      port: `tcp ${listen.port}${plan.directTls ? ` and ${DIRECT_PORT}` : ''}`,
      verdict: 'allow',
      why: 'partners connect to us',
    },
    {
      from: gateway,
      to: 'anywhere',
      port: 'tcp 5269 (SRV may say others)',
      verdict: 'allow',
      why: 'we connect to partners',
    },
    { from: gateway, to: 'your resolvers', port: 'udp and tcp 53', verdict: 'allow', why: 'to find partners' },
    ...(beside ? rulesBeside() : rulesToCore(plan, gateway)),
    ...remoteFirewall(plan),
  ]
}

/** Core and gateway have one address outside, so only the user tells them apart. */
function rulesBeside(): readonly FirewallRule[] {
  return [
    {
      from: "the core's system user",
      to: 'anywhere but this host',
      port: 'tcp 5269',
      verdict: 'deny',
      why: 'nothing passes by the gateway (nft: meta skuid)',
    },
  ]
}

function rulesToCore(
  { core, component, coreNetworks, listen, inner, gatewayForCore }: Plan,
  gateway: string,
): readonly FirewallRule[] {
  if (component) {
    const both = 'the gateway, as a component: stanzas both ways'
    return [
      { from: gateway, to: core.host, port: `tcp ${core.port}`, verdict: 'allow', why: both },
      { from: 'core', to: 'anywhere', port: 'tcp 5269', verdict: 'deny', why: 'nothing passes by the gateway' },
    ]
  }
  const coreFrom = coreNetworks.length === 0 ? 'core' : coreNetworks.join(', ')
  return [
    {
      from: coreFrom,
      to: inner?.host ?? gatewayForCore,
      port: `tcp ${inner?.port ?? listen.port}`,
      verdict: 'allow',
      why: 'the core sends to partners',
    },
    {
      from: inner?.host ?? gateway,
      to: core.host,
      port: `tcp ${core.port}`,
      verdict: 'allow',
      why: 'partners reach the core',
    },
    { from: coreFrom, to: 'anywhere', port: 'tcp 5269', verdict: 'deny', why: 'nothing passes by the gateway' },
  ]
}

/** What to do with the lines, before the name of the file. */
const ACTIONS: Readonly<Record<CoreAction, string>> = {
  write: '',
  set: 'in ',
  add: 'in ',
  delete: 'delete from ',
  run: '',
  read: '',
}

const TITLES: Readonly<Record<CoreKind, string>> = {
  prosody: 'Prosody',
  ejabberd: 'ejabberd',
  openfire: 'Openfire',
  'm-link': 'M-Link',
}

export function showInstructions(output: Output, told: Instructions): void {
  if (told.certificates.length > 0) {
    output.heading('Certificates')
    for (const { about, command } of told.certificates) {
      output.paragraph(about, '  ')
      if (command !== undefined) output.block(command)
    }
  }
  if (told.dns.length > 0) {
    output.heading('DNS records to publish')
    output.block(told.dns.join('\n'))
  }
  if (told.firewall.length > 0) {
    output.heading('Firewall')
    output.table(
      ['from', 'to', 'port', '', 'why'],
      told.firewall.map(({ from, to, port, verdict, why }) => [from, to, port, verdict, why]),
    )
  }
  for (const { kind, steps } of told.core) {
    output.heading(told.core.length > 1 ? `If the core is ${TITLES[kind]}` : `At the core, ${TITLES[kind]}`)
    for (const { about, action, file, lines } of steps) {
      output.paragraph(about, '  ')
      if (file !== undefined) output.line('    # ', ACTIONS[action], file)
      if (lines !== '') output.block(lines)
      output.line()
    }
  }
  if (told.remote) {
    output.heading('Remote users')
    for (const step of told.remote.steps) output.paragraph(step, '  ')
    output.line()
    output.line('  Tell your users:')
    for (const words of told.remote.users) output.paragraph(words, '    ')
  }
  output.heading('Then')
  output.block(told.next.join('\n'))
}
