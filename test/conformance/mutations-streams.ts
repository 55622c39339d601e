// Deliberately wrong gateways: headers, features, errors and ends of streams. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const STREAM_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'any-content', about: 'A stream may carry any namespace.', module: 'stream/header.ts' },
    find: 'if (defaultNamespace !== content && !(free',
    put: "if (defaultNamespace === '?' && !(free",
    cases: ['STR-02/client-namespace'],
  },
  {
    ...{ id: 'any-root', about: 'A stream may begin in any namespace.', module: 'xml/faults.ts' },
    find: "streamNamespace: { condition: 'invalid-namespace'",
    put: "streamNamespace: { condition: 'bad-format'",
    cases: ['STR-01/other-root-namespace'],
  },
  {
    ...{ id: 'no-version', about: 'A stream without a version is served.', module: 'stream/header.ts' },
    find: 'if (version === undefined || !VERSION.test(version) || ',
    put: 'if (version !== undefined && ',
    cases: ['STR-05/no-version'],
  },
  {
    ...{ id: 'one-version', about: 'A later version is refused.', module: 'stream/header.ts' },
    find: 'Number.parseInt(version, 10) < 1',
    put: "version !== '1.0'",
    cases: ['STR-05/later-version'],
  },
  {
    ...{ id: 'no-language', about: 'Headers name no language.', module: 'xml/write.ts' },
    find: "version='${version}'${attribute('xml:lang', lang)}>`",
    put: "version='${version}'>`",
    cases: ['STR-03/initial-header', 'STR-04/response-header'],
  },
  {
    ...{ id: 'starttls-again', about: 'STARTTLS is offered within TLS.', module: 'stream/features.ts' },
    find: "forbids: ['secured'],",
    put: 'forbids: [],',
    cases: ['STR-08/restart'],
  },
  {
    ...{ id: 'binding', about: 'Servers are offered a resource to bind.', module: 'stream/features.ts' },
    find: "needs: ['secured', 'authenticated'],\n    forbids: [],\n    xml: `",
    put: "needs: ['secured', 'authenticated'],\n    forbids: [],\n    xml: `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>",
    cases: ['CAS-05/no-binding', 'SCP-02/no-session'],
  },
  {
    ...{ id: 'changing-names', about: 'A restart may change who is talking.', module: 'stream/receiving.ts' },
    find: "if (pair.remote !== known.pair.remote) return close('SP-424'",
    put: "if (pair.remote === '') return close('SP-424'",
    cases: ['TLS-08/other-name-after', 'SAS-04/other-name-after'],
  },
  {
    ...{ id: 'unknown-ignored', about: 'Unknown elements are let be.', module: 'stream/receiving.ts' },
    find: "s.phase === 'ready' ? close('SP-427', what) : s.phase === 'closing'",
    put: "s.phase === 'ready' ? [s] : s.phase === 'closing'",
    cases: ['STR-20/unknown-element', 'STR-20/feature-not-offered'],
  },
  {
    ...{ id: 'early-ignored', about: 'What comes too early is let be.', module: 'stream/receiving.ts' },
    find: 'finishClosing(s) : unexpected(what),',
    put: 'finishClosing(s) : [s],',
    cases: ['STR-16/stanza-before-sasl', 'STR-16/stanza-before-tls'],
  },
  {
    ...{ id: 'no-leave', about: 'Whoever closes a stream is not answered.', module: 'stream/table.ts' },
    find: "footer: () => closedByFooter('SP-464'),",
    put: 'footer: (s) => [s],',
    cases: ['STR-12/close'],
  },
  {
    ...{ id: 'any-host', about: 'Streams for domains of others are served.', module: 'gateway/reception.ts' },
    find: 'if (!house.isOurs(pair.local))\n      return refusal(house.gone',
    put: "if (pair.local === '')\n      return refusal(house.gone",
    cases: ['STR-14/unknown-host'],
  },
  {
    ...{ id: 'comments', about: 'Comments count as malformed.', module: 'xml/faults.ts' },
    find: "comment: restricted('a comment'),",
    put: "comment: malformed('a comment'),",
    cases: ['STR-18/comment'],
  },
  {
    ...{ id: 'encodings', about: 'Broken UTF-8 counts as malformed.', module: 'xml/faults.ts' },
    find: "encoding: { condition: 'unsupported-encoding'",
    put: "encoding: { condition: 'bad-format'",
    cases: ['STR-19/overlong'],
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
    ...{ id: 'no-goodbye', about: 'Whoever shuts down says something else.', module: 'xmpp/reasons.ts' },
    find: "means: 'We are shutting down.', side: 'ours', act: 'Nothing.', stream: 'system-shutdown'",
    put: "means: 'We are shutting down.', side: 'ours', act: 'Nothing.', stream: 'undefined-condition'",
    cases: ['STR-15/shutdown'],
  },
  {
    ...{
      id: 'answers-inbound',
      about: 'Whoever opened a stream is answered by it, asked or not.',
      module: 'stream/receiving.ts',
    },
    find: '        bidi: known.bidi,',
    put: '        bidi: true,',
    cases: ['STR-10/one-way'],
  },
  {
    ...{
      id: 'one-way-alone',
      about: 'Who asks for a stream that goes both ways gets none.',
      module: 'stream/receiving.ts',
    },
    find: '        bidi: known.bidi,',
    put: '        bidi: false,',
    cases: ['STR-11/both-ways'],
  },
  {
    ...{ id: 'no-count', about: 'What has arrived is not counted.', module: 'net/acks.ts' },
    find: 'this.#handled = (this.#handled + 1) % MODULUS',
    put: 'this.#handled = this.#handled % MODULUS',
    cases: ['STR-24/acknowledged'],
  },
  {
    ...{ id: 'compression', about: 'Streams are offered compression.', module: 'stream/features.ts' },
    find: 'element: `<stream:features>$',
    put: "element: `<stream:features><compression xmlns='http://jabber.org/features/compress'><method>zlib</method></compression>$",
    cases: ['STR-25/no-compression', 'STR-04/response-header'],
  },
  {
    ...{ id: 'closes-at-once', about: 'Whoever closes first does not wait for the answer.', module: 'stream/table.ts' },
    find: "idle: () => startClosing('SP-431', ''),",
    put: "idle: () => close('SP-431'),",
    cases: ['STR-12/reads-on', 'STR-12/not-answered'],
  },
  {
    ...{ id: 'endless-patience', about: 'Who keeps silent is never given up.', module: 'gateway/pings.ts' },
    find: 'for (const stream of dead) stream',
    put: 'for (const stream of dead.slice(0, 0)) stream',
    cases: ['STR-23/does-not-count', 'STR-23/pinged'],
  },
  {
    ...{ id: 'prefixes', about: 'Prefixes that nothing declares count as malformed.', module: 'xml/faults.ts' },
    find: "prefix: { condition: 'bad-namespace-prefix'",
    put: "prefix: { condition: 'not-well-formed'",
    cases: ['STR-13/bad-namespace-prefix'],
  },
  {
    ...{ id: 'never-ours', about: 'What was ours counts as what never was.', module: 'gateway/house.ts' },
    find: 'former ? former.gone.union(former.ours) :',
    put: 'former ? former.gone :',
    cases: ['STR-15/host-gone'],
  },
]
