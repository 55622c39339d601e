// Which version of somebody else's program takes part.

import { run } from '../../test/support/program.ts'

/** The version of Debian's package; `unknown` where it did not come as one. */
export async function packageVersion(name: string): Promise<string> {
  const { code, stdout } = await run('dpkg-query', ['--show', '--showformat', '${Version}', name]).catch(() => ({
    code: 1,
    stdout: '',
  }))
  return code === 0 && stdout !== '' ? stdout : 'unknown'
}
