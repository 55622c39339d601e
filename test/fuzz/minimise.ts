// The least of a stream that still shows something: pieces are left out, from halves down to single bytes, for as long as it
// does.

/** Tries at most `tries` times. */
export function minimise(bytes: Buffer, stillShows: (fewer: Buffer) => boolean, tries = 3_000): Buffer {
  let least = bytes
  let left = tries
  for (let size = least.length >> 1; size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let changed = true; changed && left > 0;) {
      changed = false
      for (let at = 0; at < least.length && left > 0;) {
        const fewer = Buffer.concat([least.subarray(0, at), least.subarray(at + size)])
        left--
        if (stillShows(fewer)) {
          least = fewer
          changed = true
        } else at += size
      }
    }
  }
  return least
}
