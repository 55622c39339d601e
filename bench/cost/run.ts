// `npm run cost`: what a byte costs the scanner, from streams of 1 KB to such of 256 MB, and in the shapes that would make it
// cost more if anything could (`shapes.ts`). Prints a table; with `--out FILE` also writes the figures as JSON.
//
//   npm run cost                     everything; some minutes
//   npm run cost -- nesting text     the shapes with these words in their names
//   npm run cost -- --most 4         streams of up to so many MB
//
// A shape is flat when a byte of the largest stream costs at most TOLERANCE times what one of a middling stream does, and as many
// units of work. The exit code is 1 when one is not.

import { writeFileSync } from 'node:fs'
import { parseArgs, styleText } from 'node:util'
import { type Cost, costOf } from './cost.ts'
import { type Shape, SHAPES } from './shapes.ts'

const KB = 1024
const MB = KB * KB
const SIZES = [KB, 16 * KB, 256 * KB, 4 * MB, 64 * MB, 256 * MB]
/** From here on the beginning of a stream no longer counts. */
const MIDDLING = 256 * KB
/** What caches and the collector may make of it. */
const TOLERANCE = 2
const WORK_TOLERANCE = 1.1

const say = (line = ''): void => void process.stdout.write(`${line}\n`)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, most: { type: 'string', default: '256' } },
})

function isFlat(costs: readonly Cost[]): boolean {
  const [middling, ...larger] = costs.filter(({ asked }) => asked >= MIDDLING)
  const last = larger.at(-1)
  if (middling === undefined || last === undefined) return true
  return last.ns <= middling.ns * TOLERANCE && last.work <= middling.work * WORK_TOLERANCE
}

const sizeName = (bytes: number): string => (bytes < MB ? `${bytes / KB} KB` : `${bytes / MB} MB`)

function rowOf({ name }: Shape, costs: readonly Cost[]): string {
  const cells = SIZES.map((size) => costs.find(({ asked }) => asked === size)?.ns.toFixed(2) ?? '')
  const work = costs.at(-1)?.work.toFixed(1) ?? ''
  return `| ${[name, ...cells, work, isFlat(costs) ? 'flat' : 'NOT FLAT'].join(' | ')} |`
}

const most = Number(values.most) * MB
const chosen = SHAPES.filter(({ name }) => positionals.length === 0 || positionals.some((word) => name.includes(word)))
if (!(most > 0) || chosen.length === 0) {
  process.stderr.write(
    `npm run cost -- [WORD …] [--most MB] [--out FILE]; shapes: ${SHAPES.map(({ name }) => name).join(', ')}\n`,
  )
  process.exit(2)
}

say(
  `Nanoseconds of processor time for each byte of a stream of so many bytes, and the scanner's units of work for each byte:\n`,
)
say(`| shape | ${SIZES.map(sizeName).join(' | ')} | work | |`)
say(`|---|${SIZES.map(() => '---:').join('|')}|---:|---|`)
const results = chosen.map((shape) => {
  const sizes = SIZES.filter((size) => size <= Math.min(most, shape.most))
  costOf(shape, MB) // The compiler learns the shape.
  const costs = sizes.map((size) => costOf(shape, size))
  say(rowOf(shape, costs))
  return { name: shape.name, about: shape.about, flat: isFlat(costs), costs }
})
const steep = results.filter(({ flat }) => !flat)
if (values.out !== undefined)
  writeFileSync(values.out, `${JSON.stringify({ format: 1, sizes: SIZES, shapes: results }, undefined, 2)}\n`)
say()
say(
  steep.length === 0
    ? `flat: all ${results.length} shapes`
    : styleText('red', `not flat: ${steep.map(({ name }) => name).join(', ')}`),
)
process.exitCode = steep.length === 0 ? 0 : 1
