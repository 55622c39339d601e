// Large configurations are read on a thread and checked in slices: what comes out is what comes out at once.

import assert from 'node:assert/strict'
import { rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { PathStep } from '../../../src/config/finding.ts'
import { ConfigReader, type ConfigFiles } from '../../../src/config/load.ts'
import { NO_POLICY_FILE, readPolicy, type PolicyReading } from '../../../src/config/readings.ts'
import { settle, settleSteps } from '../../../src/config/settle.ts'
import { inSlices } from '../../../src/config/slices.ts'
import { ThreadReader } from '../../../src/config/thread-reader.ts'
import { configuration, GATEWAY, put } from './folder.ts'

const MANY = 300
const PLACE = { file: 'federation-config/policy.yaml', root: '/' }

/** Of more than is read at once. */
function policyText(last: string): string {
  const users = Array.from({ length: 1300 }, (_, n) => `    - user${n}@corp.example`)
  return `# Ours.\ngroups:\n  staff:\n${users.join('\n')}\n  odd: [anna@corp.example]\n${last}`
}

const RULES = `walls:
  - name: apart
    sides: [{ who: [odd] }, { partners: [tag:rival] }]
policies:
  default:
    rules:
      - name: staff
        who: [staff]
        allow:
          - messages
          - presence
    otherwise: none
`

/** Every path of a value, and some that are not there. */
function* paths(value: unknown, path: readonly PathStep[] = []): Iterable<readonly PathStep[]> {
  yield path
  yield [...path, 'nowhere']
  yield [...path, 9999, 'nowhere']
  const inner = Array.isArray(value) ? value.entries() : Object.entries(typeof value === 'object' ? (value ?? {}) : {})
  for (const [step, part] of inner) yield* paths(part, [...path, step])
}

function assertSame(one: PolicyReading, other: PolicyReading): number {
  assert.deepEqual(one.policy, other.policy)
  assert.deepEqual(one.findings, other.findings)
  assert.deepEqual(one.yaml?.value, other.yaml?.value)
  let lines = 0
  for (const path of paths(other.yaml?.value))
    for (const at of ['key', 'value', undefined] as const) {
      const [mine, theirs] = [one, other].map(({ yaml }) => yaml?.lineOf(path, at))
      if (mine !== theirs) assert.fail(`${path.join(' ')} ${at}: ${mine}, not ${theirs}`)
      lines += 1
    }
  return lines
}

test('a policy that a thread has read says the same as one that was read at once, to the line', async () => {
  await using thread = new ThreadReader()
  const whole = policyText(RULES)
  assert.ok(assertSame((await thread.policy(whole, PLACE))!, readPolicy(whole, PLACE)) > 10_000)
  for (const last of ['walls: [', 'walls: [{ name: a b }]\n', 'remote: { grants: [{ to: [nobody] }] }\n', ''])
    assertSame((await thread.policy(policyText(last), PLACE))!, readPolicy(policyText(last), PLACE))
})

/** Partners of which some have mistakes, one is no YAML and one no UTF-8. */
function files(purpose: string): Readonly<Record<string, string>> {
  const all = Array.from({ length: MANY }, (_, n) => {
    const faulty = n % 50 === 7 ? 'ownr: x\n' : n % 50 === 8 ? 'tags: [\n' : ''
    return [`partners/p${n}.example.yaml`, `domain: p${n}.example\nstatus: allowed\npurpose: ${purpose}\n${faulty}`]
  })
  return { ...Object.fromEntries(all), 'policy.yaml': policyText(RULES) }
}

const plain = ({ gateway, policy, partners, findings }: ConfigFiles): unknown => [
  ...[gateway.settings, gateway.findings, policy.policy, policy.findings, findings],
  ...[...(partners ?? [])].map(([name, { yaml, ...reading }]) => [
    name,
    reading,
    yaml?.value,
    yaml?.lineOf(['purpose']),
  ]),
]

test('files that changed are read by the thread, and come to what a new reader finds', async (t) => {
  let read = 0
  class Counting extends ThreadReader {
    override async *partners(...all: Parameters<ThreadReader['partners']>): ReturnType<ThreadReader['partners']> {
      for await (const one of super.partners(...all)) {
        read += 1
        yield one
      }
    }
  }
  const directory = configuration(t, files('one'))
  await using reader = new ConfigReader(directory, { thread: new Counting() })
  const before = await reader.read()
  assert.equal(read, 0, 'nobody has to wait for the first reading')
  put(directory, files('another'))
  put(directory, { 'policy.yaml': policyText(RULES.replace('staff', 'people')) })
  rmSync(join(directory, 'partners/p3.example.yaml'))
  const after = await reader.read()
  assert.equal(read, MANY - 1)
  assert.deepEqual(plain(after), plain(await new ConfigReader(directory).read()))
  assert.notDeepEqual(plain(after), plain(before))
  for (const name of after.partners!.keys()) utimesSync(join(directory, 'partners', name), 1, 1)
  const touched = await reader.read()
  assert.equal(touched.policy, after.policy)
  for (const [name, reading] of touched.partners!) assert.equal(reading, after.partners!.get(name), 'says the same')
})

test('a thread that fails costs time: partners are read all the same, and of a long policy stays what was known', async (t) => {
  await using thread = new ThreadReader(new URL('nowhere.ts', import.meta.url))
  assert.equal(await thread.policy(policyText(RULES), PLACE), undefined)
  const directory = configuration(t, files('one'))
  await using reader = new ConfigReader(directory, { thread })
  await reader.read()
  put(directory, files('another'))
  put(directory, { 'policy.yaml': policyText(RULES.replace('staff', 'people')) })
  const [read, whole] = [await reader.read(), await new ConfigReader(directory).read()]
  assert.deepEqual(plain({ ...read, policy: whole.policy }), plain(whole))
  for (const again of [read, await reader.read()]) {
    assert.equal(again.policy.policy, undefined)
    assert.match(
      again.policy.findings[0]?.message ?? '',
      /^could not be read in the time there is; what it said before stays/,
    )
  }
  const former = await new ConfigReader(configuration(t, { ...files('one'), 'gateway.yaml': GATEWAY })).read()
  const { inForce } = settle({ ...former, partners: former.partners! }, read)
  assert.notEqual(inForce.policy.policy, undefined)
})

test('whoever waits for the thread waits no longer than it lives, and nobody after it', async () => {
  const silent = "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {})"
  const thread = new ThreadReader(new URL(`data:text/javascript,${encodeURIComponent(silent)}`))
  const waiting = [thread.policy('a', PLACE), thread.policy('b', PLACE)]
  await new Promise((resolve) => setImmediate(resolve))
  const ended = performance.now()
  await thread[Symbol.asyncDispose]()
  assert.deepEqual(await Promise.all(waiting), [undefined, undefined])
  assert.equal(await thread.policy('c', PLACE), undefined)
  assert.ok(performance.now() - ended < 30_000, 'half of what a thread is given')
})

test('files are held against each other in steps, at each of which others may go on, and come to the same', async (t) => {
  const directory = configuration(t, { ...files('one'), 'gateway.yaml': GATEWAY })
  const all = await new ConfigReader(directory).read()
  const nothing = { gateway: all.gateway, policy: NO_POLICY_FILE, partners: new Map() }
  assert.deepEqual(await inSlices(settleSteps(nothing, all)), settle(nothing, all))
  const steps = settleSteps(nothing, all)
  let pauses = 0
  while (steps.next().done !== true) pauses += 1
  const good = [...all.partners!.values()].filter(({ partner }) => partner !== undefined).length
  assert.ok(pauses >= 3 * good, `${pauses} pauses over ${good} partners`)
})
