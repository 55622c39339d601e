// Deliberately wrong gateways: how a name is proven: SASL and dialback. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const PROOF_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'any-authzid', about: 'Whoever proved a name may speak as any.', module: 'stream/sasl.ts' },
    find: "return parseDomain(authzid) === domain ? undefined : 'invalid-authzid'",
    put: "return parseDomain(authzid) !== '' ? undefined : 'invalid-authzid'",
    cases: ['SAS-03/another'],
  },
  {
    ...{ id: 'any-mechanism', about: 'Any mechanism is taken for EXTERNAL.', module: 'stream/sasl.ts' },
    find: "if (element.attrs['mechanism'] !== 'EXTERNAL') return 'invalid-mechanism'",
    put: "if (element.attrs['mechanism'] === '') return 'invalid-mechanism'",
    cases: ['SAS-08/mechanism'],
  },
  {
    ...{ id: 'any-encoding', about: 'Broken Base64 is read somehow.', module: 'stream/sasl.ts' },
    find: "if (!BASE64.test(text)) return 'incorrect-encoding'",
    put: "if (!BASE64.test(text)) return 'malformed-request'",
    cases: ['SAS-08/encoding'],
  },
  {
    ...{ id: 'empty-authzid', about: 'An authorization identity is demanded.', module: 'stream/sasl.ts' },
    find: "if (text === '' || text === '=') return undefined",
    put: "if (text === '' || text === '=') return 'malformed-request'",
    cases: ['SAS-03/empty'],
  },
  {
    ...{ id: 'endless-sasl', about: 'SASL may fail as often as one likes.', module: 'stream/receiving.ts' },
    find: 'if (attempts <= 0)',
    put: 'if (attempts <= -99_999)',
    cases: ['SAS-06/many'],
  },
  {
    ...{ id: 'deaf-to-abort', about: 'An abort is answered as something else.', module: 'stream/receiving.ts' },
    find: "failed(s, 'aborted')",
    put: "failed(s, 'malformed-request')",
    cases: ['SAS-08/abort'],
  },
  {
    ...{ id: 'unasked', about: 'SASL that was not offered is begun.', module: 'stream/initiating.ts' },
    find: "if (features.mechanisms.includes('EXTERNAL')) {",
    put: 'if (features.mechanisms.length < 9) {',
    cases: ['SAS-17/no-mechanism'],
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
    ...{
      id: 'no-dialback',
      about: 'Dialback is offered to nobody.',
      module: 'stream/features.ts',
      profile: 'standard',
    },
    find: "needs: ['secured', 'dialback'],",
    put: "needs: ['secured', 'dialback', 'authenticated'],",
    cases: ['SAS-09/receiving', 'SAS-12/error', 'SAS-14/another'],
  },
  {
    ...{
      id: 'any-key',
      about: 'Whatever the server of a domain says, the key is its own.',
      module: 'gateway/dialback.ts',
      profile: 'standard',
    },
    find: "return { say: 'invalid', reason: 'SP-470', detail: '' }",
    put: 'return undefined',
    cases: ['SAS-09/false-key', 'SAS-12/error'],
  },
  {
    ...{
      id: 'any-stream',
      about: 'Keys are good for any stream.',
      module: 'trust/dialback-key.ts',
      profile: 'standard',
    },
    find: '`${receiving} ${originating} ${id}`',
    put: '`${receiving} ${originating} ${id.slice(0, 0)}`',
    cases: ['SAS-09/authoritative'],
  },
  {
    ...{
      id: 'fatal-claims',
      about: 'A claim that fails ends the stream.',
      module: 'stream/claims.ts',
      profile: 'standard',
    },
    find: "if (say === 'invalid' && claims.proven",
    put: 'if (say !== undefined && claims.proven',
    cases: ['SAS-12/error', 'SAS-12/no-server'],
  },
  {
    ...{
      id: 'unsolicited',
      about: 'A result of dialback that nobody asked for is believed.',
      module: 'stream/claims.ts',
    },
    find: "if (word.kind === 'answer') return { end: close('SP-476', `${word.answer.verdict} for ${pair.remote}`) }",
    put: "if (word.kind === 'answer')\n    return {\n      claims: { ...claims, proven: [pair] },\n      effects: [{ kind: 'ready', proven: { pair, method: 'certificate', certificate: undefined }, bidi: false }],\n      ready: true,\n    }",
    cases: ['SAS-13/unsolicited'],
  },
  {
    ...{
      id: 'one-for-all',
      about: 'Who has proven one name may speak as any.',
      module: 'net/proven-pairs.ts',
      profile: 'standard',
    },
    find: '    const known = this.#towards.get(asked)\n',
    put: "    const known = new Proxy<readonly string[]>([], { get: (list, key) => (key === 'includes' ? () => true : Reflect.get(list, key)) })\n",
    cases: ['SAS-14/not-yet'],
  },
]
