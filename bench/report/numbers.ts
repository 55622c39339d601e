// Numbers as people read them in a table or beside a bar: three digits that count, and the unit they are in.

import type { FigureKind } from '../results.ts'

type Unit = FigureKind['unit']

const BINARY = ['B', 'KB', 'MB', 'GB', 'TB']

/** `1.64 M`, `38.2 k`, `412 µs`, `45.1 KB`; `—` for what is not a number. */
export function written(value: number, unit: Unit): string {
  if (!Number.isFinite(value)) return '—'
  if (unit === 'bytes') return inSteps(value, 1024, BINARY, ' ')
  if (unit === 'per second' || unit === 'per CPU-second' || unit === 'count')
    return inSteps(value, 1000, ['', 'k', 'M', 'G'], ' ')
  if (unit === '%') return `${digits(value)} %`
  if (unit === 'cores') return digits(value)
  return `${digits(value)} ${unit}`
}

/** A ratio in few digits, for beside a bar: `12 ×`, `1.3 ×`, `0.08 ×`. */
export function roughly(ratio: number): string {
  if (ratio < 0.01) return '< 0.01 ×'
  return `${ratio >= 10 ? Math.round(ratio) : Number(ratio.toPrecision(2))} ×`
}

/** A ratio: `12.3 ×`. */
export const times = (ratio: number): string => (Number.isFinite(ratio) ? `${digits(ratio)} ×` : '—')

/** Three digits that count, but none of a whole number is left out. */
export function digits(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= 100) return String(Math.round(value))
  return String(Number(value.toPrecision(3)))
}

function inSteps(value: number, step: number, names: readonly string[], space: string): string {
  let [scaled, n] = [value, 0]
  while (Math.abs(scaled) >= step && n < names.length - 1) {
    scaled /= step
    n += 1
  }
  const name = names[n] ?? ''
  return name === '' ? digits(scaled) : `${digits(scaled)}${space}${name}`
}
