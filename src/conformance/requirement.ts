// What is asked of an edge that federates by XMPP, row by row: from the RFCs, from what DoD and NATO have published, and
// from the guides of their security people. The rows are data (`requirements.json`), so that an assessor can read them.

import rows from './requirements.json' with { type: 'json' }

export interface Requirement {
  /** Of our own: `STR-01`. */
  readonly id: string
  readonly area: string
  readonly requirement: string
  /** `SHALL`, `SHOULD`, `MAY`, with what conditions it. */
  readonly level: string
  /** S server, C client, G gateway; E: shown by the edge itself on the wire; e: only where the feature is on. */
  readonly who: string
  readonly governing: string
  readonly source: string
  /** How it is to be tested. */
  readonly test: string
}

export const REQUIREMENTS: readonly Requirement[] = rows

/** `STR` of `STR-01`. */
export const areaOf = ({ id }: Pick<Requirement, 'id'>): string => id.slice(0, id.indexOf('-'))

export const AREAS: readonly string[] = [...new Set(REQUIREMENTS.map(areaOf))]

/** Must it be so? What is recommended, or only where something else is, is not binding. */
export const isBinding = ({ level }: Requirement): boolean => level.startsWith('SHALL')
