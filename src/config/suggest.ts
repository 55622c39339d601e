// "Did you mean": the known word nearest to one that is not known.

/** The nearest of `known` by edit distance (swapped neighbours count once), or undefined when none is near enough. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const wanted = word.toLowerCase()
  if (wanted.length > MAX_LENGTH) return undefined
  const allowed = wanted.length <= 3 ? 1 : wanted.length <= 6 ? 2 : 3
  let best: { readonly word: string; readonly distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance > allowed || distance >= candidate.length) continue
    if (best === undefined || distance < best.distance) best = { word: candidate, distance }
  }
  // A beginning is near as well: `cert` for `certificate`.
  const longer = wanted.length < 3 ? undefined : [...known].find((one) => one.toLowerCase().startsWith(wanted))
  return best?.word ?? longer
}

const MAX_LENGTH = 64

/** Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let distance = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) distance = Math.min(distance, at(before, j - 2) + 1)
      row.push(distance)
    }
    before = above
    above = row
  }
  return at(above, b.length)
}

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity
