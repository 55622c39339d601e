// The forms for tools of DISA, NIST and MITRE. Their schemas are not ours to copy; what they demand stands here field by field:
// of OSCAL 1.0.4 and of exec JSON what is required, of CKLB the names that STIG Viewer 3 writes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { checklistOf } from '../../../src/conformance/report/srg/cklb.ts'
import { heimdallOf } from '../../../src/conformance/report/srg/hdf.ts'
import { assessmentOf } from '../../../src/conformance/report/srg/oscal.ts'
import { srgRowsOf } from '../../../src/conformance/report/srg/rows.ts'
import { INGREDIENTS, ran, REPORT, reported, REQUIREMENTS_BY_ID } from './example-report.ts'

type Tree = Readonly<Record<string, unknown>>

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
/** RFC 3339, with an offset. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/
const TOKEN = /^[A-Za-z_][A-Za-z0-9._-]*$/

const report = reported([
  ran('TLS-10/TLSv1.3', { kind: 'pass' }),
  ran('SAS-17/no-mechanism', { kind: 'violation', detail: 'it begins' }),
])
const rows = srgRowsOf({ report, requirements: REQUIREMENTS_BY_ID })

/** As it is written, read again. */
const read = (made: object): Tree => JSON.parse(JSON.stringify(made))
const at = (tree: unknown, ...path: readonly (string | number)[]): unknown =>
  path.reduce((inner: unknown, key) => (isTree(inner) ? inner[String(key)] : undefined), tree)
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null
const list = (tree: unknown, ...path: readonly (string | number)[]): readonly unknown[] => {
  const found = at(tree, ...path)
  return Array.isArray(found) ? found : assert.fail(path.join('.'))
}
const has = (tree: unknown, ...keys: readonly string[]): void => {
  for (const key of keys) assert.notEqual(at(tree, key), undefined, key)
}
const keysOf = (tree: unknown): readonly string[] => (isTree(tree) ? Object.keys(tree) : [])

test('the rows are those of SRGs, with their ids and none made up', () => {
  const of = (id: string) => rows.find(({ requirement }) => requirement.id === id)
  assert.equal(of('STR-01'), undefined)
  assert.deepEqual(of('TLS-10')?.srgs, ['SRG-NET-000062-VVSM-00010', 'SRG-NET-000530-VVSM-00010'])
  assert.deepEqual(of('PKI-01')?.srgs, ['SRG-NET-000580-VVSM-00010'])
  assert.deepEqual(of('PKI-01')?.vulnerabilities, ['V-204950'])
  assert.deepEqual(of('PKI-08')?.ccis, ['CCI-000185'])
  assert.equal(of('AUD-03')?.severity, 'high')
  assert.ok(rows.length > 40)
})

test('the checklist has what STIG Viewer writes, and a status for each row', () => {
  const list0 = read(checklistOf(report, rows))
  assert.deepEqual(keysOf(list0), 'title id stigs active mode has_path target_data cklb_version'.split(' '))
  assert.equal(list0['cklb_version'], '1.0')
  assert.deepEqual(
    keysOf(list0['target_data']),
    'target_type host_name ip_address mac_address fqdn comments role is_web_database technology_area web_db_site web_db_instance classification'.split(
      ' ',
    ),
  )
  const stig = at(list0, 'stigs', 0)
  assert.deepEqual(
    keysOf(stig),
    'stig_name display_name stig_id release_info version uuid reference_identifier size rules'.split(' '),
  )
  const rules = list(stig, 'rules')
  assert.equal(at(stig, 'size'), rules.length)
  for (const rule of rules) {
    assert.deepEqual(
      keysOf(rule),
      'group_id_src group_tree group_id severity group_title rule_id_src rule_id rule_version rule_title fix_text weight check_content check_content_ref classification discussion false_positives false_negatives documentable security_override_guidance potential_impacts third_party_tools ia_controls responsibility mitigations mitigation_control legacy_ids ccis reference_identifier uuid stig_uuid status overrides comments finding_details srg_id'.split(
        ' ',
      ),
    )
    assert.match(String(at(rule, 'uuid')), UUID)
    assert.equal(at(rule, 'stig_uuid'), at(stig, 'uuid'))
  }
  const status = (id: string): unknown =>
    at(
      rules.find((rule) => at(rule, 'rule_id') === id),
      'status',
    )
  assert.equal(status('TLS-10'), 'not_a_finding')
  assert.equal(status('SAS-17'), 'open')
  assert.equal(status('TLS-11'), 'open', 'stands written')
  assert.equal(status('QOS-05'), 'not_applicable')
  assert.equal(status('PKI-01'), 'not_reviewed', 'no case of this run')
})

