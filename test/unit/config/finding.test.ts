import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFinding, formatPath, sortFindings, type Finding } from '../../../src/config/finding.ts'

const finding: Finding = {
  severity: 'error',
  file: 'federation-config/gateway.yaml',
  line: 14,
  path: 'limits.idle',
  message: 'write …',
}

test('a finding is one line: file, line, path and what to write', () => {
  assert.equal(formatFinding(finding), 'federation-config/gateway.yaml:14: limits.idle: write …')
  assert.equal(formatFinding({ ...finding, line: undefined, path: '' }), 'federation-config/gateway.yaml: write …')
  assert.equal(
    formatFinding({ ...finding, severity: 'warning' }),
    'federation-config/gateway.yaml:14: warning: limits.idle: write …',
  )
})

test('what a terminal would act on is shown, not done', () => {
  const text = formatFinding({ ...finding, message: 'a\u001b[31mb\nc\r\u202ed\u2028e' })
  assert.equal(text.split(': ').at(-1), 'a\\u{1b}[31mb\\u{a}c\\u{d}\\u{202e}d\\u{2028}e')
})

test('a path reads as it would be written', () => {
  assert.equal(formatPath(['listen', 'federation', 1, 'port']), 'listen.federation[1].port')
  assert.equal(formatPath(['domains', 'odd key: "x"', 'key']), 'domains."odd key: \\"x\\"".key')
  assert.equal(formatPath([]), '')
})

const at = (file: string, line: number | undefined): Finding => ({ ...finding, file, line })

test('findings are sorted along the files', () => {
  const sorted = sortFindings([at('b', 2), at('b', undefined), at('a', 9), at('b', 1)])
  assert.deepEqual(
    sorted.map(({ file, line }) => `${file}${line ?? ''}`),
    ['a9', 'b', 'b1', 'b2'],
  )
})
