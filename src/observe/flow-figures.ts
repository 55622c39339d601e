// What is under way and who is held, as gauges: set before a rendering, from what there is. See `events.ts` for the rules.
//
// Rule: what one stream holds has no series of its own, since streams are without number; the one that holds most does.

import type { Desk } from './desk.ts'
import type { Metrics } from './metrics.ts'

/** Bytes that one stream holds: received and not looked at, written and not taken, sent and not acknowledged. */
export interface StreamBytes {
  readonly unread: number
  readonly unsent: number
  readonly unacknowledged: number
}

export interface FlowNow {
  readonly underWay: number
  /** By the domain of the partner's entry. */
  readonly partners: readonly { readonly partner: string; readonly bytes: number }[]
  readonly streams: Iterable<StreamBytes & { readonly leg: string; readonly held: boolean }>
  readonly connections: readonly { readonly listener: string; readonly open: number }[]
  /** What is held against limits of sending: who and what is remembered for it, who waits, and how many stanzas have. */
  readonly sending: {
    readonly senders: number
    readonly recipients: number
    readonly requests: number
    readonly waiting: { readonly streams: number }
    readonly smoothed: number
  }
  /** From where new connections of partners are counted, each place by itself. */
  readonly places: { readonly addresses: number; readonly networks: number }
  /** Rooms of ours with others in them, and those. */
  readonly rooms: { readonly rooms: number; readonly occupants: number }
  readonly claims: number
  readonly minted: number
  /** Certificates of CAs that were fetched. */
  readonly issuers: number
  /** Certificates that were read and are remembered, and what they take of memory, by estimate. */
  readonly remembered: { readonly count: number; readonly bytes: number }
}

export interface FlowFigures {
  /** How things are now; gauges only. */
  flowNow(flow: FlowNow): void
}

const STATES = ['unread', 'unsent', 'unacknowledged'] as const

/** Declares these gauges. */
export function declareFlow(metrics: Metrics) {
  return {
    underWay: metrics.declare({
      name: 'sallyport_under_way_bytes',
      type: 'gauge',
      help: 'Bytes under way for all partners, waiting for links or written and not taken, with 512 more for each stanza.',
      labels: [],
    }),
    partnersUnderWay: metrics.declare({
      name: 'sallyport_partner_under_way_bytes',
      type: 'gauge',
      help: 'The same by partner, where there are any.',
      labels: ['partner'],
    }),
    streamBytes: metrics.declare({
      name: 'sallyport_stream_bytes',
      type: 'gauge',
      help: 'Bytes that streams hold, by leg and state (unread, unsent, unacknowledged).',
      labels: ['leg', 'state'],
    }),
    streamBytesMost: metrics.declare({
      name: 'sallyport_stream_bytes_most',
      type: 'gauge',
      help: 'Bytes that the stream with most of them holds, by leg and state; `status` has them for each stream.',
      labels: ['leg', 'state'],
    }),
    sourcesHeld: metrics.declare({
      name: 'sallyport_sources_held',
      type: 'gauge',
      help: 'Streams that are not read because what they feed is full, by leg.',
      labels: ['leg'],
    }),
    connections: metrics.declare({
      name: 'sallyport_connections',
      type: 'gauge',
      help: 'Connections that peers hold to us, ready or not, by listener.',
      labels: ['listener'],
    }),
    arrivalPlaces: metrics.declare({
      name: 'sallyport_arrival_places',
      type: 'gauge',
      help: 'Places of which new connections of partners are counted, each by itself, by kind (address, network); `limits.partnerPlaces` bounds both.',
      labels: ['kind'],
    }),
    meteredSenders: metrics.declare({
      name: 'sallyport_metered_senders',
      type: 'gauge',
      help: 'Partners and users whose sending is held against a limit, each by itself.',
      labels: [],
    }),
    meteredRecipients: metrics.declare({
      name: 'sallyport_metered_recipients',
      type: 'gauge',
      help: 'Recipients, requested addresses and rooms of the day that are remembered for limits.',
      labels: [],
    }),
    pendingRequests: metrics.declare({
      name: 'sallyport_pending_requests',
      type: 'gauge',
      help: 'Requests for presence from outside that wait for an answer, where they are limited.',
      labels: [],
    }),
    roomsShared: metrics.declare({
      name: 'sallyport_rooms_shared',
      type: 'gauge',
      help: 'Rooms of ours in which somebody from outside is, as far as is known.',
      labels: [],
    }),
    roomGuests: metrics.declare({
      name: 'sallyport_room_guests',
      type: 'gauge',
      help: 'Those from outside who are in rooms of ours, as far as is known; at most 20,000.',
      labels: [],
    }),
    smoothing: metrics.declare({
      name: 'sallyport_streams_smoothed',
      type: 'gauge',
      help: 'Streams that are not read since they bring more at once than a limit lets through.',
      labels: [],
    }),
    smoothed: metrics.declare({
      name: 'sallyport_stanzas_smoothed',
      type: 'gauge',
      help: 'Stanzas that had to wait for a limit, since the start; those that were too many are refused by SP-153 and SP-154.',
      labels: [],
    }),
    claimsUnderWay: metrics.declare({
      name: 'sallyport_dialback_claims_under_way',
      type: 'gauge',
      help: 'Claims of peers by dialback that are not decided yet.',
      labels: [],
    }),
    mintedCertificates: metrics.declare({
      name: 'sallyport_minted_certificates',
      type: 'gauge',
      help: 'Certificates for the core that are kept ready.',
      labels: [],
    }),
    rememberedCertificates: metrics.declare({
      name: 'sallyport_remembered_certificates',
      type: 'gauge',
      help: 'Certificates of peers that are remembered as they were read.',
      labels: [],
    }),
    fetchedIssuers: metrics.declare({
      name: 'sallyport_fetched_issuers',
      type: 'gauge',
      help: 'Certificates of CAs that partners did not send and that were fetched; at most 512 are kept.',
      labels: [],
    }),
    rememberedBytes: metrics.declare({
      name: 'sallyport_remembered_certificates_bytes',
      type: 'gauge',
      help: 'What these take of memory, by estimate; the oldest are forgotten beyond 64 MiB.',
      labels: [],
    }),
  }
}

