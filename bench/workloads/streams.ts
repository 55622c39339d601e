// Who takes part in workloads about streams instead of stanzas.

import type { Contestant } from '../contestants/contestant.ts'

/** What only moves bytes knows nothing of streams; there the limit is a server that speaks TLS. */
export function refusesStreams(contestant: Contestant): string | undefined {
  if (contestant.name === 'tls-server') return undefined
  return contestant.kind === 'limit' ? 'it knows no streams; the limit is tls-server' : contestant.refuses('in')
}

/** A server that speaks TLS and nothing else moves no stanzas. */
export const NO_STANZAS = 'it only meets connections'
