// What the classes of partners mean that are built in: plain data, and the defaults of rules that ask for a class. A class of
// one's own is a name for walls and rules to speak of; by itself it means what `federated` means.

/** A class that is built in, or one of `federation.classes`: a name. What it means is said by the rules that ask for it. */
export type PartnerClass = string

export interface ClassTerms {
  /** May users of theirs begin, whom none of ours has added or written to? */
  readonly mayBegin: boolean
  /** Are they shown the notes in our users' presence? RFC 6121 §4.7.2.2 */
  readonly seesNotes: boolean
}

const FEDERATED: ClassTerms = { mayBegin: true, seesNotes: true }

export const CLASSES: ReadonlyMap<PartnerClass, ClassTerms> = new Map([
  ['federated', FEDERATED],
  ['public-verified', { mayBegin: true, seesNotes: false }],
  ['public-unverified', { mayBegin: false, seesNotes: false }],
])

/** What a class means; of who has no entry, and so no class: what `federated` does. */
export const classTerms = (name: PartnerClass | undefined): ClassTerms =>
  (name === undefined ? undefined : CLASSES.get(name)) ?? FEDERATED
