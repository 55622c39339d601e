// Deliberately wrong gateways: what becomes of the log and of records elsewhere. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const RECORD_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'one-log-server', about: 'Only the first log server is sent anything.', module: 'net/log-servers.ts' },
    find: 'for (const { server } of this.#servers) server.take(frame)',
    put: 'this.#servers[0]?.server.take(frame)',
    cases: ['AUD-03/two-servers'],
  },
  {
    ...{
      id: 'no-patience',
      about: 'What a log server misses while it is away is let go.',
      module: 'net/log-server.ts',
    },
    find: '    if (!socket || this.#flying.length > 0) return\n',
    put: '    if (!socket) return void this.#waiting.takeAll()\n    if (this.#flying.length > 0) return\n',
    cases: ['AUD-03/two-servers'],
  },
  {
    ...{ id: 'any-log-server', about: 'Whoever the CA has certified may be the log server.' },
    module: 'net/log-server-connection.ts',
    find: 'checkServerIdentity: (_, certificate) => checkServerIdentity(place.name, certificate)',
    put: 'checkServerIdentity: () => undefined',
    cases: ['AUD-03/other-name'],
  },
  {
    ...{ id: 'right-clock', about: 'The clock of the host is never off.', module: 'net/sntp.ts' },
    find: 'offsetMs: (received - asked + (sent - heard)) / 2',
    put: 'offsetMs: 0 * (received - asked + (sent - heard))',
    cases: ['AUD-09/behind', 'AUD-09/ahead'],
  },
  {
    ...{ id: 'no-serial', about: 'The number of a certificate is not logged.', module: 'observe/stream-events.ts' },
    find: 'serial: certificate?.serial,',
    put: '',
    cases: ['AUD-11/proven', 'AUD-11/responder'],
  },
  {
    ...{ id: 'whoever-said-so', about: 'Who has said that a certificate is good is not logged.' },
    module: 'trust/revocation/standing.ts',
    find: "{ status: 'good', ...(standing.by && { by: standing.by }) }",
    put: "{ status: 'good' }",
    cases: ['AUD-11/proven', 'AUD-11/responder'],
  },
  {
    ...{ id: 'quiet-loss', about: 'That records cannot be written is told nobody.', module: 'observe/house-events.ts' },
    find: "log.write('error', 'records.trouble', { ...because(reason), detail, waiting, lost })",
    put: 'void [reason, detail, waiting, lost]',
    cases: ['AUD-05/store-locked'],
  },
  {
    ...{ id: 'no-consent', about: 'Whoever does not accept the notice goes on all the same.', module: 'cli/notice.ts' },
    find: 'if (!(await isAccepted(screen.terminal))) {',
    put: 'if (!(await isAccepted(screen.terminal)) && notice === undefined) {',
    cases: ['ADM-01/own-words'],
  },
  {
    ...{ id: 'no-banner', about: 'There is no notice unless somebody writes one.', module: 'config/notices.ts' },
    find: 'DoD: DOD }',
    put: 'DoD: DOD && undefined }',
    cases: ['ADM-01/of-the-dod'],
  },
]
