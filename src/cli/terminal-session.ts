// The session of a terminal in which a command runs, so that whoever sits there is asked once in it. Linux tells in /proc.

import { readFile } from 'node:fs/promises'

/** Fields behind the name of the program, which may have blanks and brackets in it. proc_pid_stat(5) */
const AFTER_NAME = { session: 3, started: 19 } as const

/** Which it is: by its leader, the shell of a log-in mostly, and when that began. Undefined where that is not known. */
export async function terminalSession(): Promise<string | undefined> {
  const leader = (await statOf('self'))?.[AFTER_NAME.session]
  const started = leader === undefined ? undefined : (await statOf(leader))?.[AFTER_NAME.started]
  return started === undefined ? undefined : `${leader} ${started}`
}

async function statOf(process: string): Promise<readonly string[] | undefined> {
  try {
    const text = await readFile(`/proc/${process}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
