// Turns of the event loop: in each of them every stream may give so much and no more, so that the others have theirs.
// There is one loop in the process, and so one count of its turns.

/** What one stream may give in a turn: bytes that are read, and what they hold, which may be many small things. */
export const TURN_BYTES = 131_072
export const TURN_EVENTS = 500

let number = 0
let counted = false

/** The number of this turn: the same until everybody who has something to give has had the chance to. */
export function thisTurn(): number {
  if (!counted) {
    counted = true
    setImmediate(next)
  }
  return number
}

function next(): void {
  counted = false
  number += 1
}
