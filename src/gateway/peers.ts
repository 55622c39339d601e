// Which of those whom presence and questions depend on are gone: a partner's domain, or the core. Streams come and go, so
// one that ends says nothing by itself. Where one broke, its peer is looked for, and if it does not come back in time, it is lost.
//
// Rule 1: any sign of life ends the doubt: a new stream, either way, or bytes on one that was up.
// Rule 2: a peer is lost once, and back once.
// Rule 3: only those are remembered on whom something depends; the others are not looked for either.

import type { StreamEnd } from '../net/stream.ts'
import type { Pair } from '../stream/types.ts'
import type { StreamCondition } from '../xmpp/conditions.ts'
import type { ReasonId } from '../xmpp/reasons.ts'
import type { Leg } from './leg.ts'

/** Somebody at the other end of streams. The core is one, for all domains of ours. */
export type Peer = { readonly leg: 'core' } | { readonly leg: 'partner'; readonly domain: string }

/** The peer at the far end of a pair. */
export const peerOf = (leg: Leg, { remote }: Pair): Peer => (leg === 'core' ? { leg } : { leg, domain: remote })

/** Is this domain behind that peer? */
export const isBehind = (peer: Peer, domain: string, isOurs: (domain: string) => boolean): boolean =>
  peer.leg === 'core' ? isOurs(domain) : peer.domain === domain

/** Who is gone, how that was found, and since when. */
export interface Trouble {
  readonly peer: Peer
  /** Of the stream that broke, or of the one that could not be opened. */
  readonly pair: Pair
  readonly reason: ReasonId
  readonly reference: string
  /** In ms. */
  readonly since: number
}

type State =
  | { readonly phase: 'doubt'; readonly trouble: Trouble; signs: number; askedAt: number }
  /** Without trouble: it was no longer admitted. `dismissed`: nor is it now. */
  | {
      readonly phase: 'lost'
      readonly peer: Peer
      readonly trouble?: Trouble
      readonly at: number
      askedAt: number
      dismissed: boolean
    }

export interface PeersSweep {
  /** Time to come back, in ms, and between two attempts to reach it. */
  readonly returnMs: number
  readonly againMs: number
  /** Bytes that came on streams of the peer that are up; they grow while it lives. */
  signs(peer: Peer): number
}

export interface Swept {
  readonly reach: readonly Trouble[]
  readonly alive: readonly Peer[]
  readonly lost: readonly Trouble[]
  readonly forgotten: readonly Peer[]
}

/** Longest time between two attempts to reach one that is lost; from its loss on each pause doubles the time that has passed. */
const SELDOM_MS = 600_000
/** How long a lost peer is remembered. */
const FORGET_MS = 86_400_000

export class Peers {
  readonly #states = new Map<string, State>()

  /** A stream with the peer broke, or could not be opened while there was none: is it still there? */
  doubt(trouble: Trouble, signs: number): void {
    const key = keyOf(trouble.peer)
    if (!this.#states.has(key)) this.#states.set(key, { phase: 'doubt', trouble, signs, askedAt: trouble.since })
  }

  /** A stream of the peer is no longer up, and what came on it no longer counts. */
  recount(peer: Peer, signs: number): void {
    const state = this.#states.get(keyOf(peer))
    if (state?.phase === 'doubt') state.signs = Math.min(state.signs, signs)
  }

  /** The peer counts as gone, and nobody looks for it: it is no longer admitted. */
  dismiss(peer: Peer, now: number): void {
    this.#states.set(keyOf(peer), { phase: 'lost', peer, at: now, askedAt: now, dismissed: true })
  }

  /** It does not matter any more whether the peer is there. */
  forget(peer: Peer): void {
    this.#states.delete(keyOf(peer))
  }

  /** A stream with the peer has become ready. What was it until now? */
  back(peer: Peer): 'there' | 'doubt' | 'lost' {
    const key = keyOf(peer)
    const was = this.#states.get(key)?.phase
    this.#states.delete(key)
    return was ?? 'there'
  }

  /** Neither lost nor in doubt. */
  isThere(peer: Peer): boolean {
    return !this.#states.has(keyOf(peer))
  }

  isDismissed(peer: Peer): boolean {
    const state = this.#states.get(keyOf(peer))
    return state?.phase === 'lost' && state.dismissed
  }

  /** Those that were dismissed and are admitted again: lost until they come back, and to be dismissed anew if it comes to that. */
  readmit(isAdmitted: (domain: string) => boolean): void {
    for (const state of this.#states.values()) {
      if (state.phase !== 'lost' || !state.dismissed || state.peer.leg === 'core') continue
      state.dismissed = !isAdmitted(state.peer.domain)
    }
  }

  /** How many are in doubt, and how many are lost. */
  get figures(): { readonly doubted: number; readonly lost: number } {
    let lost = 0
    for (const { phase } of this.#states.values()) if (phase === 'lost') lost += 1
    return { doubted: this.#states.size - lost, lost }
  }

  /** Who is to be reached for, who shows a sign of life, who is lost now, and who has been lost so long that nobody waits for them any more. */
  sweep({ returnMs, againMs, signs }: PeersSweep, now: number): Swept {
    const swept = { reach: [] as Trouble[], alive: [] as Peer[], lost: [] as Trouble[], forgotten: [] as Peer[] }
    for (const [key, state] of this.#states) {
      if (state.phase === 'lost') {
        if (now - state.at >= FORGET_MS) {
          this.#states.delete(key)
          swept.forgotten.push(state.peer)
        } else if (
          state.trouble &&
          now - state.askedAt >= Math.min(SELDOM_MS, Math.max(againMs, state.askedAt - state.at))
        ) {
          state.askedAt = now
          swept.reach.push(state.trouble)
        }
      } else if (signs(state.trouble.peer) > state.signs) {
        this.#states.delete(key)
        swept.alive.push(state.trouble.peer)
      } else if (now - state.trouble.since >= returnMs) {
        this.#states.set(key, {
          phase: 'lost',
          peer: state.trouble.peer,
          trouble: state.trouble,
          at: now,
          askedAt: now,
          dismissed: false,
        })
        swept.lost.push(state.trouble)
      } else if (now - state.askedAt >= againMs) {
        state.askedAt = now
        swept.reach.push(state.trouble)
      }
    }
    return swept
  }
}

const keyOf = (peer: Peer): string => (peer.leg === 'core' ? 'core' : `partner ${peer.domain}`)

/**
 * Does this end of a stream leave doubt whether the peer is there? A good-bye does not, and a quarrel does not. One who
 * shuts down says its own good-byes; what it has left when it does not come back is ours to say.
 */
export const leavesDoubt = ({ by, reason, condition }: StreamEnd): boolean =>
  by === 'network' || reason === 'SP-466' || (by === 'peer' && condition === 'system-shutdown')

const GOING: ReadonlySet<StreamCondition | undefined> = new Set([
  'system-shutdown',
  'host-unknown',
  'host-gone',
] as const)

/**
 * Does a stream that could not be opened leave doubt whether the peer is there? Whoever refuses one is, and may have refused
 * only that pair: the core, say, one partner.
 */
export const refusalLeavesDoubt = ({ by, condition }: Pick<StreamEnd, 'by' | 'condition'>): boolean =>
  by !== 'peer' || GOING.has(condition)
