// A network that swallows what goes to and from an address, until it is mended. Only for tests in a network of their own.

import assert from 'node:assert/strict'
import { run } from './program.ts'
import type { Cleanup } from './program.ts'

/** From now on every packet of server-to-server connections with these addresses is lost; gives back how to mend it. */
export async function swallow(t: Cleanup, ...addresses: readonly string[]): Promise<() => Promise<void>> {
  const rules = addresses.flatMap((address) => [
    `add rule ip hole in ip daddr ${address} tcp dport 5269 drop`,
    `add rule ip hole in ip saddr ${address} tcp sport 5269 drop`,
  ])
  let broken = true
  const mend = async (): Promise<void> => {
    if (!broken) return
    broken = false
    await nft('delete table ip hole')
  }
  await nft('add table ip hole; add chain ip hole in { type filter hook input priority 0; }')
  t.after(mend)
  await nft(rules.join('; '))
  return mend
}

async function nft(script: string): Promise<void> {
  const { code, stderr } = await run('nft', [script])
  assert.equal(code, 0, `nft ${script}: ${stderr}`)
}
