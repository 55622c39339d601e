// The `openssl` program as a second opinion on certificates, and as the other side of TLS.

import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodePem } from '../../src/trust/pem.ts'
import { Program, run } from './program.ts'
import type { Cleanup } from './program.ts'
import { within } from './within.ts'

/**
 * What `openssl verify` says of a chain (DER, leaf first) under this root: `OK`, or its first error.
 * @param purpose of which side of TLS the leaf is to be; absent: that is not asked
 */
export async function opensslVerify(
  folder: string,
  root: Buffer,
  chain: readonly Buffer[],
  purpose?: 'sslclient' | 'sslserver',
): Promise<string> {
  const [leaf, ...others] = chain.map((der) => encodePem('CERTIFICATE', der))
  await writeFile(join(folder, 'root.pem'), encodePem('CERTIFICATE', root))
  await writeFile(join(folder, 'leaf.pem'), leaf ?? '')
  await writeFile(join(folder, 'others.pem'), others.join(''))
  const untrusted = others.length > 0 ? ['-untrusted', 'others.pem'] : []
  const asked = purpose ? ['-purpose', purpose] : []
  const said = await openssl(folder, ['verify', ...asked, '-CAfile', 'root.pem', ...untrusted, 'leaf.pem'])
  return /: OK$/m.test(said) ? 'OK' : (/error \d+ at .*: (.*)$/m.exec(said)?.[1] ?? said)
}

/** Runs the program in the folder; everything it wrote. */
export function openssl(folder: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('openssl', args, { cwd: folder }, (_error, stdout, stderr) => resolve(stdout + stderr))
    child.stdin?.end()
  })
}

/** What came of a handshake of `openssl s_client`: the suite; undefined: nothing. */
export async function opensslClient(port: number, args: readonly string[]): Promise<string | undefined> {
  const where = ['-connect', `127.0.0.1:${port}`, '-servername', 'us.test']
  const { stdout } = await run('openssl', ['s_client', ...where, ...args])
  const suite = /^New, \S+, Cipher is (\S+)$/m.exec(stdout)?.[1]
  return suite === '(NONE)' ? undefined : suite
}

/** Says something by `openssl s_client`, and waits for the answer. */
export async function opensslSays(port: number, args: readonly string[], words: string, answer: RegExp): Promise<void> {
  const where = ['-connect', `127.0.0.1:${port}`, '-servername', 'us.test']
  const child = spawn('openssl', ['s_client', ...where, ...args, '-quiet'])
  let heard = ''
  try {
    const answered = new Promise<void>((resolve) => {
      const listen = (chunk: Buffer): void => {
        heard += chunk.toString()
        if (answer.test(heard)) resolve()
      }
      child.stdout.on('data', listen)
      child.stderr.on('data', listen)
      child.once('close', () => resolve())
    })
    child.stdin.on('error', () => {}).write(words)
    await within(20_000, answered, () => `an answer to openssl s_client; it heard ${heard}`)
  } finally {
    child.kill('SIGKILL')
  }
}

/** Runs `openssl s_server`, which serves one connection after the other; gives back its port. */
export async function opensslServer(t: Cleanup, folder: string, args: readonly string[]): Promise<number> {
  const server = await Program.start(t, {
    name: `openssl s_server ${args.join(' ')}`,
    command: 'openssl',
    args: ['s_server', '-accept', '127.0.0.1:0', ...args],
    cwd: folder,
    logFile: join(folder, 's_server.log'),
    ready: /^ACCEPT \S+:\d+$/,
    readyMs: 20_000,
  })
  const [, port] = await server.log.expect(/^ACCEPT \S+:(\d+)$/)
  return Number(port)
}
