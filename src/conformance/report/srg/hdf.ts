// The SRG rows in the Heimdall Data Format of MITRE (exec JSON): a control for each row, a result for each run.

import { createHash } from 'node:crypto'
import { named, type Run, UNSEEN } from '../../verdict.ts'
import type { Report } from '../report.ts'
import { DISCLAIMER, type SrgRow, TITLE } from './rows.ts'

export function heimdallOf(report: Report, rows: readonly SrgRow[]): object {
  const { system, made, runs } = report
  const controls = rows.map((row) => controlOf(row, made))
  return {
    platform: { name: 'Sallyport', release: system.version, target_id: `profile ${system.profile}` },
    profiles: [
      {
        ...{ name: 'sallyport-srg-rows', title: TITLE, version: system.version, summary: DISCLAIMER },
        ...{ license: 'Apache-2.0', supports: [], attributes: [], status: 'loaded' },
        sha256: createHash('sha256').update(JSON.stringify(controls)).digest('hex'),
        groups: rows.map(({ requirement }) => ({
          ...{ id: requirement.id, title: requirement.area, controls: [requirement.id] },
        })),
        controls,
      },
    ],
    statistics: { duration: runs.reduce((sum, { ms }) => sum + ms, 0) / 1000 },
    version: system.version,
  }
}

function controlOf(row: SrgRow, made: string): object {
  const { requirement, verdict, srgs, vulnerabilities, ccis, severity, runs } = row
  return {
    ...{ id: requirement.id, title: requirement.requirement, desc: `${requirement.level}; ${requirement.governing}` },
    descriptions: [
      { label: 'check', data: requirement.test },
      ...(verdict.plan === undefined ? [] : [{ label: 'fix', data: verdict.plan }]),
    ],
    impact: verdict.result === 'N/A' ? 0 : severity === 'high' ? 0.7 : 0.5,
    refs: [],
    tags: { gtitle: srgs[0] ?? requirement.area, satisfies: srgs, gid: vulnerabilities[0], cci: ccis, severity },
    code: '',
    source_location: { ref: 'report.html', line: 0 },
    results: [...(standsWritten(row) ? [written(row, made)] : []), ...runs.map(resultOf)],
  }
}

/** Is there something to be said besides what its runs say? */
const standsWritten = ({ verdict, runs }: SrgRow): boolean =>
  runs.length === 0 || verdict.result === 'Partially met' || verdict.result === 'Not assessed'

function written({ verdict: { result, because } }: SrgRow, made: string): object {
  const about = { code_desc: because, run_time: 0, start_time: made }
  if (result === 'N/A') return { ...about, status: 'skipped', skip_message: because }
  if (result === 'Not assessed') return { ...about, status: 'skipped', skip_message: because }
  if (because === UNSEEN) return { ...about, status: 'skipped', skip_message: 'Not reviewed: no case shows it.' }
  return { ...about, status: 'failed', message: because }
}

const STATUS = {
  ...{ pass: 'passed', violation: 'failed' },
  ...{ inconclusive: 'error', 'peer-violation': 'skipped' },
} as const

function resultOf(run: Run): object {
  const { outcome, began, ms } = run
  return {
    ...{ status: STATUS[outcome.kind], code_desc: named(run), run_time: ms / 1000 },
    start_time: new Date(began).toISOString(),
    ...('detail' in outcome && { message: outcome.detail }),
  }
}