test('the assessment results have what OSCAL demands', () => {
  const results = at(read(assessmentOf(report, rows)), 'assessment-results')
  has(results, 'uuid', 'metadata', 'import-ap', 'results')
  has(at(results, 'metadata'), 'title', 'last-modified', 'version', 'oscal-version')
  assert.match(String(at(results, 'metadata', 'last-modified')), TIME)
  has(at(results, 'import-ap'), 'href')
  const [result] = list(results, 'results')
  has(result, 'uuid', 'title', 'description', 'start', 'reviewed-controls')
  assert.match(String(at(result, 'start')), TIME)
  const observations = list(result, 'observations')
  assert.equal(observations.length, 2)
  for (const observation of observations) {
    has(observation, 'uuid', 'description', 'methods', 'collected')
    assert.match(String(at(observation, 'collected')), TIME)
  }
  const known = new Set(observations.map((one) => at(one, 'uuid')))
  const findings = list(result, 'findings')
  for (const finding of findings) {
    has(finding, 'uuid', 'title', 'description', 'target')
    assert.match(String(at(finding, 'uuid')), UUID)
    assert.match(String(at(finding, 'target', 'target-id')), TOKEN)
    for (const one of at(finding, 'related-observations') === undefined ? [] : list(finding, 'related-observations'))
      assert.ok(known.has(at(one, 'observation-uuid')))
  }
  const state = (id: string): unknown =>
    at(
      findings.find((one) => at(one, 'target', 'target-id') === id),
      'target',
      'status',
      'state',
    )
  assert.equal(state('tls-10'), 'satisfied')
  assert.equal(state('sas-17'), 'not-satisfied')
  assert.equal(state('qos-05'), undefined, 'what does not apply is excluded')
  const selection = at(result, 'reviewed-controls', 'control-selections', 0)
  const ids = (name: string): readonly unknown[] => list(selection, name).map((one) => at(one, 'control-id'))
  assert.ok(ids('include-controls').includes('tls-10') && !ids('include-controls').includes('qos-05'))
  assert.ok(ids('exclude-controls').includes('qos-05'))
})

