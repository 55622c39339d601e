// Events about whether certificates of partners still hold. See `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import { because } from './stream-events.ts'

/** What is known of the certificates of a partner. */
export type StandingFacts =
  | { readonly status: 'good' }
  | { readonly status: 'revoked' | 'unknown'; readonly reason: ReasonId; readonly detail: string }

export interface RevocationKept {
  readonly answers: number
  readonly crls: number
  readonly bytes: number
  readonly watched: number
}

export interface RevocationEvents {
  /** Counted; a line where it is not known, or not good. */
  revocationChecked(domain: string, mode: string, standing: StandingFacts): void
  /** Counted only. */
  revocationFetched(kind: 'ocsp' | 'crl', outcome: 'ok' | ReasonId): void
  /** Gauges only. */
  revocationKept(kept: RevocationKept): void
}

export function revocationEvents({ log, figures }: Desk): RevocationEvents {
  return {
    revocationChecked(domain, mode, standing) {
      figures.revocationChecks.add({ outcome: standing.status === 'good' ? 'good' : standing.reason })
      if (standing.status === 'good') return
      const { status, reason, detail } = standing
      const refused = status === 'revoked' || mode === 'hard'
      log.write(refused ? 'warn' : 'info', `revocation.${status}`, { domain, mode, ...because(reason), detail })
    },
    revocationFetched: (kind, outcome) => figures.revocationFetches.add({ kind, outcome }),
    revocationKept({ answers, crls, bytes, watched }) {
      figures.revocationKept.set({ kind: 'ocsp' }, answers)
      figures.revocationKept.set({ kind: 'crl' }, crls)
      figures.revocationBytes.set({}, bytes)
      figures.revocationStreams.set({}, watched)
    },
  }
}
