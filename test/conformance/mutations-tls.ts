// Deliberately wrong gateways: TLS and the way to it. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const TLS_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'not-required', about: 'TLS is offered, but not demanded.', module: 'stream/features.ts' },
    find: '<required/></starttls>`',
    put: '</starttls>`',
    cases: ['STR-04/response-header', 'GWY-14/plaintext'],
  },
  {
    ...{ id: 'sasl-in-the-clear', about: 'SASL before TLS is judged like any.', module: 'stream/receiving.ts' },
    find: "return sayThen(failureElement('encryption-required'), close('SP-428'))",
    put: "return failed(s, 'not-authorized')",
    cases: ['TLS-04/sasl-before-tls'],
  },
  {
    ...{ id: 'injected', about: 'What a partner said before TLS is read after it.', module: 'stream/initiating.ts' },
    find: "if (pending > 0) return close('SP-359'",
    put: "if (pending < 0) return close('SP-359'",
    cases: ['TLS-06/partner-injects'],
  },
  {
    ...{ id: 'plaintext', about: 'A partner without TLS is asked for it anyhow.', module: 'stream/initiating.ts' },
    find: "if (!features.starttls) return close('SP-351', offeredInstead(features))",
    put: '',
    cases: ['TLS-02/partner-without'],
  },
  {
    ...{ id: 'no-name-asked', about: 'TLS does not say whom it wants.', module: 'net/secure.ts' },
    find: 'servername: nameOf(pair.remote),',
    put: "servername: 'somebody.example',",
    cases: ['TLS-09/initiating'],
  },
  {
    ...{ id: 'renegotiation', about: 'The handshake may be had anew.', module: 'trust/tls-context.ts' },
    find: 'constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION',
    put: 'constants.SSL_OP_NO_TICKET',
    cases: ['TLS-18/renegotiates-TLSv1.2'],
  },
  {
    ...{ id: 'no-older', about: 'TLS 1.2 is not spoken.', module: 'trust/profiles/handshake.ts' },
    find: "versions.is.includes('TLSv1.2') ? ('TLSv1.2' as const)",
    put: "versions.is.includes('none') ? ('TLSv1.2' as const)",
    cases: ['TLS-10/TLSv1.2'],
  },
  {
    ...{ id: 'no-binding', about: 'Master secrets are not bound to handshakes.', module: 'trust/tls-context.ts' },
    find: 'secureOptions: constants.SSL_OP_NO_TICKET |',
    // SSL_OP_NO_EXTENDED_MASTER_SECRET, for which Node has no name.
    put: 'secureOptions: 1 | constants.SSL_OP_NO_TICKET |',
    cases: ['TLS-14/takes', 'TLS-14/offers'],
  },
  {
    ...{ id: 'any-suite', about: 'Suites without authenticated encryption are spoken.' },
    module: 'trust/profiles/handshake.ts',
    find: "ciphers: [...suites.is, ...olderSuites.is].join(':'),",
    put: "ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0',",
    cases: [
      ...['TLS-13/ECDHE-ECDSA-AES128-SHA', 'TLS-13/ECDHE-ECDSA-NULL-SHA', 'TLS-13/ECDHE-RSA-AES128-SHA'],
      ...['TLS-13/AES128-GCM-SHA256', 'TLS-13/AES256-GCM-SHA384', 'TLS-13/AES256-SHA'],
    ],
  },
  {
    ...{
      id: 'loud-failure',
      about: 'A partner that fails at STARTTLS is told that it did.',
      module: 'stream/initiating.ts',
    },
    find: "'tls-failure': () => heardRefusal('SP-352', ''),",
    put: "'tls-failure': () => close('SP-361'),",
    cases: ['TLS-05/partner-fails'],
  },
  {
    ...{
      id: 'resumes',
      about: 'Sessions of TLS are taken up again, without a certificate.',
      module: 'trust/tls-context.ts',
    },
    find: 'secureOptions: constants.SSL_OP_NO_TICKET |',
    put: "sessionIdContext: 'sallyport',\n    secureOptions:",
    cases: ['TLS-17/resumes-TLSv1.2', 'TLS-17/resumes-TLSv1.3'],
    also: { module: 'net/secure.ts', find: 'if (socket.isSessionReused()) return', put: "if (version === '') return" },
  },
  {
    ...{
      id: 'proceeds-anyhow',
      about: 'Who has nothing to show proceeds all the same.',
      module: 'stream/receiving.ts',
    },
    find: 'if (found) {',
    put: "if (found || detail !== '') {",
    cases: ['TLS-05/cannot-go-on'],
  },
]
