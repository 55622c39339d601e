// The SRG rows as assessment results of OSCAL 1.0.4 (NIST): an observation for each case that was played, a finding for each row
// that applies. What does not apply is excluded from the controls that were reviewed, and says why.

import { named, type Run, UNSEEN } from '../../verdict.ts'
import type { Report } from '../report.ts'
import { uuidOf } from '../uuid.ts'
import { DISCLAIMER, type SrgRow, TITLE } from './rows.ts'

export function assessmentOf(report: Report, rows: readonly SrgRow[]): object {
  const { id, made, system, runs } = report
  const [applies, excluded] = [rows.filter(isApplied), rows.filter((row) => !isApplied(row))]
  const seen = [
    ...Map.groupBy(
      rows.flatMap((row) => row.runs),
      (run) => run.case,
    ),
  ]
  const observations = seen.map(([name, own]) => observationOf(id, name, own))
  const start = Math.min(...runs.map(({ began }) => began))
  return {
    'assessment-results': {
      uuid: uuidOf(`assessment ${id}`),
      metadata: {
        title: `Sallyport ${system.version}, profile ${system.profile}: ${TITLE}`,
        ...{ 'last-modified': made, version: id, 'oscal-version': '1.0.4', remarks: DISCLAIMER },
      },
      'import-ap': { href: 'report.html', remarks: 'The cases of the report are its plan.' },
      results: [
        {
          ...{ uuid: uuidOf(`result ${id}`), title: `Report ${id}`, description: TITLE },
          ...{ start: runs.length > 0 ? new Date(start).toISOString() : made, end: made },
          'reviewed-controls': {
            'control-selections': [
              {
                ...(applies.length > 0 && { 'include-controls': applies.map(controlOf) }),
                ...(excluded.length > 0 && { 'exclude-controls': excluded.map(controlOf) }),
                remarks:
                  excluded.map(({ requirement, verdict }) => `${requirement.id}: ${verdict.because}`).join('\n') ||
                  'All apply.',
              },
            ],
          },
          ...(observations.length > 0 && { observations }),
          ...(applies.length > 0 && { findings: applies.map((row) => findingOf(id, row)) }),
        },
      ],
    },
  }
}

const isApplied = ({ verdict }: SrgRow): boolean => verdict.result !== 'N/A'

const controlOf = ({ requirement }: SrgRow): object => ({ 'control-id': requirement.id.toLowerCase() })

const observationId = (report: string, name: string): string => uuidOf(`observation ${report} ${name}`)

function observationOf(report: string, name: string, runs: readonly Run[]): object {
  const outcomes = runs.map(
    (run) => `${named(run)}: ${run.outcome.kind}${'detail' in run.outcome ? `, ${run.outcome.detail}` : ''}`,
  )
  return {
    ...{ uuid: observationId(report, name), title: name, description: [...new Set(outcomes)].join('\n') },
    ...{ methods: ['TEST'], collected: new Date(Math.max(...runs.map(({ began, ms }) => began + ms))).toISOString() },
    'relevant-evidence': [...new Set(runs.flatMap(({ evidence }) => evidence))].map((href) => ({
      ...{ href, description: 'What was said, logged and shown.' },
    })),
  }
}

function findingOf(report: string, { requirement, verdict, srgs, runs }: SrgRow): object {
  const { result, because } = verdict
  const cases = [...new Set(runs.map((run) => run.case))]
  const reason = result === 'Met' ? 'pass' : because === UNSEEN || result === 'Not assessed' ? 'other' : 'fail'
  return {
    ...{ uuid: uuidOf(`finding ${report} ${requirement.id}`), title: `${requirement.id}: ${result}` },
    description: `${requirement.requirement} (${srgs.join(', ') || requirement.governing})`,
    target: {
      ...{ type: 'objective-id', 'target-id': requirement.id.toLowerCase() },
      status: { state: result === 'Met' ? 'satisfied' : 'not-satisfied', reason, remarks: because },
    },
    ...(cases.length > 0 && {
      'related-observations': cases.map((name) => ({ 'observation-uuid': observationId(report, name) })),
    }),
    ...(verdict.plan !== undefined && { remarks: `Plan: ${verdict.plan}` }),
  }
}
