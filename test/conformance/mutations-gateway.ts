// Deliberately wrong gateways: the edge itself, its limits, IPv6 and administration. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const GATEWAY_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'open-house', about: 'Who is in no entry is let in.', module: 'policy/admission.ts' },
    find: "closed: 'SP-101'",
    put: 'closed: undefined',
    cases: ['ERR-05/not-admitted', 'GWY-05/stranger'],
  },
  {
    ...{ id: 'another-port', about: 'It listens where nobody said.', module: 'net/listener.ts' },
    find: 'server.listen({ host: options.host, port: options.port, backlog: BACKLOG }, resolve)',
    put: 'server.listen({ host: options.host, port: options.port, backlog: BACKLOG }, resolve)\n    createServer().listen(0, options.host)',
    cases: ['GWY-08/ports'],
  },
  {
    ...{ id: 'policy-or-not', about: 'A policy that cannot be read is none.', module: 'config/readings.ts' },
    find: 'if (yaml === undefined) return { yaml, policy: undefined, findings }',
    put: 'if (yaml === undefined) return NO_POLICY_FILE',
    cases: ['GWY-12/spoiled-policy'],
  },
  {
    ...{ id: 'no-marks', about: 'Rules for packets mark nothing.', module: 'cli/marking.ts' },
    find: '${ip} dscp set ${mark}',
    put: '${ip} counter',
    cases: ['QOS-01/rules'],
  },
  {
    ...{ id: 'no-memory', about: 'Decisions are kept until the end alone.', module: 'store/sqlite-file.ts' },
    find: 'new DatabaseSync(file, { timeout',
    put: "new DatabaseSync(':memory:', { timeout",
    cases: ['GWY-12/killed'],
  },
]
