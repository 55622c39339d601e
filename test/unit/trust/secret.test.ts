import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadSecret } from '../../../src/trust/secret.ts'
import { temporaryFolder } from '../../support/pki.ts'

const FILES: readonly (readonly [
  what: string,
  text: string,
  mode: number,
  secret: string | undefined,
  said: RegExp,
])[] = [
  ['a secret', 'sesame', 0o600, 'sesame', /^$/],
  ['a secret on a line', 'open sesame\r\n', 0o640, 'open sesame', /^$/],
  ['nothing', ' \n', 0o600, undefined, /^empty; write/],
  ['several lines', 'a\nb\n', 0o600, undefined, /^more than one line/],
  ['a secret for everybody', 'sesame\n', 0o644, undefined, /chmod 600/],
  ['a secret that everybody may change', 'sesame\n', 0o602, undefined, /chmod 600/],
]

for (const [what, text, mode, secret, said] of FILES) {
  test(`a file with ${what}, of mode ${mode.toString(8)}`, async (t) => {
    const file = join(await temporaryFolder(t), 'secret')
    await writeFile(file, text)
    await chmod(file, mode)
    const read = await loadSecret(file)
    assert.equal(read.secret, secret)
    assert.match(read.findings.map(({ message }) => message).join('; '), said)
    assert.ok(read.findings.every(({ severity, path }) => severity === 'error' && path === 'core.secretFile'))
  })
}

test('a file that is not there', async (t) => {
  const { secret, findings } = await loadSecret(join(await temporaryFolder(t), 'secret'))
  assert.equal(secret, undefined)
  assert.match(findings[0]?.message ?? '', /^no such file; write the secret into it/)
})
