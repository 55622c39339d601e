// What every part of `check` hands in: one thing that was looked at, how it is, and what mends it.

import type { Finding } from '../config/finding.ts'
import { shorter } from './errors.ts'

export type Severity = 'ok' | 'warning' | 'error'

/** One thing that was looked at. */
export interface Checked {
  readonly area: 'configuration' | 'certificates' | 'groups' | 'core' | 'listeners' | 'remote' | 'dns' | 'log' | 'clock'
  readonly severity: Severity
  /** What it is about: a file with its line, a domain, an address. */
  readonly subject: string
  readonly message: string
  /** What mends it. */
  readonly act?: string | undefined
}

/** A finding of `trust/` about a file, as one thing that was looked at. */
export function fromCertificateFinding({ severity, file, path, message }: Omit<Finding, 'line'>): Checked {
  const said = path === '' ? message : `${path}: ${message}`
  return { area: 'certificates', severity, subject: file === '' ? '' : shorter(file), message: said }
}
