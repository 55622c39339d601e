// Why a run cannot begin, for a reason that whoever started it can mend: nothing is found by it, and there is no report.

export class Unready extends Error {
  /** What to do, as a sentence. */
  readonly act: string
  /** Is it in what was written down for the run, or in what was met? */
  readonly of: 'configuration' | 'other side'

  constructor(message: string, act: string, of: Unready['of'], cause?: unknown) {
    super(message, { cause })
    this.name = 'Unready'
    this.act = act
    this.of = of
  }
}
