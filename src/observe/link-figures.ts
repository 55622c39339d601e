// What the links hold at the moment, as gauges: set before a rendering, from all links there are. See `events.ts` for
// the rules.

import type { Desk } from './desk.ts'

export interface LinkNow {
  readonly leg: string
  readonly state: 'idle' | 'connecting' | 'ready'
  /** After a failure it is too early for another attempt. */
  readonly heldBack: boolean
  /** The domain of the partner's entry on whose behalf it is. */
  readonly partner: string | undefined
  readonly stanzas: number
  readonly bytes: number
}

export interface LinkFigures {
  /** All links as they are now; gauges only. */
  linksNow(links: Iterable<LinkNow>): void
  /** Answers of DNS that are kept. */
  dnsAnswers(kept: number): void
}

export function linkFigures({ figures, partnerLabels }: Desk): LinkFigures {
  return {
    linksNow(links) {
      for (const gauge of [figures.linksNow, figures.linksHeldBack, figures.queueStanzas, figures.queueBytes]) {
        gauge.clear()
      }
      for (const { leg, state, heldBack, partner, stanzas, bytes } of links) {
        figures.linksNow.add({ leg, state })
        figures.linksHeldBack.add({ leg }, heldBack ? 1 : 0)
        const label = { leg, partner: partnerLabels.of(partner) }
        figures.queueStanzas.add(label, stanzas)
        figures.queueBytes.add(label, bytes)
      }
    },
    dnsAnswers: (kept) => figures.dnsAnswers.set({}, kept),
  }
}
