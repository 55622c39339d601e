// A probe where no gateway runs: by the files alone, from this very process. What the partner's server does to answer
// cannot be seen then, for nobody listens.

import type { Settings } from '../../config/settings.ts'
import type { Partner } from '../../policy/partner.ts'
import { DialbackKeys } from '../../trust/dialback-key.ts'
import { OwnCertificates } from '../../trust/own-certificates.ts'
import { House } from '../house.ts'
import { runProbe } from './probe.ts'
import type { ProbeProgress, ProbeQuery, ProbeReport } from './report.ts'
import { probePair } from './probes.ts'

export interface OfflineOptions {
  readonly settings: Settings
  readonly partners: readonly Partner[]
  readonly query: ProbeQuery
  now(): number
  reference(): string
  tell(progress: ProbeProgress): void
}

/** Meets nobody as the core, so it needs no internal CA. */
const NO_CA = { identity: (): Promise<never> => Promise.reject(new Error('nothing is minted without a gateway')) }

/** Tests a partner by the files of an installation. @throws ProbeRefused, or a bug */
export async function probeOffline({ settings, partners, query, ...rest }: OfflineOptions): Promise<ProbeReport> {
  const { now } = rest
  const { own } = await OwnCertificates.load(settings.domains, { now, watch: false })
  try {
    const { house } = await House.build({ settings, partners, own, ca: NO_CA, now })
    let bug: unknown
    // Nobody listens who could be asked about them, so one secret is as good as another.
    const keys = new DialbackKeys(rest.reference())
    const report = await runProbe({
      ...rest,
      house,
      pair: probePair(house, query),
      timeoutMs: query.timeoutMs,
      listeners: [],
      callback: undefined,
      signal: new AbortController().signal,
      key: ({ local, remote }, id) => keys.make({ receiving: remote, originating: local, id }),
      opened: () => {},
      ended: () => {},
      notOpened: () => {},
      bug: (error) => (bug ??= error),
    })
    if (bug !== undefined) throw new Error('a bug of the probe', { cause: bug })
    return report
  } finally {
    await own[Symbol.asyncDispose]()
  }
}
