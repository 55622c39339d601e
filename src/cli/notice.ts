// The notice of the settings, before a command that administers the gateway (SRG-NET-000041 and -000042).
//
// Rule 1: on a terminal it stays until it is accepted, once in a session of the terminal and for each text; whoever does not accept it
//         gets no further. It goes to standard error: standard output is the answer's alone.
// Rule 2: where nobody sits, it is shown and the command goes on. A script whose owner has accepted it says so by SALLYPORT_NOTICE.
// Rule 3: that it was accepted is written down: by the gateway, and in a file beside its store.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import process from 'node:process'
import { NoGateway } from '../admin/client.ts'
import { noticeAccept } from '../admin/notice.ts'
import { acceptedOf, keepAccepted } from '../admin/notice-kept.ts'
import { NOTICES } from '../config/notices.ts'
import { readGateway } from '../config/readings.ts'
import { PROFILES } from '../trust/profiles/profiles.ts'
import { caller } from './caller.ts'
import type { CommandContext } from './command.ts'
import { CommandError } from './errors.ts'
import { tone } from './output.ts'
import { terminalSession } from './terminal-session.ts'

/** Of a script: `accepted`. */
export const NOTICE_VARIABLE = 'SALLYPORT_NOTICE'
/** A session that lasts longer is asked anew. */
const LONGEST_MS = 12 * 3_600_000
const QUESTION = 'Do you accept these terms? Write yes or no: '

export interface NoticeContext extends Pick<CommandContext, 'directory' | 'output' | 'now' | 'ask'> {
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Shows it and has it accepted, where there is one. @throws CommandError when it is not */
export async function acceptNotice(context: NoticeContext): Promise<void> {
  const notice = await noticeIn(context.directory)
  if (notice === undefined) return
  if (context.environment[NOTICE_VARIABLE] === 'accepted') return record(context, 'environment')
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY
  const session = isTerminal ? await terminalSession() : undefined
  const kept = await acceptedOf(context.directory, notice)
  const since = context.now() - LONGEST_MS
  const by = caller()
  if (kept.some((one) => one.by === by && one.session === session && one.at > since)) return
  context.output.beside.block(notice, '')
  context.output.note('')
  if (!isTerminal) return
  if (!(await isAccepted())) {
    const act = 'Nothing was done. Whoever does not accept it may not administer this gateway.'
    throw new CommandError('notice', 'the notice was not accepted', act)
  }
  await record(context, 'asked')
  try {
    await keepAccepted(context.directory, notice, [...kept, { by, session: session ?? '', at: context.now() }])
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    context.output.note(
      tone('careful', `that you have accepted it could not be kept, so you will be asked again: ${why}`),
    )
  }
}

/** What the settings say, also where something else in them is wrong. */
async function noticeIn(directory: string): Promise<string | undefined> {
  const file = join(directory, 'federation-config', 'gateway.yaml')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { settings, draft } = readGateway(text, { file, root: directory })
  if (settings) return settings.administration.notice
  return draft.notice ?? (draft.profile && NOTICES[PROFILES[draft.profile].notice.is])
}

/** Asks until it is one or the other. The end of what is typed is a no. */
async function isAccepted(): Promise<boolean> {
  using terminal = createInterface({ input: process.stdin, output: process.stderr, prompt: QUESTION })
  terminal.prompt()
  for await (const line of terminal) {
    const answer = line.trim().toLowerCase()
    if (answer === 'yes' || answer === 'no') return answer === 'yes'
    terminal.prompt()
  }
  return false
}

/** The gateway writes it into its log; where none runs, the file has it alone. */
async function record({ ask }: NoticeContext, how: 'asked' | 'environment'): Promise<void> {
  try {
    await ask(noticeAccept, { by: caller(), how })
  } catch (error) {
    if (!(error instanceof NoGateway)) throw error
  }
}
