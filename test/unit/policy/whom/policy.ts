// A policy.yaml for the tests of who may talk to whom: read as it would be from a file.

import assert from 'node:assert/strict'
import { readPolicy } from '../../../../src/config/readings.ts'
import type { Policy } from '../../../../src/policy/remote/grants.ts'
import { Whom } from '../../../../src/policy/whom/whom.ts'

export function policyOf(text: string): Policy {
  const { policy, findings } = readPolicy(text, { file: 'policy.yaml', root: '/' })
  assert.deepEqual(
    findings.map(({ line, path, message }) => `${line} ${path}: ${message}`),
    [],
  )
  return policy!
}

export function whomOf(text: string): Whom {
  const { whom, groups } = policyOf(text)
  return new Whom(whom, groups)
}
