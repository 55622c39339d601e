// How the links of a gateway are made: what each uses, and whom it tells.

import type { DialFailure } from '../net/dial.ts'
import type { Redirect } from '../net/redirect.ts'
import type { Stream, StreamEnd } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import type { ComponentWays } from './components.ts'
import type { Leg } from './leg.ts'
import type { Gateway } from './gateway.ts'
import type { GatewayOptions } from './gateway-options.ts'
import type { Adoptions } from './links/adoptions.ts'
import { linkLimits } from './links/link-options.ts'
import { ADOPTED } from './links/link-state.ts'
import { Link } from './links/link.ts'
import { openStream } from './opening.ts'
import type { Router } from './router.ts'
import { tellWait } from './trace/journal.ts'

/** What a gateway keeps to itself. */
export interface LinkMaking extends Pick<GatewayOptions, 'journal' | 'now' | 'reference' | 'random'> {
  readonly adoptions: Adoptions
  readonly router: Pick<Router, 'bounce' | 'reader'>
  opened(stream: Stream): void
  ended(stream: Stream, end: StreamEnd): void
  notOpened(failure: DialFailure): void
}

type Parts = Pick<Gateway, 'house' | 'budgets' | 'ways' | 'proving' | 'lookups' | 'tracing' | 'dialback' | 'streams'>

/** A link that must not connect before `after`; `ways`: what it does otherwise. */
export function makeLink(
  gateway: Parts,
  { adoptions, router, opened, ended, notOpened, journal, now, reference, random }: LinkMaking,
  { leg, pair, after }: { readonly leg: Leg; readonly pair: Pair; readonly after: Promise<void> | undefined },
  ways: Partial<ComponentWays>,
): Link {
  let redirect: Redirect | undefined
  return new Link({
    leg,
    pair,
    limits: linkLimits(leg, () => gateway.house.settings.limits),
    budget: gateway.budgets.of(gateway.ways.partnerOf(leg, pair)),
    after,
    open: async (handler, signal, instead) => {
      const result = await openStream({
        leg,
        pair,
        house: gateway.house,
        proving: gateway.proving,
        resolver: gateway.lookups.on(leg),
        reference: reference(),
        observer: gateway.tracing.dialling,
        signal,
        redirect,
        key: (to, id) => gateway.dialback.key(to, id),
        handler,
        bug: (error, failed) => journal.bug(error, failed),
      })
      redirect = undefined
      // Where one is up, nobody is looked for.
      if (!result.ok && instead) journal.notOpened(result.failure)
      else if (!result.ok && signal.reason !== ADOPTED) notOpened(result.failure)
      return result
    },
    adopt: (handler) => adoptions.adopt(gateway.streams.adoptable(leg, pair), handler),
    bounce: (parcel, why) => router.bounce(leg, pair.local, pair.remote, parcel, why),
    opened,
    ended: (stream, end) => {
      if (end.elsewhere !== undefined) redirect = { to: end.elsewhere, from: stream.info.peerAddress }
      ended(stream, end)
    },
    reader: (stream) => router.reader(stream),
    waits: (until) => tellWait(gateway.tracing, leg, pair, until),
    bug: (error, at) => journal.bug(error, at),
    reference,
    now,
    random,
    ...ways,
  })
}
