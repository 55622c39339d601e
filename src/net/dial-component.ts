// How the core is met as a component (XEP-0114): where, by which secret, and over which network at all.

import { component } from '../stream/component.ts'
import type { Pair } from '../stream/types.ts'
import { componentDigest } from '../trust/secret.ts'
import type { Identity } from '../trust/identity.ts'
import type { Verdict } from '../trust/verdict.ts'
import { errorReply } from '../xml/stanza-error.ts'
import { dial, type DialOptions, type DialResult } from './dial.ts'
import type { AddressResolution, Resolution } from './resolve.ts'
import type { Stream, StreamHandler } from './stream.ts'

export interface ComponentDialOptions extends Pick<
  DialOptions,
  'limits' | 'reference' | 'signal' | 'bug' | 'observer'
> {
  /** `local`: the name to bear. `remote`: the domain of ours that a certificate of the core has to name. */
  readonly pair: Pair
  readonly core: { readonly host: string; readonly port: number }
  /** `none`: plaintext, and only to addresses that `trusts` says yes to. */
  readonly tls: 'direct' | 'none'
  trusts(address: string): boolean
  readonly secret: string
  addresses(host: string): Promise<AddressResolution>
  /** What is shown in TLS. */
  identity(): Promise<Identity>
  verify(chain: readonly Buffer[]): Verdict
}

/** Connects as a component. Rejects only where `identity` does. */
export async function dialComponent(
  options: ComponentDialOptions,
  handler: (stream: Stream) => StreamHandler,
): Promise<DialResult> {
  const { pair, core, tls, secret, limits, reference, signal, bug, observer } = options
  const { host, port } = core
  return dial(
    {
      pair,
      leg: 'core',
      targets: tls === 'direct' ? [{ host, port, tls }] : () => inPlaintext(options),
      addresses: (name) => options.addresses(name),
      ...(tls === 'direct' ? { identity: await options.identity() } : {}),
      machine: () => component({ pair, tls, digest: (id) => componentDigest(id, secret) }),
      verify: (chain) => Promise.resolve(options.verify(chain)),
      limits: { ...limits, idleMs: 0 }, // It is also the core's way to us.
      reference,
      ...(signal ? { signal } : {}),
      ...(bug ? { bug } : {}),
      observer,
    },
    handler,
  )
}

/**
 * The addresses of the core that may be met in plaintext.
 *
 * SECURITY: a name counts by what it resolves to, so that a lying DNS does not lead us out of the trusted network.
 */
async function inPlaintext({ core, addresses, trusts }: ComponentDialOptions): Promise<Resolution> {
  const { host, port } = core
  const found = await addresses(host)
  if (!found.ok) return found
  const trusted = found.addresses.filter((address) => trusts(address))
  if (trusted.length === 0)
    return { ok: false, reason: 'SP-134', detail: `${host} is at ${found.addresses.join(', ')}` }
  // The automaton never asks for STARTTLS: no server offers it to components.
  return { ok: true, targets: trusted.map((address) => ({ host, address, port, tls: 'starttls' })) }
}

/** For who only knocks: what the core has for the partner in this moment goes back to its sender. */
export function handBack(stream: Stream): StreamHandler {
  return {
    frame(frame) {
      const answer = errorReply(frame, { condition: 'remote-server-timeout', type: 'wait' })
      if (answer) stream.send(answer)
    },
    drained() {},
    closed() {},
  }
}
