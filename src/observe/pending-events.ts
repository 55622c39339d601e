// Events about domains that wait to be let in. See `events.ts` for the rules.

import type { Desk } from './desk.ts'
import type { Metrics } from './metrics.ts'
import { because } from './stream-events.ts'

/** What is known of one. */
export interface PendingFacts {
  readonly domain: string
  readonly inbound: PendingWish | undefined
  readonly outbound: PendingWish | undefined
  readonly certificate: { readonly subject: string; readonly issuer: string; readonly notAfter: string } | undefined
  readonly probe: { readonly good: boolean; readonly says: string; readonly reason: string | undefined } | undefined
}

interface PendingWish {
  readonly from: string
  readonly to: string
  readonly kind: string
  readonly reference: string
  readonly peerAddress: string | undefined
}

export interface PendingEvents {
  /** It asks, or is asked for, for the first time, or has proven its name now. */
  domainAsks(pending: PendingFacts): void
  /** A probe was made of it. */
  domainLookedAt(pending: PendingFacts): void
  /** Gauges only. */
  pendingNow(now: { readonly waiting: number; readonly pushedOut: number }): void
}

/** The metrics of these events. */
export function declarePending(metrics: Metrics) {
  return {
    pendingDomains: metrics.declare({
      name: 'sallyport_pending_domains',
      type: 'gauge',
      help: 'Domains that wait until somebody admits them.',
      labels: [],
    }),
    pendingPushedOut: metrics.declare({
      name: 'sallyport_pending_domains_pushed_out',
      type: 'gauge',
      help: 'Domains that waited and gave way to others, as there was no room, since the start.',
      labels: [],
    }),
    domainsAsking: metrics.declare({
      name: 'sallyport_domains_asking',
      type: 'counter',
      help: 'Domains that were written down because they ask to be let in (proven), or are asked for by ours (unproven).',
      labels: ['name'],
    }),
  }
}

export function pendingEvents({ log, figures }: Desk): PendingEvents {
  return {
    domainAsks({ domain, inbound, outbound, certificate }) {
      figures.domainsAsking.add({ name: certificate ? 'proven' : 'unproven' })
      const { reference, from, to, kind, peerAddress } = inbound ?? outbound ?? NOTHING
      const fields = { ...because('SP-161'), reference, domain, proven: certificate !== undefined, from, to, kind }
      const { subject, issuer } = certificate ?? {}
      log.write('info', 'partner.asks', { ...fields, ip: peerAddress, subject, issuer })
    },
    domainLookedAt({ domain, probe }) {
      log.write('info', 'partner.probed', { domain, good: probe?.good, says: probe?.says, finding: probe?.reason })
    },
    pendingNow({ waiting, pushedOut }) {
      figures.pendingDomains.set({}, waiting)
      figures.pendingPushedOut.set({}, pushedOut)
    },
  }
}

const NOTHING: Partial<PendingWish> = {}
