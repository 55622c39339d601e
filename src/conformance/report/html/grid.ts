// Which service types have to come together with ours (XEP-0238), and what scripted peers of each type have come to.

import { casesOf, DEPARTURES, EXPECTED, type Expected, type Success, TYPES } from '../../partner/grid.ts'
import type { Run } from '../../verdict.ts'
import { escaped } from '../escape.ts'
import type { Report } from '../report.ts'
import { linkTo, table } from './making.ts'

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of an object literal are its names
const PROFILES = Object.keys(EXPECTED) as readonly (keyof typeof EXPECTED)[]

/** A grid for each way in which an entry may ask for proof. */
export function grids({ pairwise, runs, system }: Report): string {
  const profile = PROFILES.find((name) => name === system.profile)
  const expected = pairwise?.expected ?? (profile ? EXPECTED[profile] : {})
  return `<h3>Which service types have to come together (XEP-0238)</h3>
<p>Each is played by scripted peers of the type, as far as they were asked for: green is as expected.</p>
${Object.entries(expected)
  .map(([floor, of]) => grid(floor, of, runs))
  .join('\n')}
<p class="note">U: unsuccessful. V: verified by dialback in the clear. E: encrypted, verified by dialback. T: trusted, by certificate. Types 2 and 4, and 3 and 5, differ in whether they would do without TLS, which an edge that never does has no way to see. ${DEPARTURES.map(escaped).join(' ')}</p>`
}

function grid(floor: string, { as, initiating, receiving }: Expected, runs: readonly Run[]): string {
  const cells = (way: 'initiating' | 'receiving', row: readonly (readonly Success[])[]): readonly string[] =>
    row.map((may, index) => cellOf(may.join(' or '), casesOf(floor, way, index + 1), runs))
  const heads = TYPES.map(({ type, policy, certificate }) => `Type ${type}: ${policy}, certificate ${certificate}`)
  return `<p>Where the entry asks for <code>${escaped(floor)}</code>, ours is Type ${as}:</p>${table(
    ['Ours', ...heads],
    [
      ['opens the stream', ...cells('initiating', initiating)],
      ['is opened to', ...cells('receiving', receiving)],
    ],
  )}`
}

function cellOf(expected: string, cases: readonly string[], runs: readonly Run[]): string {
  const played = runs.filter((run) => cases.includes(run.case))
  if (played.length === 0) return `${expected}<br><small>not played</small>`
  const wrong = played.find(({ outcome }) => outcome.kind !== 'pass')
  if (wrong) return `<span class="not">not ${expected}</span><br><small>${linkTo(wrong.case)}</small>`
  return `<span class="met">${expected}</span>`
}
