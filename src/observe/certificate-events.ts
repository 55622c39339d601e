// Events about the end of certificates, ours and others'. See `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import { because } from './stream-events.ts'

export type Whose = 'own' | 'partner' | 'core' | 'internal-ca' | 'users-ca'

/** A certificate, and how near its end is. */
export interface EndingFacts {
  readonly whose: Whose
  /** A domain of ours, of a partner, or the file. */
  readonly name: string
  readonly subject: string
  /** Milliseconds since 1970. */
  readonly notAfter: number
  readonly reason: ReasonId
  /** Days before the end, of which this is the first moment. */
  readonly step: 30 | 7 | 1 | 'expired'
}

/** What ends first under a name. `partner`: the entry that the name belongs to. */
export interface LeftFacts {
  readonly whose: Whose
  readonly name: string
  readonly partner?: string | undefined
  /** Milliseconds since 1970. */
  readonly notAfter: number
}

/** A step of the change from one CA of ours to the next. */
export type RotationFacts = { readonly whose: 'internal-ca' | 'users-ca' } & Phase

type Phase =
  | { readonly phase: 'begun'; readonly file: string; readonly signsFrom: number }
  | { readonly phase: 'signs' | 'over'; readonly file: string }
  | { readonly phase: 'failed'; readonly file: string; readonly detail: string }

export interface CertificateEvents {
  /** Once for each step and certificate. */
  certificateEnding(facts: EndingFacts): void
  /** Gauges only: all there are. */
  certificatesLeft(all: readonly LeftFacts[]): void
  caRotates(facts: RotationFacts): void
}

const ROTATIONS = {
  'internal-ca': { ends: 'SP-384', rotates: 'SP-385' },
  'users-ca': { ends: 'SP-887', rotates: 'SP-888' },
} as const

export function certificateEvents({ log, figures, partnerLabels, now }: Desk): CertificateEvents {
  return {
    certificateEnding({ whose, name, subject, notAfter, reason, step }) {
      const level = step === 1 || step === 'expired' ? 'error' : 'warn'
      const end = new Date(notAfter).toISOString()
      log.write(level, 'certificate.ending', { ...because(reason), whose, domain: name, subject, notAfter: end, step })
    },
    certificatesLeft(all) {
      const { certificateLeft, certificateExpiry } = figures
      certificateLeft.clear()
      certificateExpiry.clear()
      const ends = new Map<string, number>()
      for (const { whose, name, partner, notAfter } of all) {
        const label = whose === 'partner' ? partnerLabels.of(partner) : name
        const key = `${whose} ${label}`
        const end = Math.min(notAfter, ends.get(key) ?? Infinity)
        ends.set(key, end)
        certificateLeft.set({ whose, name: label }, Math.round((end - now()) / 1000))
        if (whose === 'own') certificateExpiry.set({ domain: name }, Math.floor(end / 1000))
      }
    },
    caRotates(facts) {
      const { whose, phase, file } = facts
      const { ends, rotates } = ROTATIONS[whose]
      const level = phase === 'failed' ? 'error' : phase === 'begun' ? 'warn' : 'info'
      log.write(level, `${whose}.rotates`, {
        ...because(phase === 'failed' ? ends : rotates),
        ...{ phase, file },
        signsFrom: facts.phase === 'begun' ? new Date(facts.signsFrom).toISOString() : undefined,
        detail: facts.phase === 'failed' ? facts.detail : undefined,
      })
    },
  }
}
