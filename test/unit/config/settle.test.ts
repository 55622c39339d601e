// What is in force when files contradict each other: a slip in one of them holds back that one, and no other.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFinding, hasErrors } from '../../../src/config/finding.ts'
import { NO_POLICY_FILE, readGateway, readPartner, readPolicy } from '../../../src/config/readings.ts'
import { settle, type InForce } from '../../../src/config/settle.ts'
import { GATEWAY } from './folder.ts'

/** What files say, by their names: gateway.yaml unless given, and of partners `a.yaml` is `domain: a` and what is said here. */
type Texts = Readonly<Record<string, string>>

function filesOf(texts: Texts) {
  const place = (name: string) => ({ file: name, root: '/' })
  const partners = Object.entries(texts).flatMap(([name, text]) => {
    if (name === 'gateway.yaml' || name === 'policy.yaml') return []
    const whole = `domain: ${name}\n${text.includes('status:') ? '' : 'status: allowed\n'}${text}`
    return [[`${name}.yaml`, readPartner(whole, place(`partners/${name}.yaml`))] as const]
  })
  return {
    gateway: readGateway(texts['gateway.yaml'] ?? GATEWAY, place('gateway.yaml')),
    policy:
      texts['policy.yaml'] === undefined ? NO_POLICY_FILE : readPolicy(texts['policy.yaml'], place('policy.yaml')),
    partners: new Map(partners),
    findings: [],
  }
}

/** From one state of the files to the next; the first has to be without mistakes. Each file is read anew only if it changed. */
function walk(...states: readonly Texts[]) {
  const first = filesOf(states[0]!)
  let files = first
  let inForce: InForce = { gateway: first.gateway, policy: NO_POLICY_FILE, partners: new Map() }
  let findings: ReturnType<typeof settle>['findings'] = []
  for (const [index, texts] of states.entries()) {
    const before = states[index - 1] ?? {}
    const next = filesOf(texts)
    const isSame = (name: string): boolean => index > 0 && before[name] === texts[name]
    files = {
      ...next,
      gateway: isSame('gateway.yaml') ? files.gateway : next.gateway,
      policy: isSame('policy.yaml') ? files.policy : next.policy,
      partners: new Map(
        [...next.partners].map(([name, reading]) => [
          name,
          isSame(name.slice(0, -5)) ? (files.partners.get(name) ?? reading) : reading,
        ]),
      ),
    }
    ;({ inForce, findings } = settle(inForce, files))
    if (index === 0)
      assert.deepEqual(
        findings.filter((f) => hasErrors([f])),
        [],
      )
  }
  const partners = [...inForce.partners].map(([name, { partner }]) => {
    return `${name.slice(0, -5)}=${partner?.status}/${partner?.class}/${partner?.policy}/${partner?.alsoKnownAs.join()}`
  })
  return {
    walls: inForce.policy.policy?.whom.walls.map(({ name }) => name),
    policies: Object.keys(inForce.policy.policy?.whom.policies ?? {}),
    block: inForce.policy.policy?.remote.block,
    domains: inForce.gateway.settings?.domains.map(({ domain }) => domain),
    classes: inForce.gateway.settings?.federation.classes,
    partners,
    errors: findings.filter((f) => hasErrors([f])).map((f) => formatFinding(f)),
  }
}

const CONTRACTORS = 'policies: { contractors: { otherwise: all } }\n'
const WALL =
  'walls: [{ name: w, sides: [{ who: [anna@corp.example] }, { partners: [a.example] }] }]\nremote: { block: [anna@corp.example] }\n'

