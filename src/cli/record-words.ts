// Who is meant by a record. A stanza has a sender and a recipient; a stream has two ends, and which of them opened it is
// among its facts. `pair` names our domain first for stanzas; for streams, the one that we spoke for.

import type { RecordOutput } from '../admin/schemas.ts'
import { DOMAIN } from '../config/values.ts'

/** From whom to whom, as addresses or domains; undefined where it was never known. */
export function ends(record: RecordOutput): { readonly from: string | undefined; readonly to: string | undefined } {
  const { event, direction, pair, peerAddress } = record
  const opened = event === 'stream' ? fact(record, 'role') === 'initiating' : direction === 'outbound'
  const [near, far] = [pair?.local, pair?.remote]
  const [first, second] = opened ? [near, far] : [far, near]
  return {
    from: record.from ?? first ?? (opened ? undefined : peerAddress),
    to: record.to ?? second ?? (opened ? peerAddress : undefined),
  }
}

/** The domain outside the wall; undefined where it was never known. */
export function outside(record: RecordOutput): string | undefined {
  const { event, direction, from, to, pair } = record
  if (pair !== undefined) return event === 'stream' && fact(record, 'leg') === 'core' ? pair.local : pair.remote
  const address = direction === 'outbound' ? to : from
  return address === undefined ? undefined : DOMAIN.read(address.replace(/^[^@/]*@/, '').replace(/\/.*$/, ''))
}

function fact({ facts }: RecordOutput, name: string): unknown {
  return Object.entries(facts).find(([key]) => key === name)?.[1]
}
