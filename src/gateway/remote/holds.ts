// Why a client is not read: something has to happen first, the core takes no more, it has said enough for a while, or it does
// not read what it is answered.

import type { ClientTransport } from '../../net/client/transport.ts'

export type Holder = 'phase' | 'pipe' | 'rate' | 'answers'

export class Holds {
  readonly #transport: Pick<ClientTransport, 'hold' | 'release'>
  readonly #holders = new Set<Holder>()

  constructor(transport: Pick<ClientTransport, 'hold' | 'release'>) {
    this.#transport = transport
  }

  get any(): boolean {
    return this.#holders.size > 0
  }

  has(holder: Holder): boolean {
    return this.#holders.has(holder)
  }

  hold(holder: Holder): void {
    if (this.#holders.size === 0) this.#transport.hold()
    this.#holders.add(holder)
  }

  /** Goes on, unless there is another reason. */
  release(holder: Holder): void {
    if (this.#holders.delete(holder) && this.#holders.size === 0) this.#transport.release()
  }
}