test('a slip in the file of a partner keeps no wall and no block of policy.yaml out of force', () => {
  const start = { 'policy.yaml': CONTRACTORS, 'a.example': '', 'b.example': 'policy: contractors\n' }
  const slip = { ...start, 'b.example': 'policy: contrators\n' }
  for (const states of [
    [start, slip, { ...slip, 'policy.yaml': CONTRACTORS + WALL }],
    [start, { ...slip, 'policy.yaml': CONTRACTORS + WALL }],
    [
      { ...start, 'b.example': '' },
      { ...slip, 'policy.yaml': CONTRACTORS + WALL },
    ],
  ]) {
    const { walls, block, partners, errors } = walk(...states)
    assert.deepEqual([walls, block], [['w'], ['anna@corp.example']])
    assert.match(partners.join(), /b\.example=allowed\/federated\/(?:contractors|default)\//)
    assert.deepEqual(errors, [
      'partners/b.example.yaml:3: policy: there is no policy contrators; write it below policies: in policy.yaml; did you mean "contractors"?',
    ])
  }
})

test('a slip in the file of a partner keeps nothing of gateway.yaml out of force', () => {
  const start = { 'a.example': '', 'gateway.yaml': `${GATEWAY}federation: { classes: [suppliers] }\n` }
  const slip = { ...start, 'a.example': 'class: supliers\n' }
  const gateway = GATEWAY.replace('corp.example: {}', 'corp.example: {}, rooms.example: {}')
  const { domains, partners, errors } = walk(start, slip, { ...slip, 'gateway.yaml': gateway })
  assert.deepEqual(domains, ['corp.example', 'rooms.example'])
  assert.deepEqual(partners, ['a.example=allowed/federated/default/'])
  assert.equal(errors.length, 1)
})

test('what policy.yaml or gateway.yaml takes from under partners is held back, says so, and holds back no partner', () => {
  const start = { 'policy.yaml': CONTRACTORS, 'a.example': 'policy: contractors\n' }
  const gone = { ...start, 'policy.yaml': WALL }
  const blocked = { ...gone, 'a.example': 'policy: contractors\nstatus: blocked\n' }
  const { policies, partners, errors } = walk(start, gone, blocked)
  assert.deepEqual([policies, partners], [['contractors'], ['a.example=blocked/federated/contractors/']])
  assert.deepEqual(errors, [
    'partners/a.example.yaml:2: policy: there is no policy contractors; write it below policies: in policy.yaml; until then policy.yaml counts as it was before',
  ])
  const classes = `${GATEWAY}federation: { classes: [suppliers] }\n`
  const first = { 'gateway.yaml': classes, 'a.example': 'class: suppliers\n' }
  const held = walk(first, { 'gateway.yaml': GATEWAY, 'a.example': 'class: suppliers\nstatus: blocked\n' })
  assert.deepEqual([held.classes, held.partners], [['suppliers'], ['a.example=blocked/suppliers/default/']])
  assert.match(held.errors.join(), /; until then gateway\.yaml counts as it was before$/)
})

test('of gateway.yaml and policy.yaml the one with the slip is held back', () => {
  const user = (domain: string): string => `remote: { block: [anna@${domain}] }\n`
  const start = { 'policy.yaml': user('corp.example') }
  const slip = { 'policy.yaml': user('crop.example') }
  const gateway = GATEWAY.replace('corp.example: {}', 'corp.example: {}, rooms.example: {}')
  const one = walk(start, slip, { ...slip, 'gateway.yaml': gateway })
  assert.deepEqual([one.block, one.domains], [['anna@corp.example'], ['corp.example', 'rooms.example']])
  const other = GATEWAY.replace('corp.example', 'other.example')
  const moved = { ...start, 'gateway.yaml': other }
  const more = { ...moved, 'policy.yaml': 'remote: { block: [anna@corp.example, ben@corp.example] }\n' }
  const two = walk(start, moved, more)
  assert.deepEqual([two.block?.length, two.domains], [2, ['corp.example']])
})

test('of two partners with one name the one that took it is held back, also while the other is changed', () => {
  const start = { 'a.example': '', 'b.example': '' }
  const slip = { ...start, 'a.example': 'alsoKnownAs: [b.example]\n' }
  const { partners } = walk(start, slip, { ...slip, 'b.example': 'alsoKnownAs: [c.example]\n' })
  assert.deepEqual(partners, ['a.example=allowed/federated/default/', 'b.example=allowed/federated/default/c.example'])
})

test('two that claim a name contradict each other also while a third one blocks it', () => {
  const start = { 'x.example': 'status: blocked\n', 'b.example': '' }
  const both = { ...start, 'b.example': 'alsoKnownAs: [x.example]\n', 'c.example': 'alsoKnownAs: [x.example]\n' }
  assert.equal(walk(start, both).errors.length, 1)
  const { 'x.example': _, ...unblocked } = both
  assert.equal(walk(start, both, unblocked).errors.length, 1)
})
