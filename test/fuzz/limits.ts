// The limits that streams are read under here: the real ones, and small ones, which are reached more often.

import { AFTER_AUTHENTICATION, BEFORE_AUTHENTICATION, type ScanLimits } from '../../src/xml/limits.ts'

export const LIMITS = {
  after: AFTER_AUTHENTICATION,
  before: BEFORE_AUTHENTICATION,
  small: {
    stanzaBytes: 300,
    headerBytes: 250,
    depth: 4,
    attributes: 5,
    elements: 9,
    nameBytes: 16,
    namespaces: 8,
    totalBytes: 1_500,
    totalElements: 24,
  },
} as const satisfies Record<string, ScanLimits>

export type LimitsName = keyof typeof LIMITS
export const LIMITS_NAMES: readonly LimitsName[] = ['after', 'before', 'small']
