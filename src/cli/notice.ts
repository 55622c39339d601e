// The notice of the settings, before a command that administers the gateway (SRG-NET-000041 and -000042).
//
// Rule 1: on a terminal it stays until it is accepted, once in a session of the terminal and for each text; whoever does not accept it
//         gets no further. It goes to standard error, or to the terminal itself where that goes elsewhere: standard output is the
//         answer's alone.
// Rule 2: where nobody sits, it is shown and the command goes on. A script whose owner has accepted it says so by SALLYPORT_NOTICE.
// Rule 3: that it was accepted is written down: by the gateway, if it runs; at a terminal also in a file beside its store. Where
//         that cannot be, it is told, and the command goes on: who repairs a gateway must get at it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import process from 'node:process'
import { WriteStream } from 'node:tty'
import { ask, NoGateway } from '../admin/client.ts'
import { noticeAccept } from '../admin/notice.ts'
import { acceptedOf, keepAccepted } from '../admin/notice-kept.ts'
import { NOTICES } from '../config/notices.ts'
import { readGateway } from '../config/readings.ts'
import { PROFILES } from '../trust/profiles/profiles.ts'
import { caller } from './caller.ts'
import type { CommandContext } from './command.ts'
import { CommandError, describeError } from './errors.ts'
import { Output, tone } from './output.ts'
import { terminalSession } from './terminal-session.ts'

/** Of a script: `accepted`. */
export const NOTICE_VARIABLE = 'SALLYPORT_NOTICE'
/** A session that lasts longer is asked anew. */
const LONGEST_MS = 12 * 3_600_000
/** For the gateway to write it down. */
const RECORD_MS = 3000
const QUESTION = 'Do you accept these terms? Write yes or no: '

export interface NoticeContext extends Pick<CommandContext, 'directory' | 'output' | 'now'> {
  readonly environment: Readonly<Record<string, string | undefined>>
}

/** Shows it and has it accepted, where there is one. @throws CommandError when it is not */
export async function acceptNotice(context: NoticeContext): Promise<void> {
  const notice = await noticeIn(context.directory)
  if (notice === undefined) return
  if (context.environment[NOTICE_VARIABLE] === 'accepted') return record(context, 'environment')
  const sits = process.stdin.isTTY
  const session = sits ? await terminalSession() : undefined
  const kept = await acceptedOf(context.directory, notice)
  const since = context.now() - LONGEST_MS
  const by = caller()
  if (kept.some((one) => one.by === by && one.session === session && one.at > since)) return
  const screen = sits ? screenOf(context.output) : undefined
  const shown = screen?.output ?? context.output.beside
  shown.block(notice, '')
  shown.line('')
  if (!screen) return
  if (!(await isAccepted(screen.terminal))) {
    const act = 'Nothing was done. Whoever does not accept it may not administer this gateway.'
    throw new CommandError('notice', 'the notice was not accepted', act)
  }
  await record(context, 'asked')
  try {
    await keepAccepted(context.directory, notice, [...kept, { by, session: session ?? '', at: context.now() }])
  } catch (error) {
    const why = describeError(error).message
    context.output.note(tone('careful', `that it was accepted could not be kept, so you will be asked again: ${why}`))
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

/** Where somebody sits: what is said there, and what is asked. */
interface Screen {
  readonly output: Output
  readonly terminal: NodeJS.WritableStream
}

/** Standard error, or the terminal itself where that is another. @throws CommandError where there is none */
function screenOf(output: Output): Screen {
  if (process.stderr.isTTY) return { output: output.beside, terminal: process.stderr }
  try {
    const terminal = new WriteStream(openSync('/dev/tty', 'w'))
    const colours = { stdout: false, stderr: false }
    return { output: new Output({ stdout: terminal, stderr: terminal, json: false, colours }), terminal }
  } catch (error) {
    const act = `Let standard error go to the terminal, or set ${NOTICE_VARIABLE}=accepted where you have accepted it.`
    throw new CommandError('notice', `the notice cannot be shown: ${describeError(error).message}`, act)
  }
}

/** Asks until it is one or the other. The end of what is typed is a no. */
async function isAccepted(output: NodeJS.WritableStream): Promise<boolean> {
  using terminal = createInterface({ input: process.stdin, output, prompt: QUESTION })
  terminal.prompt()
  for await (const line of terminal) {
    const answer = line.trim().toLowerCase()
    if (answer === 'yes' || answer === 'no') return answer === 'yes'
    terminal.prompt()
  }
  return false
}

/** The gateway writes it into its log, if one runs. */
async function record({ directory, output }: NoticeContext, how: 'asked' | 'environment'): Promise<void> {
  try {
    await ask(directory, noticeAccept, { by: caller(), how }, { timeoutMs: RECORD_MS })
  } catch (error) {
    if (error instanceof NoGateway) return
    const why = describeError(error).message
    output.note(tone('careful', `that the notice was accepted is not in the log of the gateway: ${why}`))
  }
}
