// What a trace is asked for, what it tells on the way, and what it comes to. Plain data that survives JSON.

import type { ReasonId } from '../../xmpp/reasons.ts'

/** Whom a trace is about: the partner that a domain belongs to, or everybody at one IP address. */
export type TraceSubject =
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'address'; readonly address: string }

export interface TraceQuery {
  readonly subject: TraceSubject
  /** Shows what stanzas say; otherwise every text and value in them is masked. */
  readonly bodies: boolean
  readonly forMs: number
  /** Who asks, in their own words, for the log. */
  readonly by: string | undefined
}

/** What a line says of what happened. */
export interface Said {
  readonly what: 'dns' | 'connection' | 'tls' | 'stream' | 'stanza' | 'dialback' | 'refusal' | 'link' | 'presence'
  /** Of what was said: by the peer to us, or by us. */
  readonly way?: 'in' | 'out'
  /** Words, or XML in which secrets and, unless asked for, all contents are masked. */
  readonly text: string
  readonly mood?: 'good' | 'bad'
  readonly reason?: ReasonId
  readonly reference?: string
}

export interface TraceLine extends Said {
  readonly kind: 'line'
  /** ISO 8601, UTC. */
  readonly at: string
  /** What tells connections apart: the reference of one. */
  readonly connection?: string
  /** The address of the other end. */
  readonly peer?: string
}

export type TraceProgress =
  /** The trace runs. `about`: the address, or the domains of the partner, or the one that was named where there is no entry. */
  | { readonly kind: 'begun'; readonly at: string; readonly about: readonly string[]; readonly bodies: boolean }
  | TraceLine
  /** So many lines are missing here, because they were too many. */
  | { readonly kind: 'left-out'; readonly lines: number }

export interface TraceOutcome {
  readonly lines: number
  readonly leftOut: number
  /** Why it ended: its time was over, whoever asked had enough, or the gateway stops. */
  readonly ended: 'time' | 'caller' | 'stopped'
}
