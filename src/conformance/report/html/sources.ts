// What the page is made of.

import type { TestCase } from '../../case.ts'
import type { Requirement } from '../../requirement.ts'
import type { Report } from '../report.ts'

/** What every part of the page is made of. */
export interface Sources {
  readonly report: Report
  readonly cases: ReadonlyMap<string, TestCase>
  readonly requirements: ReadonlyMap<string, Requirement>
}
