// The part of `check --online` for a core that knows us as its component: does it take the secret, and does it know every
// name of a partner? With a gateway running, that one is asked: a second connection would take stanzas from it.

import { join } from 'node:path'
import type { StatusOutput } from '../admin/schemas.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { ComponentSettings, Settings } from '../config/settings.ts'
import { networkSet } from '../config/values.ts'
import { dialComponent, handBack } from '../net/dial-component.ts'
import { DEFAULT_LIMITS } from '../net/limits.ts'
import { Resolver } from '../net/resolve.ts'
import { openInternalCa } from '../trust/internal-ca.ts'
import type { MintingCa } from '../trust/minting-ca.ts'
import { loadSecret } from '../trust/secret.ts'
import { loadCoreTrust, verifyCore, type CoreTrust } from '../trust/verify-core.ts'
import { reason, type ReasonId } from '../xmpp/reasons.ts'
import { INTERNAL_CA } from './check-certificates.ts'
import type { Checked } from './checked.ts'

export interface ComponentCheck {
  readonly settings: Settings
  readonly partners: LoadedConfig['partners']
  readonly directory: string
  readonly now: () => number
  readonly running: StatusOutput | undefined
}

/** What the core says to each name of a partner; nothing where the files say already what is wrong. */
export async function checkComponents(o: ComponentCheck): Promise<readonly Checked[]> {
  const { settings, partners, running } = o
  const how = settings.core.component
  const names = partners.flatMap(({ domain, alsoKnownAs }) => [
    domain,
    ...alsoKnownAs.filter((name) => !name.startsWith('*.')),
  ])
  if (!how) return []
  const [first] = names
  if (first === undefined) return [{ area: 'core', severity: 'warning', subject: '', message: NO_NAMES, act: ADD }]
  if (running?.core.components) return names.map((name) => asRunning(name, how, running))
  const { secret } = await loadSecret(how.secretFile)
  const proofs = secret === undefined ? undefined : await proofsOf(o, secret)
  if (!proofs) return []
  const asked = how.connections === 'one' ? [first] : names
  const checked: Checked[] = []
  for (const name of asked) checked.push(await visit(name, how, o, proofs))
  return checked
}

const NO_NAMES = 'there is no partner yet, and a component bears the name of one'
const ADD = 'Add the first one: `sallyport partner add <domain>`.'

/** As the gateway that runs sees it. */
function asRunning(name: string, how: ComponentSettings, { streams, links }: StatusOutput): Checked {
  const about = { area: 'core', subject: name } as const
  const one = how.connections === 'one'
  const isFor = (local: string): boolean => one || local === name
  if (streams.some(({ leg, method, local }) => leg === 'core' && method === 'secret' && isFor(local))) {
    return { ...about, severity: 'ok', message: 'the core knows the running gateway as its component' }
  }
  const failure = links.find(
    ({ leg, local, lastFailure }) => leg === 'core' && isFor(local) && lastFailure,
  )?.lastFailure
  if (failure) return failed(name, failure.reason, failure.detail)
  return { ...about, severity: 'error', message: 'the running gateway has no connection to the core for it', act: LOOK }
}

const LOOK = 'Look at `sallyport status` in a moment, and at the log of the core.'

interface Proofs {
  readonly secret: string
  readonly ca: MintingCa
  readonly trust: CoreTrust
}

async function proofsOf({ settings, directory, now }: ComponentCheck, secret: string): Promise<Proofs | undefined> {
  const excludes = settings.domains.map(({ domain }) => domain)
  const { ca } = await openInternalCa({ directory: join(directory, INTERNAL_CA), excludes, now })
  const { trust, findings } = await loadCoreTrust(settings.core.trust)
  return ca && !findings.some(({ severity }) => severity === 'error') ? { secret, ca, trust } : undefined
}

async function visit(
  name: string,
  how: ComponentSettings,
  { settings, now }: ComponentCheck,
  { secret, ca, trust }: Proofs,
): Promise<Checked> {
  const domain = settings.domains[0]?.domain ?? ''
  const resolver = new Resolver(settings.dns)
  const networks = networkSet(how.plaintextNetworks)
  const { connectMs, negotiationMs } = settings.limits
  const result = await dialComponent(
    {
      pair: { local: name, remote: domain },
      core: settings.core,
      tls: how.tls,
      trusts: (address) => networks.has(address),
      secret,
      addresses: (host) => resolver.addresses(host),
      identity: () => ca.identity(name),
      verify: (chain) => verifyCore(chain, { domain, trust, now: now() }),
      limits: { ...DEFAULT_LIMITS, connectMs, negotiationMs },
      reference: 'check',
    },
    handBack,
  )
  if (!result.ok) return failed(name, result.failure.reason, result.failure.detail)
  await result.stream[Symbol.asyncDispose]()
  return { area: 'core', severity: 'ok', subject: name, message: 'the core takes the secret, and knows the component' }
}

function failed(name: string, id: ReasonId, detail: string): Checked {
  const { means, act, atCore = act } = reason(id)
  const message = `${id}: ${means}${detail === '' ? '' : ` (${detail})`}`
  return { area: 'core', severity: 'error', subject: name, message, act: atCore }
}
