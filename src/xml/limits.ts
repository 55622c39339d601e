// How much XML a peer may make us hold or look at. RFC 6120 §13.12: small before it is authenticated, never below
// 10,000 bytes for a stanza after.
//
// Rule 1: every limit is checked while scanning, before the bytes beyond it are looked at or kept.
// Rule 2: what is counted does not depend on how the bytes were cut into chunks.

export interface ScanLimits {
  /** Largest first-level element, from `<` to `>`. */
  readonly stanzaBytes: number
  /** Largest stream header, and largest XML declaration. */
  readonly headerBytes: number
  /** Levels of elements within a first-level element, itself included. */
  readonly depth: number
  /** Attributes of one element, namespace declarations included. */
  readonly attributes: number
  /** Elements within a first-level element, itself included. */
  readonly elements: number
  /** Longest name of an element or attribute, prefix included, in bytes. */
  readonly nameBytes: number
  /** Namespace declarations in scope at once, the header's included. */
  readonly namespaces: number
  /** All bytes until the limits are set anew. */
  readonly totalBytes: number
  /** All elements until the limits are set anew, stream headers included. */
  readonly totalElements: number
}

/** For a peer that has not proven who it is: 8 KiB and 32 elements in all, whatever they are spent on. */
export const BEFORE_AUTHENTICATION: ScanLimits = {
  stanzaBytes: 8_192,
  headerBytes: 4_096,
  depth: 8,
  attributes: 16,
  elements: 32,
  nameBytes: 128,
  namespaces: 16,
  totalBytes: 8_192,
  totalElements: 32,
}

/** For an authenticated peer; `stanzaBytes` is configurable (`limits.stanzaBytes`). */
export const AFTER_AUTHENTICATION: ScanLimits = {
  stanzaBytes: 524_288,
  headerBytes: 4_096,
  depth: 64,
  attributes: 64,
  elements: 16_384,
  nameBytes: 512,
  namespaces: 64,
  totalBytes: Infinity,
  totalElements: Infinity,
}
