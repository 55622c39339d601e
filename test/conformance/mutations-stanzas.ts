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
]
