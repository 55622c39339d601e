// Runs a command line as a user would, and hands back what was said.

import { runCli, type CliOptions } from '../../../src/cli/cli.ts'
import { NOW } from '../../support/fake-control.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** `directory` is where the command is typed. */
export async function run(directory: string, words: readonly string[], options: CliOptions = {}): Promise<Said> {
  let out = ''
  let err = ''
  const code = await runCli(words, {
    version: '0.1.0',
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    cwd: directory,
    environment: {},
    now: () => NOW,
    ...options,
  })
  return { code, out, err }
}
