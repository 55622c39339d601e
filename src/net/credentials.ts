// What the two ends of one connection show each other: our certificate, found when it is needed, and what became of theirs.

import type { TLSSocket } from 'node:tls'
import type { KeyQuestion, Pair, StreamEvent, TlsEffect, TlsInfo } from '../stream/types.ts'
import type { Identity } from '../trust/identity.ts'
import { sharedBytes } from '../trust/certificate.ts'
import { peerChain } from '../trust/peer-chain.ts'
import type { CertificateSummary } from '../trust/verdict.ts'
import type { Party } from './party.ts'
import { stapleOf } from './staples.ts'
import { tlsFor } from './secure.ts'

export class Credentials {
  readonly #party: Party
  #shown: Identity | undefined
  #seen: CertificateSummary | undefined
  #chain: readonly Buffer[] | undefined
  #staple: Buffer | undefined
  #tls: TlsInfo | undefined

  constructor(party: Party) {
    this.#party = party
  }

  /** The peer's certificate, proven or not, once it was judged. */
  get seen(): CertificateSummary | undefined {
    return this.#seen
  }

  /** The connection is secured: takes what the peer showed. */
  secured(socket: TLSSocket, tls: TlsInfo): void {
    this.#tls = tls
    this.#chain = peerChain(socket)
    this.#staple = stapleOf(socket)
  }

  /** What the peer showed, DER, leaf first; nothing before TLS. */
  get chain(): readonly Buffer[] {
    return this.#chain ?? []
  }

  /** Finds what to show for `pair.local`. Never rejects. */
  async identify(pair: Pair): Promise<StreamEvent> {
    try {
      this.#shown = await this.#party.identity(pair)
      return { kind: 'identified', found: true, detail: '' }
    } catch (error) {
      return { kind: 'identified', found: false, detail: error instanceof Error ? error.message : String(error) }
    }
  }

  /** What secures the connection; undefined when we have nothing to show. */
  wrap(effect: TlsEffect): ReturnType<typeof tlsFor> {
    return tlsFor(this.#party, effect, this.#shown)
  }

  /** Does what the peer showed prove `pair.remote`? Rejects before TLS. */
  async verify(pair: Pair): Promise<StreamEvent> {
    const { chain, tls } = this.#proof()
    const verdict = await this.#party.verify(pair, chain, this.#staple, tls)
    this.#seen = verdict.certificate
    // It is held as long as the stream: many streams of one partner hold the same.
    if (verdict.proven) this.#chain = this.#chain?.map(sharedBytes)
    return { kind: 'verified', verdict }
  }

  /** May the peer speak for the domain that it has sent a key for? Rejects where nobody judges that, and before TLS. */
  async judge({ pair, id, key }: KeyQuestion): Promise<StreamEvent> {
    if (!this.#party.judge) throw new Error('nobody judges claims')
    const { chain, tls } = this.#proof()
    const judgement = await this.#party.judge({ pair, id, key }, chain, tls)
    return { kind: 'judged', judgement }
  }

  #proof(): { readonly chain: readonly Buffer[]; readonly tls: TlsInfo } {
    if (!this.#chain || !this.#tls) throw new Error('nothing to verify before TLS')
    return { chain: this.#chain, tls: this.#tls }
  }
}
