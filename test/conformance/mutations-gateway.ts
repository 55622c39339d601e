// Deliberately wrong gateways: the edge itself, and its administration. Rules in `mutation.ts`.

import { type Mutation, onTheWay } from './mutation.ts'

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
  {
    ...{ id: 'deaf-domain', about: 'Nobody may ask our domain itself.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (kind === 'iq' && facts.to?.includes('@') === false) return { reason: 'SP-506', ends: 'stanza' }\n",
    cases: ['GWY-03/about-us', 'GWY-03/services', 'GWY-04/ping', 'GWY-04/version', 'GWY-04/time', 'GWY-04/last'],
  },
  {
    ...{ id: 'answers-changed', about: 'What the core says of our domain and its services is passed on changed.' },
    ...onTheWay(/(<(?:identity|item) [^>]*?)(?:category|jid)=/g, '$1hidden='),
    cases: ['GWY-03/about-us', 'GWY-03/services'],
  },
  {
    ...{ id: 'from-the-next-on', about: 'What an entry permits holds for streams to come.' },
    module: 'gateway/router.ts',
    find: 'current !== house || ',
    put: '',
    cases: ['GWY-07/direction'],
  },
  {
    ...{ id: 'stays-up', about: 'Who is blocked keeps the stream that is up.', module: 'gateway/standing.ts' },
    find: 'house.isOurs(local) ? house.admission(remote) :',
    put: 'house.isOurs(local) ? undefined :',
    cases: ['GWY-11/blocked'],
  },
  {
    ...{
      id: 'round',
      about: 'What the core sends out for one of ours is let out.',
      module: 'policy/rules/no-relay.ts',
    },
    find: "if (isOurs === (direction === 'inbound')) return undefined",
    put: "if (isOurs || direction === 'outbound') return undefined",
    cases: ['GWY-15/to-ourselves'],
  },
  {
    ...{ id: 'in-our-name', about: 'Our own names may come from outside.', module: 'policy/rules/sender-proven.ts' },
    find: "if (isProven && isOurs === (direction === 'outbound')) return undefined",
    put: 'if (isProven || isOurs) return undefined',
    cases: ['GWY-15/in-our-name'],
  },
  {
    ...{ id: 'any-pin', about: 'The keys that an entry names do not matter.', module: 'trust/verify.ts' },
    find: 'if (trust.pins.length > 0 &&',
    put: 'if (trust.pins.length > 1000 &&',
    cases: ['GWY-16/pinned'],
  },
  {
    ...{ id: 'no-route', about: 'DNS says where a partner is, whatever its entry says.', module: 'gateway/opening.ts' },
    find: 'const routes = house.partners.find(remote)?.connect ?? []',
    put: 'const routes = (house.partners.find(remote)?.connect ?? []).slice(1000)',
    cases: ['GWY-16/route'],
  },
  {
    ...{ id: 'never-expected', about: 'After how long a name is proven anew is not taken from an entry.' },
    module: 'config/partner-schema.ts',
    find: '...(read.reauthenticate === undefined ?',
    put: '...(read.reauthenticate !== 0 ?',
    cases: ['GWY-16/terms', 'SAS-16/renewed'],
  },
  {
    ...{ id: 'any-core', about: 'Whoever connects in our name is the core.', module: 'trust/verify-core.ts' },
    find: 'if (known || trust.pins.includes(leaf.pin)) {',
    put: 'if (known || leaf) {',
    cases: ['GWY-14/not-the-core'],
  },
]