export function flowFigures({ figures, partnerLabels }: Desk): FlowFigures {
  return {
    flowNow({ underWay, partners, streams, connections, sending, places, rooms, claims, minted, issuers, remembered }) {
      const { partnersUnderWay, streamBytes, streamBytesMost, sourcesHeld } = figures
      for (const gauge of [partnersUnderWay, streamBytes, streamBytesMost, sourcesHeld]) gauge.clear()
      figures.underWay.set({}, underWay)
      for (const { partner, bytes } of partners) partnersUnderWay.add({ partner: partnerLabels.of(partner) }, bytes)
      for (const stream of streams) {
        const { leg } = stream
        sourcesHeld.add({ leg }, stream.held ? 1 : 0)
        for (const state of STATES) {
          streamBytes.add({ leg, state }, stream[state])
          const most = streamBytesMost.with({ leg, state })
          most.value = Math.max(most.value, stream[state])
        }
      }
      figures.connections.clear()
      for (const { listener, open } of connections) figures.connections.add({ listener }, open)
      figures.meteredSenders.set({}, sending.senders)
      figures.meteredRecipients.set({}, sending.recipients)
      figures.pendingRequests.set({}, sending.requests)
      figures.arrivalPlaces.set({ kind: 'address' }, places.addresses)
      figures.arrivalPlaces.set({ kind: 'network' }, places.networks)
      figures.roomsShared.set({}, rooms.rooms)
      figures.roomGuests.set({}, rooms.occupants)
      figures.smoothing.set({}, sending.waiting.streams)
      figures.smoothed.set({}, sending.smoothed)
      figures.claimsUnderWay.set({}, claims)
      figures.mintedCertificates.set({}, minted)
      figures.fetchedIssuers.set({}, issuers)
      figures.rememberedCertificates.set({}, remembered.count)
      figures.rememberedBytes.set({}, remembered.bytes)
    },
  }
}
