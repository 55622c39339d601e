// A checklist as DISA's STIG Viewer 3 reads it (CKLB, JSON). Names and order of the fields are those that the viewer writes.

import { UNSEEN } from '../../verdict.ts'
import type { Report } from '../report.ts'
import { uuidOf } from '../uuid.ts'
import { DISCLAIMER, type SrgRow, TITLE } from './rows.ts'

type Status = 'not_a_finding' | 'open' | 'not_applicable' | 'not_reviewed'

export function checklistOf(report: Report, rows: readonly SrgRow[]): object {
  const { system, id } = report
  const stigUuid = uuidOf(`stig ${TITLE}`)
  return {
    title: `Sallyport ${system.version}, profile ${system.profile}`,
    id: uuidOf(`checklist ${id}`),
    stigs: [
      {
        stig_name: TITLE,
        display_name: 'XMPP edge',
        stig_id: 'Sallyport_SRG_rows',
        release_info: DISCLAIMER,
        version: '1',
        uuid: stigUuid,
        reference_identifier: '',
        size: rows.length,
        rules: rows.map((row) => ruleOf(report, row, stigUuid)),
      },
    ],
    active: true,
    mode: 2,
    has_path: false,
    target_data: {
      ...{ target_type: 'Computing', host_name: 'sallyport', ip_address: '', mac_address: '', fqdn: '' },
      ...{ comments: `Report ${id}, made ${report.made}`, role: 'None', is_web_database: false },
      ...{ technology_area: 'Boundary Security', web_db_site: '', web_db_instance: '', classification: null },
    },
    cklb_version: '1.0',
  }
}

function ruleOf({ id }: Report, row: SrgRow, stigUuid: string): object {
  const { requirement, verdict, srgs, vulnerabilities, ccis, severity } = row
  const group = vulnerabilities[0] ?? requirement.id
  const evidence = [...new Set(row.runs.flatMap((run) => run.evidence))]
  return {
    ...{ group_id_src: group, group_tree: [{ id: group, title: requirement.area, description: '' }], group_id: group },
    ...{ severity, group_title: srgs[0] ?? requirement.area, rule_id_src: requirement.id, rule_id: requirement.id },
    ...{ rule_version: requirement.id, rule_title: requirement.requirement, fix_text: verdict.plan ?? '' },
    ...{ weight: '10.0', check_content: requirement.test, check_content_ref: { href: 'report.html', name: id } },
    ...{ classification: 'Unclassified', discussion: `${requirement.level}; ${requirement.governing}` },
    ...{ false_positives: '', false_negatives: '', documentable: 'false', security_override_guidance: '' },
    ...{ potential_impacts: '', third_party_tools: '', ia_controls: '', responsibility: '', mitigations: '' },
    ...{ mitigation_control: '', legacy_ids: [], ccis, reference_identifier: '' },
    ...{ uuid: uuidOf(`rule ${requirement.id}`), stig_uuid: stigUuid, status: statusOf(row), overrides: {} },
    comments: evidence.length > 0 ? `Evidence: ${evidence.join(', ')}` : '',
    ...{ finding_details: `${verdict.result}: ${verdict.because}`, srg_id: srgs.join(', ') },
  }
}

function statusOf({ verdict: { result, because } }: SrgRow): Status {
  if (result === 'Met') return 'not_a_finding'
  if (result === 'N/A') return 'not_applicable'
  return because === UNSEEN || result === 'Not assessed' ? 'not_reviewed' : 'open'
}
