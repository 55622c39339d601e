// Deliberately wrong gateways: addresses, stanzas and errors. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

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
]
