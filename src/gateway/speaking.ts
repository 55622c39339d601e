// Under what the stanzas of a stream are judged: who may speak on it, and what is asked about whom.

import type { Crossing } from '../policy/facts.ts'
import type { Stream } from '../net/stream.ts'
import { authors, described, nodes } from './content.ts'
import { asRemembered } from './decorated.ts'
import type { House } from './house.ts'
import type { RouterOptions } from './router.ts'

/** What does not change from stanza to stanza while the house stands. */
export function crossingOf(
  house: House,
  stream: Stream,
  { ledgers, limiting, relations }: Pick<RouterOptions, 'ledgers' | 'limiting' | 'relations'>,
): Crossing {
  return {
    direction: stream.info.leg === 'core' ? 'outbound' : 'inbound',
    ...speakers(house, stream),
    partners: house.partners,
    conduct: (domain, terms) => house.conduct(domain, terms),
    mode: house.settings.federation.mode,
    ours: [...house.ours],
    whom: house.whom,
    judging: house.judging,
    authors,
    relations,
    nicks: ledgers.occupants,
    described,
    limits: limiting.limitsOf(house),
    nodes,
    inRoom: (frame) => ledgers.inRoom(asRemembered(frame, house.partners)),
  }
}

/** Who may speak on a stream. A component's is the core's whole way to a domain, so every domain of ours may. */
function speakers(house: House, stream: Stream): Pick<Crossing, 'provenTowards' | 'streamFor'> {
  if (stream.info.method !== 'secret') return { provenTowards: (toDomain) => stream.provenTowards(toDomain) }
  const ours = [...house.ours]
  return { provenTowards: () => ours, ...(feedsAll(house, stream) ? {} : { streamFor: stream.info.pair.local }) }
}

/** Is it a component's one connection for all names? */
export const feedsAll = ({ settings }: House, { info }: Stream): boolean =>
  info.method === 'secret' && settings.core.component?.connections === 'one'
