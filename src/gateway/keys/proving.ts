// What a partner's certificate must still stand, once its path and its name are proven: that it was not revoked, and that
// its key is one by which the partner is known, or may become one.

import type { ObtainFile } from '../../trust/issuers.ts'
import type { PeerSide } from '../../trust/demands.ts'
import type { Verdict } from '../../trust/verdict.ts'
import type { Revocations, Shown } from '../revocations.ts'
import { whenKnown } from '../when-known.ts'
import { KnownKeys, type KnownKeysOptions } from './known-keys.ts'

/** Asks what is left to ask of a partner that has proven its name. */
export interface Confirming {
  /** Never rejects. */
  confirm(verdict: Verdict, shown: Shown & { readonly side: PeerSide }): Verdict | Promise<Verdict>
  /** What lies at a place that a certificate names. */
  readonly file: ObtainFile
}

export interface ProvingOptions extends KnownKeysOptions {
  readonly revocations: Revocations
}

export class Proving implements Confirming {
  readonly keys: KnownKeys
  readonly file: ObtainFile
  readonly #revocations: Revocations

  /** @throws StoreError */
  constructor(o: ProvingOptions) {
    this.keys = new KnownKeys(o)
    this.file = o.revocations.file
    this.#revocations = o.revocations
  }

  confirm(...[verdict, shown]: Parameters<Confirming['confirm']>): Verdict | Promise<Verdict> {
    return whenKnown(this.#revocations.confirm(verdict, shown), (confirmed) => this.keys.meet(confirmed, shown))
  }

  /** The same, and nothing is remembered of who is met: for probes. */
  get looking(): Confirming {
    return {
      confirm: async (verdict, shown) => this.keys.look(await this.#revocations.confirm(verdict, shown), shown),
      file: this.file,
    }
  }

  tick(): void {
    this.#revocations.tick()
    this.keys.tick()
  }
}
