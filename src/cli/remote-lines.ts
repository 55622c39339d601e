// What `quickstart --remote` writes and prints for remote users: their listeners, the example of a grant, the records that
// lead their clients here, the firewall, what the core must be told, and what the users are.

import { isIP } from 'node:net' // Pure part only.
import type { GatewayInput } from '../config/gateway-schema.ts'
import { isLoopback } from '../config/values.ts'
import type { CoreStep } from './core-lines.ts'
import { clientRecord } from './dns-records.ts'
import type { FirewallRule } from './firewall-rule.ts'
import { bracketed, hostPort, type Plan } from './quickstart-plan.ts'

const STARTTLS = 5222
const DIRECT = 5223
const HTTPS = 443
const PATH = '/xmpp-websocket'

/** Where clients find the WebSocket: at the gateway's own name, since another web server may have that of the domain. */
const webSocketUrl = ({ host }: Plan): string => `wss://${host}${PATH}`

/** `listen.remote`. */
export function remoteListeners(plan: Plan): NonNullable<NonNullable<GatewayInput['listen']>['remote']> {
  const outer = plan.listen.host === undefined ? {} : { host: plan.listen.host }
  return [
    { ...outer, port: STARTTLS },
    { ...outer, port: DIRECT, tls: 'direct' },
    ...(plan.remote?.websocket ? [{ ...outer, port: HTTPS, websocket: PATH, url: webSocketUrl(plan) }] : []),
  ]
}

const ports = ({ remote }: Plan): string =>
  remote?.websocket ? `tcp ${STARTTLS}, ${DIRECT} and ${HTTPS}` : `tcp ${STARTTLS} and ${DIRECT}`

/** policy.yaml, in which nobody is granted anything yet. */
export function policyFile({ domains }: Plan): string {
  return `# Who may log in from outside: nobody, until a grant says so. Take away the "# " of the lines below and write your own
# names; it holds at once. Who may be asked for: npx sallyport remote may anna@${domains[0]} --from 192.0.2.7
#
# groups:
#   field-staff: [anna@${domains[0]}, ben@${domains[0]}]
#
# remote:
#   block: []                      # beats every grant
#   grants:
#     - to: [field-staff]          # or everyone
#       networks: [192.0.2.0/24]   # left out: from anywhere
#       sessions: 3
`
}

/** What leads clients of the domain here. A room service has none. */
export const clientRecords = ({ domains, host }: Plan): readonly string[] => [
  clientRecord(domains[0]!, STARTTLS, host, 'starttls'),
  clientRecord(domains[0]!, DIRECT, host, 'direct'),
]

export function remoteFirewall(plan: Plan): readonly FirewallRule[] {
  const { remote, listen, beside, inner } = plan
  if (!remote) return []
  const gateway = listen.host ?? 'gateway'
  const outside = { from: 'anywhere', to: gateway, port: ports(plan), verdict: 'allow', why: 'remote users' } as const
  if (beside) return [outside]
  const { host, port } = remote.clients
  const from = inner?.host ?? gateway
  return [outside, { from, to: host, port: `tcp ${port}`, verdict: 'allow', why: 'remote users reach the core' }]
}

/** What the core must be told, as far as it differs from what Debian installs. */
export function remoteSteps({ remote, beside, gatewayForCore }: Plan, kind: string): readonly CoreStep[] {
  if (!remote) return []
  const { host } = remote.clients
  if (kind === 'prosody' && beside)
    return [
      {
        about: 'Remote users come to the gateway, so Prosody leaves the outer address to it for clients too:',
        action: 'write',
        file: '/etc/prosody/conf.d/sallyport-clients.cfg.lua',
        lines: `c2s_interfaces = { "${host}" }\nc2s_direct_tls_interfaces = { "${host}" }`,
      },
    ]
  if (kind !== 'ejabberd') return []
  const file = '/etc/ejabberd/ejabberd.yml'
  const from = !beside ? gatewayForCore : isLoopback(host) && isIP(host) === 4 ? '127.0.0.0/8' : host
  return [
    {
      about:
        'To ejabberd all remote users come from one address, that of the gateway, which counts their failed log-ins itself. Where mod_fail2ban is on (it is in what Debian installs), twenty of them would shut out everybody, unless it lets this address be. Below access_rules and below modules:',
      action: 'set',
      file,
      lines: `access_rules:\n  sallyport:\n    allow:\n      ip: "${from}"\nmodules:\n  mod_fail2ban:\n    access: sallyport`,
    },
    ...(beside
      ? ([
          {
            about: `Each entry of ejabberd_c2s below listen gets ip: "${host}", so that ejabberd leaves the outer address to the gateway for clients too.`,
            action: 'read',
            file: undefined,
            lines: '',
          },
        ] as const)
      : []),
  ]
}

export interface RemoteTold {
  /** What is left to do here. */
  readonly steps: readonly string[]
  readonly users: readonly string[]
}

/** What is left to do, and what to tell the users. */
export function remoteTold(plan: Plan): RemoteTold | undefined {
  const { remote, domains, component, core } = plan
  if (!remote) return undefined
  const domain = domains[0]!
  const clients = hostPort(remote.clients)
  return {
    steps: [
      `Nobody may log in from outside yet: grant it in federation-config/policy.yaml, which has an example.`,
      `Clients of the core must connect at ${clients}, with STARTTLS and a certificate for ${domain} that certs/core/ca.pem proves.` +
        (component || remote.clients.host !== core.host
          ? ` It shows which it has: openssl s_client -connect ${clients} -starttls xmpp -xmpphost ${domain} -showcerts </dev/null`
          : ''),
      ...(remote.websocket
        ? [
            `Clients in browsers ask https://${domain}/.well-known/host-meta and host-meta.json. Where another web server has that name, let it hand both paths on to https://${bracketed(plan.host)}, with the name ${domain} as Host, or serve what docs/remote-users.md shows under "Over WebSocket".`,
          ]
        : []),
    ],
    users: [
      `Your address is <name>@${domain}, and your password is the one from inside. Leave server, port and proxy empty; encryption is required.`,
      'A wrong password, a name that does not exist and an account that may not log in from outside all look the same: "not authorized". After a few failures wait, or ask your administrator (npx sallyport remote locks).',
    ],
  }
}
