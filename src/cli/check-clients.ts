// The part of `check --online` that knocks where remote users are led to: the client port of the core. It must be there,
// prove to be the core, and offer a log-in that can pass the gateway. Nobody logs in.

import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { networkSet } from '../config/values.ts'
import { visitCore, type Visit } from '../net/client/visit.ts'
import { DEFAULT_LIMITS } from '../net/limits.ts'
import { Resolver } from '../net/resolve.ts'
import { openUsersCa, USERS_CA } from '../trust/card/users-ca.ts'
import { isThere } from '../trust/files.ts'
import type { Identity } from '../trust/identity.ts'
import type { MintingCa } from '../trust/minting-ca.ts'
import { loadCoreTrust, verifyCore } from '../trust/verify-core.ts'
import { reason, type ReasonId } from '../xmpp/reasons.ts'
import { fromCertificateFinding, type Checked } from './checked.ts'
import { hostPort } from './quickstart-plan.ts'

export interface ClientsCheck {
  readonly settings: Settings
  readonly directory: string
  readonly now: () => number
}

/** Nobody has this name; a certificate for it opens nothing unless somebody logs in by it. */
const VISITOR = 'sallyport-check'

export interface ClientsChecked {
  readonly checked: readonly Checked[]
  /** Our domains that have users; where the core does not say so, the first is taken to have some. */
  readonly users: readonly string[]
}

/** What the client port of the core says for each of our domains; nothing where no users are led there. */
export async function checkClients(o: ClientsCheck): Promise<ClientsChecked> {
  const { settings, now } = o
  const { clients } = settings.core
  if (!clients) return { checked: [], users: [] }
  const unknown = settings.domains.slice(0, 1).map(({ domain }) => domain)
  const { trust, findings } = await loadCoreTrust(clients.trust)
  if (findings.some(({ severity }) => severity === 'error'))
    return { checked: findings.map(fromCertificateFinding), users: unknown }
  const resolver = new Resolver(settings.dns)
  const networks = networkSet(clients.plaintextNetworks)
  const { host, port, tls, proxyProtocol } = clients
  const { connectMs, negotiationMs } = settings.limits
  const visit = (domain: string, identity?: Identity): ReturnType<typeof visitCore> =>
    visitCore({
      ...{ domain, host, port, tls, identity, reference: 'check' },
      tells: proxyProtocol ? 'visitor' : undefined,
      addresses: (name) => resolver.addresses(name),
      mayBePlaintext: (address) => networks.has(address),
      profile: settings.federation.profile,
      verify: (chain) => verifyCore(chain, { domain, trust, now: now() }),
      limits: { ...DEFAULT_LIMITS, connectMs, negotiationMs },
      bug(error) {
        throw error
      },
    })
  const about = { area: 'remote', subject: hostPort(clients) } as const
  const users = await usersCa(o)
  const checked: Checked[] = []
  const served: string[] = []
  for (const { domain } of settings.domains) {
    const seen = await visit(domain)
    if (!seen.ok) {
      // A domain of rooms has no users.
      if (seen.cause === 'SP-451') continue
      const { means, act, atCore = act } = reason(seen.reason)
      const message = `${seen.reason}: ${means}${seen.detail === '' ? '' : ` (${seen.detail})`}`
      checked.push({ ...about, severity: 'error', message, act: atCore })
      return { checked, users: served.length > 0 ? served : unknown }
    }
    served.push(domain)
    const card = users && (await visit(domain, await users.identity(`${VISITOR}@${domain}`)))
    checked.push(...logIns(domain, seen, card?.ok ? card : undefined, users !== undefined), ...whatElse(domain, seen))
  }
  if (served.length > 0) return { checked, users: served }
  return { checked: [{ ...about, severity: 'error', message: NOT_OURS, act: WHERE }], users: unknown }
}

const NOT_OURS = 'the client port of the core serves none of our domains'
const WHERE =
  'Check that `core.clients.address` is where clients of the core connect, and that the core serves our domains.'

/** By whom the core is told who has logged in by certificate; undefined: nobody does, or the CA is not made yet. */
async function usersCa({ settings, directory, now }: ClientsCheck): Promise<MintingCa | undefined> {
  const place = join(directory, USERS_CA)
  if (!settings.trust.cards || !(await isThere(join(place, 'ca.pem')))) return undefined
  const domains = settings.domains.map(({ domain }) => domain)
  return (await openUsersCa({ directory: place, domains, now, capacity: 1 })).ca
}

/** How users log in. `card`: what is offered to one with a certificate of ours. */
function logIns(domain: string, seen: Visit, card: Visit | undefined, takesCards: boolean): readonly Checked[] {
  const about = { area: 'remote', subject: domain } as const
  const { mechanisms, withheld } = seen
  const byCard = card?.withheld.includes('EXTERNAL') === true
  const ways = [...mechanisms, ...(byCard ? ['certificate'] : [])]
  const checked: Checked[] = []
  if (ways.length > 0) checked.push({ ...about, severity: 'ok', message: `users can log in by ${ways.join(', ')}` })
  else {
    const offered = withheld.length > 0 ? `only ${withheld.join(', ')}` : 'nothing to log in by'
    checked.push({
      ...about,
      severity: 'error',
      message: `the core offers ${offered}: no remote user can log in`,
      act: OFFER,
    })
  }
  if (takesCards && !byCard) {
    const message = 'the core does not offer EXTERNAL, so nobody can log in by certificate'
    checked.push({ ...about, severity: 'error', message, act: reason('SP-886').act })
  }
  return checked
}

const OFFER = 'Let the core offer SCRAM or PLAIN at its client port, on the connections that come from the gateway.'

function whatElse(domain: string, { bindsChannel, compresses }: Visit): readonly Checked[] {
  const about = { area: 'remote', subject: domain } as const
  const id: ReasonId = 'SP-823'
  const { means, act } = reason(id)
  return [
    ...(bindsChannel ? [{ ...about, severity: 'warning', message: `${id}: ${means}`, act } as const] : []),
    ...(compresses
      ? [
          {
            ...about,
            severity: 'ok',
            message: 'the core offers compression, which remote users are not offered',
          } as const,
        ]
      : []),
  ]
}
