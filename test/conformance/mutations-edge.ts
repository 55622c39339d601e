// Deliberately wrong gateways for what only an edge has, and for what becomes of those who are gone. As in `mutations.ts`.

import type { Mutation } from './mutations.ts'

export const EDGE_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'ghosts', about: 'Who is gone is not taken back.', module: 'gateway/ledgers/ledgers.ts' },
    find: '      this.#lost(trouble)\n',
    put: '      if (trouble.since < 0) this.#lost(trouble)\n',
    cases: ['PRS-05/partner-lost', 'MUC-13/theirs-in-ours', 'MUC-13/ours-in-theirs', 'PRS-04/core-lost'],
  },
  {
    ...{ id: 'same-addresses', about: 'Errors keep the addresses of what they answer.', module: 'xml/stanza-error.ts' },
    find: "${attribute('from', to)}${attribute('to', from)}",
    put: "${attribute('from', from)}${attribute('to', to)}",
    cases: ['ERR-01/swapped-bad-request', 'MSG-04/nowhere', 'MSG-04/partner-lost', 'MSG-04/core-lost'],
  },
  {
    ...{ id: 'another-port', about: 'It listens where nobody said.', module: 'net/listener.ts' },
    find: 'server.listen({ host: options.host, port: options.port, backlog: BACKLOG }, resolve)',
    put: 'server.listen({ host: options.host, port: options.port, backlog: BACKLOG }, resolve)\n    createServer().listen(0, options.host)',
    cases: ['GWY-08/ports'],
  },
  {
    ...{ id: 'open-folder', about: 'Anybody may enter the folder of records.', module: 'admin/control-socket.ts' },
    find: 'await chmod(dirname(socketPath), 0o700)',
    put: 'await chmod(dirname(socketPath), 0o755)',
    cases: ['AUD-04/own-files'],
  },
  {
    ...{ id: 'never-anew', about: 'Names are proven once.', module: 'gateway/house.ts' },
    find: 'const own = this.partners.find(domain)?.reauthenticateMs\n',
    put: 'const own = undefined\n',
    cases: ['SAS-16/renewed', 'SAS-16/anew'],
  },
  {
    ...{ id: 'no-hour', about: 'The profile lets streams be as old as they like.', module: 'trust/profiles/dod.ts' },
    find: "is: 60,\n    source:\n      'EVVM SRG-NET-000338",
    put: "is: 'never',\n    source:\n      'EVVM SRG-NET-000338",
    cases: ['SAS-16/hour'],
  },
  {
    ...{ id: 'lost-queue', about: 'What waits for a link that fails is dropped.', module: 'gateway/links/returns.ts' },
    find: 'this.#queue.take()) this.#options.bounce(parcel, letIn(why))',
    put: 'this.#queue.take()) letIn(why)',
    cases: ['MSG-04/core-lost'],
  },
  {
    ...{ id: 'policy-or-not', about: 'A policy that cannot be read is none.', module: 'config/readings.ts' },
    find: 'if (yaml === undefined) return { yaml, policy: undefined, findings }',
    put: 'if (yaml === undefined) return NO_POLICY_FILE',
    cases: ['GWY-12/spoiled-policy'],
  },
  {
    ...{
      id: 'no-conditions',
      about: 'By which condition a stream ended is not logged.',
      module: 'observe/stream-events.ts',
    },
    find: 'return { ...because(reason), reference, detail, by, condition }',
    put: 'return { ...because(reason), reference, detail, by, condition: condition && undefined }',
    cases: ['STR-13/taken'],
  },
  {
    ...{ id: 'whatever-demanded', about: 'What a partner demands is let be.', module: 'stream/initiating.ts' },
    find: 'features.demanded.length > 0',
    put: 'features.demanded.length < 0',
    cases: ['STR-09/demanded'],
  },
  {
    ...{ id: 'nothing-new', about: 'Whatever is not known ends the negotiation.', module: 'stream/features.ts' },
    find: "child.getChildElements().some((inner) => inner.getName() === 'required')",
    put: "name !== ''",
    cases: ['STR-09/voluntary'],
  },
  {
    ...{ id: 'no-marks', about: 'Rules for packets mark nothing.', module: 'cli/marking.ts' },
    find: '${ip} dscp set ${mark}',
    put: '${ip} counter',
    cases: ['QOS-01/rules'],
  },
  {
    ...{ id: 'one-failure', about: 'Whatever fails is not-authorized.', module: 'stream/receiving.ts' },
    find: "(s) => (s.certificate ? failed(s, 'malformed-request')",
    put: "(s) => (s.certificate ? failed(s, 'not-authorized')",
    cases: ['SAS-07/malformed'],
  },
  {
    ...{ id: 'deaf-to-failures', about: 'Why a partner refuses our name is not logged.', module: 'stream/sasl.ts' },
    find: "detail: [said, text].filter(Boolean).join(' ')",
    put: "detail: ''",
    cases: ['SAS-07/told-aborted', 'SAS-07/told-invalid-authzid', 'SAS-07/told-temporary-auth-failure'],
  },
  {
    ...{ id: 'no-goodbye', about: 'Whoever shuts down says something else.', module: 'xmpp/reasons.ts' },
    find: "means: 'We are shutting down.', side: 'ours', act: 'Nothing.', stream: 'system-shutdown'",
    put: "means: 'We are shutting down.', side: 'ours', act: 'Nothing.', stream: 'undefined-condition'",
    cases: ['STR-15/shutdown'],
  },
  {
    ...{ id: 'no-memory', about: 'Decisions are kept until the end alone.', module: 'store/sqlite-file.ts' },
    find: 'new DatabaseSync(file, { timeout',
    put: "new DatabaseSync(':memory:', { timeout",
    cases: ['GWY-12/killed'],
  },
  {
    ...{ id: 'as-named', about: 'Responders are those that certificates name, whatever settings say.' },
    module: 'trust/revocation/revocation.ts',
    find: 'responder === undefined ? pointers.responders.filter(isHttp) : [responder]',
    put: 'pointers.responders.filter(isHttp)',
    cases: ['PKI-15/asked-nowhere-operator-proves'],
  },
]
