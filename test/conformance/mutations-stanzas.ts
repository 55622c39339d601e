// Deliberately wrong gateways: addresses, stanzas and errors. Rules in `mutation.ts`.

import { type Mutation, onTheWay } from './mutation.ts'

export const STANZA_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'any-address', about: 'Addresses may be malformed.', module: 'policy/rules/well-formed-addresses.ts' },
    find: 'if (malformed.length === 0) return undefined',
    put: 'if (malformed.length >= 0) return undefined',
    cases: ['JID-05/malformed'],
  },
  {
    ...{ id: 'relay', about: 'What is for third domains is passed on.', module: 'policy/rules/no-relay.ts' },
    find: "if (isOurs === (direction === 'inbound')) return undefined",
    put: "if (isOurs || direction === 'inbound') return undefined",
    cases: ['STZ-08/third-party'],
  },
  {
    ...{ id: 'any-sender', about: 'Who said something is not checked.', module: 'policy/rules/sender-proven.ts' },
    find: "if (isProven && isOurs === (direction === 'outbound')) return undefined",
    put: 'if (isProven || direction !== undefined) return undefined',
    cases: ['JID-09/foreign-from'],
  },
  {
    ...{ id: 'same-addresses', about: 'Errors keep the addresses of what they answer.', module: 'xml/stanza-error.ts' },
    find: "${attribute('from', to)}${attribute('to', from)}",
    put: "${attribute('from', from)}${attribute('to', to)}",
    cases: ['ERR-01/swapped-bad-request', 'MSG-04/nowhere', 'MSG-04/partner-lost', 'MSG-04/core-lost'],
  },
  {
    ...{ id: 'long-parts', about: 'Parts of addresses may be as long as they like.', module: 'xmpp/address.ts' },
    find: 'const MAX_PART = 1023',
    put: 'const MAX_PART = 4000',
    cases: ['JID-01/too-long-local', 'JID-01/too-long-resource', 'JID-01/too-long-octets'],
  },
  {
    ...{ id: 'short-parts', about: 'Parts of addresses may have 1000 octets.', module: 'xmpp/address.ts' },
    find: 'const MAX_PART = 1023',
    put: 'const MAX_PART = 1000',
    cases: ['JID-01/longest'],
  },
  {
    ...{ id: 'domain-case', about: 'Domains are written in small letters, or are none.', module: 'xmpp/domain.ts' },
    find: 'const lower = withoutDot(text).toLowerCase()',
    put: 'if (/[A-Z]/.test(text)) return undefined\n  const lower = withoutDot(text).toLowerCase()',
    cases: ['JID-02/case'],
  },
  {
    ...{ id: 'any-sign', about: 'Local parts may have any sign.', module: 'xmpp/address.ts' },
    find: `const EXCLUDED = /["&'/:<>@]/`,
    put: 'const EXCLUDED = /[/@]/',
    cases: [
      ...['JID-03/quote', 'JID-03/ampersand', 'JID-03/apostrophe', 'JID-03/colon', 'JID-03/less', 'JID-03/greater'],
    ],
  },
  {
    ...{ id: 'small-letters', about: 'Addresses are written in small letters.', module: 'gateway/router.ts' },
    find: 'const sent = content === NS.component ? withPlainDomain(came, fromDomain) : came',
    put: "const sent = withAddress(came, 'to', (came.to ?? '').toLowerCase())",
    cases: ['JID-04/resource'],
  },
  {
    ...{ id: 'any-payloads', about: 'Questions have as many payloads as they like.' },
    module: 'policy/rules/stanza-type.ts',
    find: 'return mayHave(type, length) ? undefined',
    put: "return mayHave('error', length) ? undefined",
    cases: ['STZ-03/no-child', 'STZ-03/two-children'],
  },
  {
    ...{ id: 'no-errors', about: 'Errors do not pass.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (type === 'error') return { reason: 'SP-506', ends: 'stanza' }\n",
    cases: ['ERR-02/in', 'ERR-02/out', 'STZ-05/our-domain', 'STZ-10/groupchat', 'STZ-11/gone'],
  },
  {
    ...{ id: 'any-element', about: 'Any element of a stream is a stanza.', module: 'stream/elements.ts' },
    find: 'isStanza(frame) ? ',
    put: "isStanza(frame) || frame.namespace === 'urn:xmpp:sm:3' ? ",
    cases: ['STZ-12/acknowledgement'],
  },
  {
    ...{ id: 'any-size', about: 'Stanzas are as large as they like.', module: 'xml/automaton.ts' },
    find: 'this.limits.stanzaBytes) - this.before',
    put: 'Number.MAX_SAFE_INTEGER) - this.before',
    cases: ['STZ-13/too-large'],
  },
  {
    ...{ id: 'small-size', about: 'Stanzas have 9000 bytes at most.', module: 'gateway/stream-limits.ts' },
    find: 'after: { ...AFTER_AUTHENTICATION, stanzaBytes, depth,',
    put: 'after: { ...AFTER_AUTHENTICATION, stanzaBytes: 9000, depth,',
    cases: ['STZ-13/large'],
  },
  {
    ...{ id: 'one-type', about: 'Whatever the condition, errors say cancel.', module: 'xml/stanza-error.ts' },
    find: "<error type='${error.type}'",
    put: "<error type='cancel'",
    cases: [
      ...[
        'ERR-01/bad-request/in',
        'ERR-01/jid-malformed/in',
        'ERR-01/resource-constraint/in',
        'ERR-01/bad-request/out',
      ],
      ...['ERR-01/jid-malformed/out', 'ERR-01/policy-violation/out', 'ERR-01/remote-server-timeout/out'],
    ],
  },
  {
    ...{ id: 'one-condition', about: 'Whatever the reason, errors say undefined-condition.' },
    module: 'xml/stanza-error.ts',
    find: "<${error.condition} xmlns='${NS.stanzaConditions}'/>${text}",
    put: "<undefined-condition xmlns='${NS.stanzaConditions}'/>${text}",
    cases: [
      ...['ERR-01/not-allowed/in', 'ERR-01/service-unavailable/in', 'ERR-01/not-allowed/out'],
      ...['ERR-01/remote-server-not-found/out', 'STZ-03/no-child'],
    ],
  },
  {
    ...{ id: 'errors-answered', about: 'Errors and answers are answered.', module: 'xml/stanza-error.ts' },
    find: 'if (!mayBeAnswered(frame)) return undefined\n',
    put: '',
    cases: ['ERR-03/error-refused', 'ERR-03/answer-refused', 'ERR-03/error-answer-refused', 'ERR-03/leave-refused'],
  },
  {
    ...{ id: 'no-root', about: 'A dot at the end makes another domain.', module: 'xmpp/domain.ts' },
    find: "(text.endsWith('.') ? text.slice(0, -1) : text)",
    put: 'text',
    cases: ['JID-02/dot'],
  },
  {
    ...{ id: 'no-literals', about: 'Nobody is at an address of a machine.', module: 'xmpp/address.ts' },
    find: 'if (domain === undefined) return undefined\n  const local = hasLocal',
    put: 'if (domain === undefined || /^[\\d[]/.test(domain)) return undefined\n  const local = hasLocal',
    cases: ['JID-02/literal-v6', 'JID-02/literal-v6-long', 'JID-02/literal-v4'],
  },
  {
    ...{ id: 'any-number-literal', about: 'Any four numbers are an address of IPv4.', module: 'xmpp/domain.ts' },
    find: 'return IPV4.test(text) ? text : undefined',
    put: 'return text',
    cases: ['JID-02/no-literal-v4'],
  },
  {
    ...{ id: 'local-case', about: 'Rules hold for names as they are written.', module: 'xmpp/stringprep.ts' },
    find: 'if (ASCII_ONLY.test(text)) return text.toLowerCase()',
    put: 'if (text.length > 0) return text',
    cases: [
      ...['JID-03/spelled-capitals', 'JID-03/spelled-full-width', 'JID-06/spelled-hidden', 'JID-06/spelled-long-s'],
    ],
  },
  {
    ...{ id: 'precis-locals', about: 'Local parts are those of RFC 7622 alone.', module: 'xmpp/address.ts' },
    find: 'usernameCaseMapped(text) ?? nodeprep(text)',
    put: 'usernameCaseMapped(text)',
    cases: ['JID-06/symbol/in', 'JID-06/symbol/out', 'JID-06/compatible/in', 'JID-06/compatible/out'],
  },
  {
    ...{ id: 'precis-resources', about: 'Resources are those of RFC 7622 alone.', module: 'xmpp/address.ts' },
    find: 'opaqueString(text) ?? resourceprep(text)',
    put: 'opaqueString(text)',
    cases: [
      ...['JID-06/soft-hyphen/in', 'JID-06/soft-hyphen/out', 'JID-06/middle-dot/in', 'JID-06/family/in'],
      'JID-06/family/out',
    ],
  },
  {
    ...{ id: 'stringprep-written', about: 'Local parts are written as RFC 6122 prepares them.' },
    module: 'gateway/router.ts',
    find: 'const sent = content === NS.component ? withPlainDomain(came, fromDomain) : came',
    put: "const sent = withAddress(came, 'to', (came.to ?? '').normalize('NFKC').toUpperCase().toLowerCase().replace('ς', 'σ'))",
    cases: [...['JID-06/sharp-s/in', 'JID-06/sharp-s/out', 'JID-06/final-sigma/in', 'JID-06/compatible/in']],
  },
  {
    ...{ id: 'old-unicode', about: 'What Unicode 3.2 does not have is no letter.', module: 'xmpp/address.ts' },
    find: 'return local === undefined || EXCLUDED.test(local)',
    put: 'return local === undefined || /[\\u0527\\uA64B]/.test(local)',
    cases: ['JID-06/after-3.2/in', 'JID-06/after-3.2/out'],
  },
  {
    ...{ id: 'nothing-prohibited', about: 'Resources may have any character.', module: 'xmpp/stringprep.ts' },
    find: 'return PROHIBITED.test(mapped) || ',
    put: 'return ',
    cases: ['JID-06/neither-isolate', 'JID-06/neither-private'],
  },
  {
    ...{ id: 'empty-locals', about: 'Local parts may be empty.', module: 'xmpp/address.ts' },
    find: 'if (hasLocal && local === undefined) return undefined',
    put: 'if (at > 0 && local === undefined) return undefined',
    cases: ['JID-06/neither-no-name'],
  },
  {
    ...{ id: 'unescaped', about: 'Escaped addresses are written without their escapes.', module: 'gateway/router.ts' },
    find: 'const sent = content === NS.component ? withPlainDomain(came, fromDomain) : came',
    put: "const sent = withAddress(came, 'to', (came.to ?? '').replaceAll(String.raw`\\40`, '+'))",
    cases: ['JID-07/escaped'],
  },
  {
    ...{ id: 'as-decorated', about: 'People behind a provider keep their names there.', module: 'policy/partners.ts' },
    find: 'this.decorates = partners.some(({ decorates = [] }) => decorates.length > 0)',
    put: 'this.decorates = false',
    cases: ['JID-08/both-ways', 'JID-08/two-stay-two', 'JID-08/other-spelling'],
  },
  {
    ...{ id: 'any-spelling', about: 'What reads like the name of a person is it.', module: 'policy/served.ts' },
    find: 'return isExact ? ',
    put: "return named.via !== '' ? ",
    cases: ['JID-08/other-spelling'],
  },
  {
    ...{ id: 'whole-stream', about: 'A name of nobody costs the provider its stream.' },
    module: 'policy/rules/behind-provider.ts',
    find: 'if (isServed && partner.domain === via) return undefined',
    put: "if (via !== '') return undefined",
    cases: ['JID-08/not-served', 'JID-08/of-ours'],
  },
  {
    ...{ id: 'behind-alone', about: 'Who is behind a provider may speak for themselves.' },
    module: 'policy/rules/sender-proven.ts',
    find: 'if (isProven && isOurs',
    put: "if ((isProven || direction === 'inbound') && isOurs",
    cases: ['JID-08/not-by-itself'],
  },
  {
    ...{ id: 'two-names', about: 'Who is served is reached by either name.', module: 'policy/served.ts' },
    find: 'if (named === undefined || partners.behind(named.domain) !== named.via) return undefined',
    put: 'if (named === undefined || via === undefined) return undefined',
    cases: ['JID-08/one-name'],
  },
  {
    ...{ id: 'conditions-changed', about: 'The condition of an error is passed on as another.' },
    ...onTheWay(/<(?!text)[a-z-]+( xmlns=(['"])urn:ietf:params:xml:ns:xmpp-stanzas\2)/g, '<undefined-condition$1'),
    cases: ['ERR-02/in', 'ERR-02/out', 'STZ-05/our-domain'],
  },
  {
    ...{ id: 'prefixes-changed', about: 'Prefixes of the header stand for something else in stanzas.' },
    module: 'xml/rescope.ts',
    find: '...frame.scope.prefixes]',
    put: "...[...frame.scope.prefixes].map(([prefix]) => [prefix, 'urn:example:other'])]",
    cases: ['STR-22/root-prefix'],
  },
]
