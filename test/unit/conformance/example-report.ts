// A report of a run that never was, for tests of what is made of reports.

import type { TestCase } from '../../../src/conformance/case.ts'
import { CASES } from '../../../src/conformance/cases/all.ts'
import { type Ingredients, type Report, reportOf } from '../../../src/conformance/report/report.ts'
import { type Requirement, REQUIREMENTS } from '../../../src/conformance/requirement.ts'
import type { Outcome, Run } from '../../../src/conformance/verdict.ts'

export const CASES_BY_ID: ReadonlyMap<string, TestCase> = new Map(CASES.map((one) => [one.id, one]))
export const REQUIREMENTS_BY_ID: ReadonlyMap<string, Requirement> = new Map(REQUIREMENTS.map((one) => [one.id, one]))

export const INGREDIENTS: Ingredients = {
  runs: [
    {
      case: 'STR-01/other-root-namespace',
      ip: 4,
      outcome: { kind: 'pass' },
      began: 0,
      ms: 12,
      evidence: ['evidence/a.txt'],
    },
    {
      ...{ case: 'LBL-01/label/in', ip: 6, began: 0, ms: 5, evidence: ['evidence/b.txt'] },
      outcome: { kind: 'violation', detail: '<a b="c"> & \u0001=1+1' },
    },
  ],
  system: {
    ...{ version: '1.2.3', node: 'v26', openssl: '3.5', profile: 'dod', configuration: 'ab', code: 'cd', bill: 'ef' },
    ...{
      fips: false,
      system: 'Linux',
      processors: '2',
      memory: '4 GiB',
      commit: { id: '0123456789abcdef', changed: true },
    },
  },
  now: Date.UTC(2026, 10, 26),
  settings: {
    'federation-config/gateway.yaml': JSON.stringify({
      core: { address: '127.0.0.1:3' },
      listen: { federation: [{ host: '::1', port: 1 }], core: [{ host: '127.0.0.1', port: 2 }] },
      trust: { fetch: false, crls: 'certs/crls' },
    }),
    'federation-config/partners/a.yaml': JSON.stringify({ connect: [{ host: '127.0.0.1', port: 4 }] }),
    'federation-config/partners/b.yaml': JSON.stringify({ connect: [{ host: '127.0.0.1', port: 4, tls: 'direct' }] }),
    'federation-config/partners/c.yaml': JSON.stringify({ connect: [{ host: '127.0.0.1', port: 4 }] }),
  },
  limits: [{ name: 'stanzaBytes', value: '512KiB', about: 'Largest stanza.' }],
  attachments: [{ name: 'evidence/a.txt', sha256: 'abcd' }],
}
export const REPORT: Report = reportOf(INGREDIENTS)

/** A run over IPv4. */
export const ran = (id: string, outcome: Outcome): Run => ({
  ...{ case: id, ip: 4, outcome, began: 0, ms: 1, evidence: ['evidence/a.txt'] },
})

export const reported = (runs: readonly Run[]): Report => reportOf({ ...INGREDIENTS, runs })
