// Events about the keys by which partners are known. See `events.ts` for the rules.

import type { ReasonId } from '../xmpp/reasons.ts'
import type { Desk } from './desk.ts'
import type { Metrics } from './metrics.ts'
import { because } from './stream-events.ts'

/** A key of a partner, and what it was shown with. */
export interface KeyFacts {
  readonly domain: string
  readonly spki: string
  readonly change: string
  readonly reference: string | undefined
  readonly certificate: { readonly subject: string; readonly issuer: string; readonly notAfter: string } | undefined
}

export interface KeyEvents {
  /** A key that was not known, in the ordinary way of things. */
  keyNew(key: KeyFacts): void
  /** One that an administrator has to look at. */
  keyChanged(key: KeyFacts, reason: ReasonId, detail: string): void
  keyDecided(key: KeyFacts, reason: ReasonId, by: string | undefined): void
  /** Counted; a line where it is held for that, or an administrator has to look at it. */
  keyUnkept(key: KeyFacts, detail: string, is: { readonly held: boolean; readonly unusual: boolean }): void
  /** Gauges only. */
  keysNow(now: { readonly kept: number; readonly open: readonly object[] }): void
}

/** The metrics of these events. */
export function declareKeys(metrics: Metrics) {
  return {
    keyChanges: metrics.declare({
      name: 'sallyport_partner_key_changes',
      type: 'counter',
      help: 'Keys of partners that were not known, or were decided about, by what they are (first, other-side, renewed, told, early, other-ca, self-signed, not-told; unkept; confirmed, refused).',
      labels: ['change'],
    }),
    keysKept: metrics.declare({
      name: 'sallyport_partner_keys',
      type: 'gauge',
      help: 'Keys of partners that are remembered.',
      labels: [],
    }),
    keysOpen: metrics.declare({
      name: 'sallyport_partner_keys_open',
      type: 'gauge',
      help: 'Keys of partners that wait for `sallyport partner confirm-certificate`.',
      labels: [],
    }),
  }
}

export function keyEvents({ log, figures }: Desk): KeyEvents {
  return {
    keyNew({ domain, spki, change, certificate }) {
      figures.keyChanges.add({ change })
      log.write('info', 'partner-key.new', { domain, change, spki, ...inWords(certificate) })
    },
    keyChanged({ domain, spki, change, reference, certificate }, reason, detail) {
      figures.keyChanges.add({ change })
      const fields = { ...because(reason), reference, domain, change, spki, ...inWords(certificate), detail }
      log.write('warn', 'partner-key.changed', fields)
    },
    keyDecided({ domain, spki, reference }, reason, by) {
      const said = reason === 'SP-913' ? 'confirmed' : 'refused'
      figures.keyChanges.add({ change: said })
      log.write('info', `partner-key.${said}`, { ...because(reason), reference, domain, spki, by })
    },
    keyUnkept({ domain, spki, change, reference, certificate }, detail, { held, unusual }) {
      figures.keyChanges.add({ change: 'unkept' })
      if (!held && !unusual) return
      const fields = { ...because('SP-390'), reference, domain, change, held, spki, ...inWords(certificate), detail }
      log.write('warn', 'partner-key.unkept', fields)
    },
    keysNow({ kept, open }) {
      figures.keysKept.set({}, kept)
      figures.keysOpen.set({}, open.length)
    },
  }
}

const inWords = (certificate: KeyFacts['certificate']) => ({
  subject: certificate?.subject,
  issuer: certificate?.issuer,
  notAfter: certificate?.notAfter,
})
