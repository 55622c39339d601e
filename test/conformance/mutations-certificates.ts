// Deliberately wrong gateways: what certificates are worth. Rules in `mutation.ts`.

import type { Mutation } from './mutation.ts'

export const CERTIFICATE_MUTATIONS: readonly Mutation[] = [
  {
    ...{ id: 'no-names', about: 'Certificates need not name the domain.', module: 'trust/verify.ts' },
    find: 'if (!findName(names, domain) && !(',
    put: "if (domain === '' && !(",
    cases: [
      ...['SAS-02/other-name', 'SAS-18/other-name', 'PKI-04/common-name', 'PKI-04/other-service'],
      ...['PKI-06/wildcard-part', 'PKI-06/wildcard-twice', 'PKI-06/wildcard-too-high', 'PKI-06/wildcard-xmpp-addr'],
    ],
  },
  {
    ...{ id: 'no-srv-id', about: 'SRV-IDs prove nothing.', module: 'trust/names.ts' },
    find: 'return name.value.toLowerCase() === `_xmpp-server.${domain}`',
    put: 'return false',
    cases: ['PKI-04/srv-id-proves', 'PKI-04/srv-id-outbound-proves'],
  },
  {
    ...{ id: 'no-wildcards', about: 'Wildcards prove nothing.', module: 'trust/names.ts' },
    find: "if (!name.startsWith('*.')) return name === domain",
    put: "if (name !== '') return name === domain",
    cases: ['PKI-06/wildcard-proves'],
  },
  {
    ...{ id: 'any-anchor', about: 'Whoever issued it is trusted.', module: 'trust/path.ts', profile: 'standard' },
    find: 'if (anchors.byFingerprint.has(last.fingerprint)) return complete(path)',
    put: 'if (path.length > 0) return complete(path)',
    cases: [
      ...['SAS-02/self-signed', 'SAS-02/unknown-ca', 'SAS-18/self-signed', 'SAS-18/unknown-ca'],
      ...['PKI-03/partner-ca-of-another', 'PKI-03/good-not-own-anchor', 'PKI-01/below-missing'],
    ],
  },
  {
    ...{ id: 'no-signatures', about: 'Signatures of certificates are not checked.', module: 'trust/path.ts' },
    find: '(verdict = isSignedWith(certificate, issuer))',
    put: '(verdict = true)',
    cases: ['PKI-01/damaged'],
  },
  {
    ...{ id: 'weak-signatures', about: 'SHA-1 is good enough.', module: 'trust/strength.ts', profile: 'standard' },
    find: 'return name !== undefined && certificateSignatures.is.includes(name)',
    put: 'return true',
    cases: ['SAS-02/sha1', 'SAS-18/sha1'],
  },
  {
    ...{ id: 'no-dates', about: 'Certificates never expire.', module: 'trust/path-rules.ts' },
    find: 'if (now > notAfter) return at(',
    put: 'if (now < 0) return at(',
    cases: ['SAS-02/expired', 'SAS-18/expired', 'PKI-01/below-expired'],
  },
  {
    ...{ id: 'no-beginning', about: 'Certificates are valid before they begin.', module: 'trust/path-rules.ts' },
    find: 'if (now < notBefore) return at(',
    put: 'if (now < 0) return at(',
    cases: ['PKI-01/not-yet-valid'],
  },
  {
    ...{ id: 'no-critical', about: 'Unknown critical extensions do not matter.', module: 'trust/path-rules.ts' },
    find: 'if (unknown !== undefined) return at(certificate',
    put: "if (unknown === '') return at(certificate",
    cases: ['PKI-01/strange-extension'],
  },
  {
    ...{ id: 'anybody-issues', about: 'What is no CA may issue.', module: 'trust/path-rules.ts', profile: 'standard' },
    find: 'if (refused) return refused',
    put: "if (refused?.reason === 'none') return refused",
    cases: ['PKI-01/below-no-ca', 'PKI-01/below-no-signing'],
  },
  {
    ...{ id: 'no-path-length', about: 'CAs may be as many as they like.', module: 'trust/path-rules.ts' },
    find: 'if (pathLength === 0) return at(',
    put: 'if (pathLength < -9) return at(',
    cases: ['PKI-01/below-too-long'],
  },
  {
    ...{ id: 'no-constraints', about: 'CAs may vouch for any name.', module: 'trust/path-rules.ts' },
    find: "if (violation !== undefined) return at(certificate, 'SP-311'",
    put: "if (violation === '') return at(certificate, 'SP-311'",
    cases: ['PKI-01/below-excluded'],
  },
  {
    ...{ id: 'no-policies', about: 'Certificate policies are not asked for.', module: 'trust/path-rules.ts' },
    find: 'if (policy) return at(policy.certificate',
    put: "if (policy?.words === '') return at(policy.certificate",
    cases: ['PKI-01/below-explicit', 'PKI-17/good-no-policy'],
  },
  {
    ...{ id: 'any-purpose', about: 'It does not matter what a certificate is for.', module: 'trust/path-rules.ts' },
    find: 'if (!one) return undefined',
    put: 'if (one !== 0) return undefined',
    cases: ['PKI-07/server-only', 'PKI-07/other-purpose', 'PKI-07/client-only-outbound'],
  },
  {
    ...{ id: 'no-key-usage', about: 'Keys that are not for it sign handshakes.', module: 'trust/verify.ts' },
    find: 'if (!maySignHandshakes(leaf.extensions))',
    put: "if (domain === '')",
    cases: ['PKI-01/no-signing'],
  },
  {
    ...{ id: 'open-key', about: 'Keys that others can read are not told of.', module: 'trust/own-pair.ts' },
    find: 'warn(file, `others can read this',
    put: "if (file === '') warn(file, `others can read this",
    cases: ['PKI-18/open-key'],
  },
  {
    ...{ id: 'no-key', about: 'Without key or certificate it starts.', module: 'trust/own-pair.ts' },
    find: "const [error, warn] = [say('error'), say('warning')]",
    put: "const [error, warn] = [say('warning'), say('warning')]",
    cases: ['TLS-20/no-key', 'TLS-20/no-certificate'],
  },
  {
    ...{
      id: 'key-not-found',
      about: 'The key in use is not found for what a CA hands out.',
      module: 'cli/cert-import.ts',
    },
    find: 'for (const file of [pendingFiles(own).key, own.keyFile])',
    put: 'for (const file of [pendingFiles(own).key])',
    cases: ['PKI-20/imported'],
  },
  {
    ...{ id: 'no-srv-asked', about: 'No SRV-ID is asked for.', module: 'trust/request.ts' },
    find: '...(o.srv ? [',
    put: "...(o.srv && domain === '' ? [",
    cases: ['PKI-05/request'],
  },
  {
    ...{ id: 'no-xmpp-addr', about: 'No XmppAddr is asked for.', module: 'trust/request.ts' },
    find: '...(o.xmppAddr ? [',
    put: "...(o.xmppAddr && domain === '' ? [",
    cases: ['PKI-05/older-peers'],
  },
  {
    ...{ id: 'again-not', about: 'Who is looked at again is believed no more.', module: 'gateway/revocations.ts' },
    find: "'is up')\n    if (!stream.open) return\n",
    put: "'is up')\n    if (stream.open) return this.#close(stream, 'SP-371', '')\n",
    cases: ['PKI-21/others-stay'],
  },
  {
    ...{
      id: 'past-the-end',
      about: 'Streams outlive the certificates that proved them.',
      module: 'gateway/standing.ts',
    },
    find: "if (certificate && Date.parse(certificate.notAfter) <= now) return 'SP-371'",
    put: "if (certificate?.notAfter === '') return 'SP-371'",
    also: {
      module: 'gateway/revocations.ts',
      find: 'if (!verdict.proven) {',
      put: "if (!verdict.proven && domain === '') {",
    },
    cases: ['PKI-12/expires'],
  },
  {
    ...{ id: 'takes-anything', about: 'Files with an error in them are taken.', module: 'trust/own-certificates.ts' },
    find: 'if (good || !held.current.identity) held',
    put: 'if (held) held',
    cases: ['TLS-20/key-goes'],
  },
  {
    ...{
      id: 'read-once',
      about: 'Certificates of ours are read at the start alone.',
      module: 'trust/own-certificates.ts',
    },
    find: 'if (this.#disposed || stamp === held.stamp) continue',
    put: 'if (!this.#disposed || stamp === held.stamp) continue',
    cases: ['PKI-21/certificate'],
  },
  {
    ...{
      id: 'anchors-once',
      about: 'Anchors are read when settings are, and not else.',
      module: 'config/named-files.ts',
    },
    find: 'return stampOfAll(namedFiles(',
    put: "if (partners) return ''\n  return stampOfAll(namedFiles(",
    cases: ['PKI-21/anchor'],
  },
  {
    ...{ id: 'no-warnings', about: 'Of certificates that end nobody hears.', module: 'gateway/expiries.ts' },
    find: 'if (step === told) continue',
    put: "if (step !== 'expired') continue",
    cases: ['PKI-21/announced', 'PKI-21/announced-7', 'PKI-21/announced-30'],
  },
]
