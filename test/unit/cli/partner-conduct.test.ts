import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { controlSocketPath } from '../../../src/admin/client.ts'
import { serveControl } from '../../../src/admin/control-socket.ts'
import type { ConductStatus } from '../../../src/gateway/conduct.ts'
import { FakeControl, NOW, STATUS } from '../../support/fake-control.ts'
import { installation } from '../../support/installation.ts'
import { run } from './run.ts'

const BAD: ConductStatus = {
  ...{ domain: 'noisy.example', state: 'blocked', counts: true, found: 'blocked', since: '2026-03-01T11:00:00.000Z' },
  ...{ sum: 75.4, points: { rate: 25.4, violations: 50 }, held: undefined },
}
const TOLD: ConductStatus = { ...BAD, domain: 'partner.example', state: 'watch', found: 'watch', counts: false }

async function gateway(t: TestContext) {
  const directory = await installation(t)
  const control = new FakeControl(directory)
  await control.reload()
  control.behaving = [BAD, TOLD]
  control.current = { ...STATUS, conducts: control.behaving }
  const socket = await serveControl({ control, directory, socketPath: controlSocketPath(directory), now: () => NOW })
  t.after(() => socket[Symbol.asyncDispose]())
  return { control, type: (...words: readonly string[]) => run(directory, words) }
}

test('how domains behave is shown, with what the points are for and whether anything follows', async (t) => {
  const { type } = await gateway(t)
  const { out, code } = await type('partner', 'conduct')
  assert.equal(code, 1)
  assert.match(out, /noisy\.example +blocked +blocked +60m ago +75 \(rate 25, violations 50\)/)
  assert.match(out, /partner\.example +watch, only told: it has an entry/)
  assert.match((await type('status')).out, /CONDUCT OF DOMAINS OUTSIDE \(2\).*\n.*\n *noisy\.example +blocked/)
  const good = await type('partner', 'conduct', 'quiet.example')
  assert.deepEqual([good.code, good.out], [0, 'quiet.example: normal, and nothing else is remembered\n'])
})

test('what is to hold instead is said with a time and a reason, and taken back', async (t) => {
  const { control, type } = await gateway(t)
  const words = ['partner', 'conduct', 'Noisy.example', '--set', 'limited', '--for', '2h', '--reason', 'spam']
  const { out, code } = await type(...words)
  assert.equal(code, 0)
  assert.match(out, /noisy\.example +limited .*, for 2h more: spam/)
  await type('partner', 'conduct', 'noisy.example', '--set', 'auto')
  assert.deepEqual(
    control.said.map(({ domain, state, forMs, why }) => [domain, state, forMs, why]),
    [
      ['noisy.example', 'limited', 7_200_000, 'spam'],
      ['noisy.example', undefined, undefined, undefined],
    ],
  )
})

test('what would end streams that are up says which, and is done when somebody says so', async (t) => {
  const { control, type } = await gateway(t)
  control.cutBySaying = [{ domain: 'a.noisy.example', streams: 2 }]
  const block = ['partner', 'conduct', 'noisy.example', '--set', 'blocked'] as const
  const { err, code } = await type(...block)
  assert.equal(code, 1)
  assert.match(err, /this would end 2 streams that are up: a\.noisy\.example \(2\)/)
  assert.match(err, /Nothing was changed\. Say the same with --yes/)
  assert.deepEqual(control.said, [])
  assert.equal((await type(...block, '--yes')).code, 0)
  assert.deepEqual(
    control.said.map(({ state }) => state),
    ['blocked'],
  )
})

test('what cannot be said is told how it is written', async (t) => {
  const { control, type } = await gateway(t)
  const table: readonly (readonly [words: readonly string[], says: RegExp])[] = [
    [['--set', 'limited'], /--set needs a domain/],
    [['x.example', '--for', '2h'], /--for, --reason and --yes go with --set/],
    [['x.example', '--set', 'evil'], /write one of normal, limited, watch, blocked, or auto/],
    [['x.example', '--set', 'watch', '--for', 'long'], /"long" is no time/],
    [['x.example', '--set', 'watch', '--for', '3651d'], /"3651d" is longer than ten years/],
    [['x y', '--set', 'watch'], /"x y" is no domain/],
  ]
  for (const [words, says] of table) assert.match((await type('partner', 'conduct', ...words)).err, says)
  assert.deepEqual(control.said, [])
})
