// Deliberately wrong gateways: records and logs. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const AUDIT_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'open-folder', about: 'Anybody may enter the folder of records.', module: 'admin/control-socket.ts' },
    find: 'await chmod(dirname(socketPath), 0o700)',
    put: 'await chmod(dirname(socketPath), 0o755)',
    cases: ['AUD-04/own-files'],
  },
  {
    ...{ id: 'from-nowhere', about: 'From where somebody came is not logged.', module: 'observe/fields.ts' },
    find: 'return address?.replace(',
    put: 'return undefined && address?.replace(',
    cases: ['AUD-01/opened-and-closed', 'AUD-01/failed', 'AUD-07/two-streams', 'AUD-12/not-theirs'],
  },
  {
    ...{ id: 'in-their-words', about: 'What is refused is logged as it was said.', module: 'gateway/router.ts' },
    find: "const refused: Refused = { ...decision, detail: decision.detail ?? '', reference }",
    put: 'const refused: Refused = { ...decision, detail: came.original.bytes.toString(), reference }',
    cases: ['AUD-02/no-words'],
  },
  {
    ...{ id: 'only-the-first', about: 'Of the streams of one domain the first is logged.' },
    module: 'observe/stream-events.ts',
    find: '  return {\n    streamOpened(stream) {\n',
    put: '  const told = new Set<string>()\n  return {\n    streamOpened(stream) {\n      if (told.size === told.add(stream.pair.remote).size) return\n',
    cases: ['AUD-07/two-streams'],
  },
  {
    ...{
      id: 'by-nobody',
      about: 'Who has changed an entry, and why, is not kept.',
      module: 'records/partner-history.ts',
    },
    find: 'const { by, why, together } = isIts ? announced :',
    put: 'const { by, why, together } = isIts && announced.together ? announced :',
    cases: ['AUD-08/history'],
  },
  {
    ...{ id: 'by-one-name', about: 'Whose stream a false name came by is not logged.' },
    module: 'policy/rules/sender-proven.ts',
    find: "const detail = `from=${from}, proven=${provenDomains.join(' ')}`",
    put: 'const detail = `from=${from}`',
    cases: ['AUD-12/not-theirs'],
  },
  {
    ...{ id: 'quiet-dialback', about: 'That a key of dialback is none is not logged.', profile: 'nato' },
    module: 'observe/stream-events.ts',
    find: "log.write('warn', 'dialback.refused',",
    put: "if (pair.remote === '') log.write('warn', 'dialback.refused',",
    cases: ['AUD-12/false-key'],
  },
  {
    ...{ id: 'nobody-responsible', about: 'Who wanted to say what was refused is not logged.' },
    module: 'observe/stanza-events.ts',
    find: 'const who = { direction, partner, from, to, kind, type, id }\n    const why',
    put: 'const who = { direction, partner, to, kind, type, id }\n    const why',
    cases: ['AUD-06/refused', 'AUD-02/no-words', 'AUD-12/not-theirs'],
  },
]
