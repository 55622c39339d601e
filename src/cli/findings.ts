// Findings about files, as every command shows them.

import type { FindingOutput } from '../admin/schemas.ts'
import { formatFinding, type Finding } from '../config/finding.ts'
import { tone, type Output } from './output.ts'

/** One line each, `file:line: path: what is wrong and how to write it`. */
export function showFindings(output: Output, findings: readonly (Finding | FindingOutput)[]): void {
  for (const finding of findings) {
    output.line(
      '  ',
      tone(finding.severity === 'error' ? 'bad' : 'careful', formatFinding({ ...finding, line: finding.line })),
    )
  }
}