const text = z.string()
const filledText = z.string().min(1)
/** A rule as STIG Viewer 3 writes it: every field, and no other. */
const Rule = z.strictObject({
  ...{ group_id_src: filledText, group_id: filledText, rule_id_src: filledText, rule_id: filledText },
  group_tree: z.array(z.strictObject({ id: filledText, title: filledText, description: text })).min(1),
  ...{ group_title: filledText, rule_version: filledText, rule_title: filledText, fix_text: text },
  severity: z.enum(['low', 'medium', 'high']),
  weight: z.string().regex(/^\d+\.\d$/),
  check_content: filledText,
  check_content_ref: z.strictObject({ href: filledText, name: filledText }),
  ...{ classification: text, discussion: filledText, false_positives: text, false_negatives: text },
  documentable: z.enum(['true', 'false']),
  ...{ security_override_guidance: text, potential_impacts: text, third_party_tools: text, ia_controls: text },
  ...{ responsibility: text, mitigations: text, mitigation_control: text, reference_identifier: text },
  legacy_ids: z.array(text),
  ccis: z.array(z.string().regex(/^CCI-\d{6}$/)),
  uuid: z.string().regex(UUID),
  stig_uuid: z.string().regex(UUID),
  status: z.enum(['not_reviewed', 'not_applicable', 'open', 'not_a_finding']),
  overrides: z.strictObject({}),
  ...{ comments: text, finding_details: filledText, srg_id: text },
})
const Checklist = z.strictObject({
  title: filledText,
  id: z.string().regex(UUID),
  stigs: z
    .array(
      z
        .strictObject({
          ...{ stig_name: filledText, display_name: filledText, stig_id: filledText, release_info: filledText },
          ...{ version: z.string().regex(/^\d+$/), uuid: z.string().regex(UUID), reference_identifier: text },
          size: z.int().min(1),
          rules: z.array(Rule),
        })
        .refine(({ size, rules: all }) => size === all.length)
        .refine(({ uuid, rules: all }) => all.every(({ stig_uuid: of }) => of === uuid))
        .refine(({ rules: all }) => new Set(all.map(({ uuid }) => uuid)).size === all.length),
    )
    .min(1),
  active: z.boolean(),
  mode: z.int(),
  has_path: z.boolean(),
  target_data: z.strictObject({
    target_type: z.enum(['Computing', 'Non-Computing']),
    ...{ host_name: filledText, ip_address: text, mac_address: text, fqdn: text, comments: text },
    role: z.enum(['None', 'Workstation', 'Member Server', 'Domain Controller']),
    is_web_database: z.boolean(),
    ...{ technology_area: text, web_db_site: text, web_db_instance: text },
    classification: z.string().nullable(),
  }),
  cklb_version: z.literal('1.0'),
})

test('the checklist is valid by a schema of our own for what STIG Viewer 3 writes, whatever was played', () => {
  const kinds = ['pass', 'violation', 'inconclusive'] as const
  for (const kind of kinds) {
    const outcome = kind === 'pass' ? { kind } : { kind, detail: 'so' }
    const all = [...REQUIREMENTS_BY_ID.keys()].map((id) => ran(`${id}/a`, outcome))
    const made = reported(all)
    const own = srgRowsOf({ report: made, requirements: REQUIREMENTS_BY_ID })
    Checklist.parse(read(checklistOf(made, own)))
  }
  const whole = read(checklistOf(report, rows))
  const without = (tree: Tree, key: string): Tree =>
    Object.fromEntries(Object.entries(tree).filter(([name]) => name !== key))
  assert.equal(Checklist.safeParse(without(whole, 'mode')).success, false)
  assert.equal(Checklist.safeParse({ ...whole, more: 1 }).success, false)
})

test('the data for Heimdall has what exec JSON demands', () => {
  const made = read(heimdallOf(report, rows))
  has(made, 'platform', 'profiles', 'statistics', 'version')
  has(made['platform'], 'name', 'release')
  const [profile] = list(made, 'profiles')
  has(profile, 'name', 'sha256', 'supports', 'attributes', 'groups', 'controls')
  const controls = list(profile, 'controls')
  assert.equal(controls.length, rows.length)
  for (const control of controls) {
    has(control, 'id', 'impact', 'refs', 'tags', 'source_location', 'results')
    assert.ok(list(control, 'results').length > 0, String(at(control, 'id')))
    for (const result of list(control, 'results')) {
      has(result, 'status', 'code_desc', 'run_time', 'start_time')
      assert.match(String(at(result, 'start_time')), TIME)
    }
  }
  const status = (id: string): unknown =>
    at(
      controls.find((one) => at(one, 'id') === id),
      'results',
      0,
      'status',
    )
  assert.equal(status('TLS-10'), 'passed')
  assert.equal(status('SAS-17'), 'failed')
  assert.equal(status('PKI-01'), 'skipped')
})

test('a report without a run has all forms too', () => {
  const none = reported([])
  const own = srgRowsOf({ report: none, requirements: REQUIREMENTS_BY_ID })
  assert.match(String(at(read(assessmentOf(none, own)), 'assessment-results', 'results', 0, 'start')), TIME)
  assert.equal(list(read(heimdallOf(REPORT, own)), 'profiles').length, 1)
  assert.equal(INGREDIENTS.now, Date.UTC(2026, 10, 26))
})
