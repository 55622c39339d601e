// A network that swallows what goes to and from an address, until it is mended. Only for tests in a network of their own.

import assert from 'node:assert/strict'
import { run } from './program.ts'
import type { Cleanup } from './program.ts'

/** From now on every packet of server-to-server connections with these addresses is lost; gives back how to mend it. */
export async function swallow(t: Cleanup, ...addresses: readonly string[]): Promise<() => Promise<void>> {
  const rules = addresses.flatMap((address) => [
    ['--destination', address, '--protocol', 'tcp', '--dport', '5269'],
    ['--source', address, '--protocol', 'tcp', '--sport', '5269'],
  ])
  const change = async (how: '--append' | '--delete'): Promise<void> => {
    for (const rule of rules) {
      const { code, stderr } = await run('iptables', ['--wait', how, 'INPUT', ...rule, '--jump', 'DROP'])
      assert.equal(code, 0, stderr)
    }
  }
  let broken = true
  const mend = async (): Promise<void> => {
    if (!broken) return
    broken = false
    await change('--delete')
  }
  t.after(mend)
  await change('--append')
  return mend
}
