// The two sides of most tests here: `us.test`, which is called, and `peer.test`, which calls, each with a certificate of
// one CA; and gates of `us.test` that close when the tests of a file are over.

import { after } from 'node:test'
import { issue, makeCa } from '../support/pki.ts'
import { Gate } from './gate.ts'

export const ca = await makeCa()
export const ours = await issue({ ca, names: ['us.test'] })
export const theirs = await issue({ ca, names: ['peer.test'] })

const gates: Gate[] = []
after(async () => {
  await Promise.all(gates.map((gate) => gate[Symbol.asyncDispose]()))
})

/** Opens a gate with the certificate of `us.test`, where nothing else is asked for. */
export async function openGate(options: Partial<Parameters<typeof Gate.open>[0]> = {}): Promise<Gate> {
  const gate = await Gate.open({ ca, certificate: ours, ...options })
  gates.push(gate)
  return gate
}
