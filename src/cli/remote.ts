// The `remote` commands: users who are logged in from outside, who may, and what is locked.

import type * as z from 'zod'
import {
  remoteBlock,
  remoteEnd,
  remoteLocks,
  remoteMay,
  remoteSessions,
  remoteUnblock,
  remoteUnlock,
} from '../admin/remote.ts'
import { UsageError } from './arguments.ts'
import { EXIT, type Command, type CommandContext } from './command.ts'
import { askOrRead } from './offline.ts'
import { tone, type Cell, type Output } from './output.ts'
import { count, duration } from './text.ts'
import { sideText } from './why.ts'

type Session = z.output<typeof remoteSessions.output>['sessions'][number]

/** What is locked, by its kind. */
const WHAT = {
  account: 'account',
  'known-account': 'account, where known',
  address: 'address',
  network: 'network',
} as const

const USER = { name: 'user', about: 'their address, such as anna@corp.example' }

const sessions: Command = {
  name: 'remote sessions',
  about: 'List the sessions of remote users, of all or of one.',
  positionals: [{ ...USER, optional: true }],
  async run({ ask, output, arguments: words, now }) {
    const answer = await ask(remoteSessions, { user: words.word('user') })
    output.answer(answer, () => {
      if (answer.sessions.length === 0) return output.line('nobody is logged in from outside')
      showSessionTable(output, answer.sessions, now())
    })
    return EXIT.fine
  },
}

const end: Command = {
  name: 'remote end',
  about: 'End the sessions of a user, or one of them. Their client may come back.',
  positionals: [{ name: 'user or session', about: 'an address, or an id from `remote sessions`' }],
  async run({ ask, output, arguments: words }) {
    const answer = await ask(remoteEnd, { which: needed(words.word('user or session')) })
    output.answer(answer, () => {
      for (const one of answer.ended)
        output.line(`ended ${one.id} of ${one.address ?? one.user} from ${one.clientAddress}`)
    })
    return EXIT.fine
  },
}

const locks: Command = {
  name: 'remote locks',
  about: 'List accounts, addresses and networks whose log-ins have failed too often. The core has locked nothing.',
  notes: ['Exit code 0: nothing is locked. 1: something is.'],
  async run({ ask, output, now }) {
    const answer = await ask(remoteLocks, {})
    output.answer(answer, () => {
      if (answer.locks.length === 0) return output.line('nothing is locked')
      const rows = answer.locks.map(({ kind, name, failures, until }): Cell[] => [
        ...[WHAT[kind], tone('strong', name), String(failures)],
        `in ${duration(Date.parse(until) - now())}`,
      ])
      output.table(['what', 'name', 'failed', 'ends'], rows)
      output.note(
        'A locked account still gets in from networks where its user has logged in before, unless it is locked there too. `sallyport remote unlock <name>` ends one.',
      )
    })
    return answer.locks.length === 0 ? EXIT.fine : EXIT.finding
  },
}

const unlock: Command = {
  name: 'remote unlock',
  about: 'Forget the failed log-ins of a user, or of an address and its network.',
  positionals: [{ name: 'user or address', about: 'such as anna@corp.example or 192.0.2.7' }],
  async run({ ask, output, arguments: words }) {
    const answer = await ask(remoteUnlock, { name: needed(words.word('user or address')) })
    output.answer(answer, () => output.line(`${count(answer.failures, 'failed log-in')} of ${answer.name} forgotten`))
    return EXIT.fine
  },
}

const may: Command = {
  name: 'remote may',
  about: 'Whether a user may log in from an address, and which grant in policy.yaml decides. Nothing is counted.',
  positionals: [USER],
  options: {
    from: { value: 'ADDRESS', about: 'Where they connect from, such as 192.0.2.7.' },
    certificate: { about: 'They show a certificate.' },
    at: { value: 'TIME', about: 'When, such as 2026-03-02T12:00:00Z (default: now).' },
  },
  notes: ['Exit code 0: they may. 1: they may not.'],
  async run(context) {
    const { output, arguments: words } = context
    const from = words.option('from')
    if (from === undefined) throw new UsageError('--from is needed', 'remote may')
    const question = { user: needed(words.word('user')), from, certificate: words.flag('certificate') }
    const answer = await askOrRead(context, remoteMay, { ...question, at: words.option('at') })
    output.answer(answer, () => showPermission(output, answer))
    return answer.reason === undefined ? EXIT.fine : EXIT.finding
  },
}

const block: Command = {
  name: 'remote block',
  about: 'Keep a user from logging in from outside, and end their sessions at once.',
  positionals: [USER],
  run: (context) => changeBlock(context, remoteBlock),
}

const unblock: Command = {
  name: 'remote unblock',
  about: 'Take a block of a user back; what the grants say holds again.',
  positionals: [USER],
  run: (context) => changeBlock(context, remoteUnblock),
}

/** The `remote` commands, in the order of the help text. */
export const REMOTE_COMMANDS: readonly Command[] = [sessions, end, may, block, unblock, locks, unlock]

async function changeBlock(context: CommandContext, operation: typeof remoteBlock): Promise<number> {
  const { output, arguments: words } = context
  const answer = await askOrRead(context, operation, { user: needed(words.word('user')) })
  output.answer(answer, () => {
    const { user, file, changed, applied, ended } = answer
    const now = operation === remoteBlock ? 'is blocked' : 'is not blocked'
    output.line(changed ? `${user} ${now}` : `${user} ${now} already`, applied === 'running' ? '; in force now' : '')
    if (changed) output.line(tone('quiet', file))
    if (ended.length > 0) output.line(`${count(ended.length, 'session')} ended`)
  })
  return EXIT.fine
}

function showPermission(output: Output, { user, from, reason, grant }: z.output<typeof remoteMay.output>): void {
  output.line(`${user} from ${from}: `, reason ? tone('bad', 'may not log in') : tone('good', 'may log in'))
  output.facts([
    ['reason', reason && `${reason.id} ${reason.name}: ${reason.means}`],
    ['grant', grant && `remote.grants[${grant.place}], to ${grant.to === 'everyone' ? grant.to : grant.to.join(', ')}`],
    ['from', grant && grant.networks.length > 0 ? grant.networks.join(', ') : undefined],
    ['certificate', grant?.certificate],
    ['sessions', grant && `at most ${grant.sessions}`],
    ['side', reason && sideText(reason.side)],
    ['what to do', reason?.act],
  ])
}

/** Sessions in a table. */
function showSessionTable(output: Output, all: readonly Session[], now: number): void {
  output.table(
    ['session', 'user', 'client', 'from', 'by', 'TLS', 'since', 'in', 'out'],
    all.map((one): Cell[] => [
      one.id,
      tone(one.address === undefined ? 'quiet' : 'strong', one.address ?? one.user ?? '(nobody yet)'),
      one.software,
      `${one.clientAddress} (${one.transport})`,
      one.mechanism,
      `${one.tls.version} ${one.tls.start}`,
      duration(now - Date.parse(one.since)),
      String(one.stanzasIn),
      String(one.stanzasOut),
    ]),
  )
}

function needed(word: string | undefined): string {
  return word ?? ''
}
