// What is under way at the moment and who is held for it, for metrics.

import type { Stream } from '../net/stream.ts'
import { certificatesRemembered } from '../trust/certificate.ts'
import type { FlowNow } from '../observe/flow-figures.ts'
import type { Budgets } from './links/budgets.ts'
import type { SendingStatus, Status } from './control.ts'
import { legOf } from './leg.ts'

export interface FlowParts {
  readonly budgets: Budgets
  readonly streams: { all(): Iterable<Stream> }
  readonly listeners: Status['listeners']
  readonly limiting: {
    readonly status: SendingStatus
    readonly arrivals: { readonly kept: FlowNow['places'] }
    readonly doorman: { readonly rooms: { readonly figures: Status['rooms'] } }
  }
  readonly dialback: { readonly underWay: number }
  readonly house: { readonly fetchedIssuers: number }
}

/** `minted`: how many certificates for the core are kept. */
export function flowOf({ budgets, streams, listeners, limiting, dialback, house }: FlowParts, minted: number): FlowNow {
  return {
    underWay: budgets.all.underWay,
    partners: budgets.underWay,
    streams: streamsNow(streams.all()),
    connections: listeners.map(({ name, connections = 0 }) => ({ listener: name, open: connections })),
    sending: limiting.status,
    places: limiting.arrivals.kept,
    rooms: limiting.doorman.rooms.figures,
    claims: dialback.underWay,
    minted,
    issuers: house.fetchedIssuers,
    remembered: certificatesRemembered(),
  }
}

function* streamsNow(streams: Iterable<Stream>): FlowNow['streams'] {
  for (const { info, flow, acks } of streams) {
    yield { leg: legOf(info.leg), ...flow, unacknowledged: acks?.unacknowledgedBytes ?? 0 }
  }
}
