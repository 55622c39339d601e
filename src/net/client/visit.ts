// A visit to the client port of the core, of somebody who does not log in: what would a remote user be offered?

import { rewriteFeatures } from '../../stream/client/features.ts'
import { type InnerOptions, reachCore, type Reached } from './inner.ts'

export interface Visit {
  readonly ok: true
  /** Mechanisms by which a remote user can log in, and those that do not pass. */
  readonly mechanisms: readonly string[]
  readonly withheld: readonly string[]
  readonly bindsChannel: boolean
  readonly compresses: boolean
}

/** Connects, hears what the core offers, and leaves. Never rejects. */
export async function visitCore(options: Omit<InnerOptions, 'signal'>): Promise<Visit | (Reached & { ok: false })> {
  const reached = await reachCore({ ...options, signal: new AbortController().signal })
  if (!reached.ok) return reached
  const { inner, features } = reached
  const { mechanisms, withheld, bindsChannel, compresses } = rewriteFeatures(features)
  inner.leave()
  inner.release()
  await inner.gone
  return { ok: true, mechanisms, withheld, bindsChannel, compresses }
}
