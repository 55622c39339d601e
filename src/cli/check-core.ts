// The part of `check --online` that knocks at the core as a partner would: it must prove each of our domains to the
// gateway, serve it, and believe what the internal CA vouches for. Nothing is sent on the stream.

import { join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { dial } from '../net/dial.ts'
import { DEFAULT_LIMITS } from '../net/limits.ts'
import { Resolver } from '../net/resolve.ts'
import type { StreamHandler } from '../net/stream.ts'
import { openInternalCa } from '../trust/internal-ca.ts'
import { loadCoreTrust, verifyCore } from '../trust/verify-core.ts'
import { reason } from '../xmpp/reasons.ts'
import { INTERNAL_CA } from './check-certificates.ts'
import type { Checked } from './checked.ts'

/** A name that no partner has. RFC 6761 §6.4. */
const VISITOR = 'sallyport-check.invalid'

const SILENT: StreamHandler = { frame() {}, drained() {}, closed() {} }

export interface CoreCheck {
  readonly settings: Settings
  readonly directory: string
  readonly now: () => number
}

/** What the core says to a visitor, for each of our domains; nothing where the files say already what is wrong. */
export async function checkCore({ settings, directory, now }: CoreCheck): Promise<readonly Checked[]> {
  const excludes = settings.domains.map(({ domain }) => domain)
  const { ca } = await openInternalCa({ directory: join(directory, INTERNAL_CA), excludes, now })
  const { trust, findings } = await loadCoreTrust(settings.core.trust)
  if (ca === undefined || findings.some(({ severity }) => severity === 'error')) return []
  const { host, port } = settings.core
  const resolver = new Resolver(settings.dns)
  const limits = {
    ...DEFAULT_LIMITS,
    connectMs: settings.limits.connectMs,
    negotiationMs: settings.limits.negotiationMs,
  }
  const identity = await ca.identity(VISITOR)
  const visit = async (domain: string): Promise<Checked> => {
    const result = await dial(
      {
        pair: { local: VISITOR, remote: domain },
        leg: 'core',
        targets: [{ host, port, tls: 'starttls' }],
        addresses: (name) => resolver.addresses(name),
        identity,
        verify: (chain) => Promise.resolve(verifyCore(chain, { domain, trust, now: now() })),
        limits,
        reference: 'check',
      },
      () => SILENT,
    )
    const about = { area: 'core', subject: domain } as const
    if (result.ok) {
      await result.stream[Symbol.asyncDispose]()
      return { ...about, severity: 'ok', message: 'the core proves the name, and accepts the gateway' }
    }
    const { reason: id, detail } = result.failure
    const { means, act, atCore = act } = reason(id)
    return {
      ...about,
      severity: 'error',
      message: `${id}: ${means}${detail === '' ? '' : ` (${detail})`}`,
      act: atCore,
    }
  }
  return Promise.all(settings.domains.map(({ domain }) => visit(domain)))
}
