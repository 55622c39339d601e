// The `openssl` program as a second opinion on certificates.

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodePem } from '../../src/trust/pem.ts'

/** What `openssl verify` says of a chain (DER, leaf first) under this root: `OK`, or its first error. */
export async function opensslVerify(folder: string, root: Buffer, chain: readonly Buffer[]): Promise<string> {
  const [leaf, ...others] = chain.map((der) => encodePem('CERTIFICATE', der))
  await writeFile(join(folder, 'root.pem'), encodePem('CERTIFICATE', root))
  await writeFile(join(folder, 'leaf.pem'), leaf ?? '')
  await writeFile(join(folder, 'others.pem'), others.join(''))
  const untrusted = others.length > 0 ? ['-untrusted', 'others.pem'] : []
  const said = await openssl(folder, ['verify', '-CAfile', 'root.pem', ...untrusted, 'leaf.pem'])
  return /: OK$/m.test(said) ? 'OK' : (/error \d+ at .*: (.*)$/m.exec(said)?.[1] ?? said)
}

/** Runs the program in the folder; everything it wrote. */
export function openssl(folder: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('openssl', args, { cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr))
    child.stdin?.end()
  })
}
