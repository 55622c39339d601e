// Deliberately wrong gateways: of each one module, with one change. A case that stays green on the gateway that does the very
// thing it forbids shows nothing; here each is seen red.
//
// Rule 1: nothing of this is in the product. `mutated.ts` changes the text of the module while it is loaded.
// Rule 2: what is changed stands in the module exactly once; a test holds that, so that no mutation becomes none.

import { EDGE_MUTATIONS } from './mutations-edge.ts'
import type { ProfileName } from '../../src/trust/profiles/profile.ts'

export interface Mutation {
  readonly id: string
  /** What the gateway does wrong. */
  readonly about: string
  /** Below src/. */
  readonly module: string
  readonly find: string
  readonly put: string
  /** Cases that see it. */
  readonly cases: readonly string[]
  /** Under which it is tried; default: dod. */
  readonly profile?: ProfileName
}

export const MUTATIONS: readonly Mutation[] = [
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
    ...{ id: 'no-revocation', about: 'Nothing was ever revoked.', module: 'gateway/revocations.ts' },
    find: "(standing.status === 'revoked' && mode !== 'off') ||",
    put: "(standing.status === 'revoked' && mode === 'never') ||",
    cases: [
      ...['SAS-02/revoked', 'PKI-08/revoked-outbound', 'PKI-11/below-revoked', 'PKI-13/revoked-live'],
      ...['PKI-08/asked-revoked', 'PKI-08/asked-revoked-outbound', 'TLS-16/below-no-list-stapled-revoked-outbound'],
      ...['PKI-16/listed-revoked', 'PKI-16/listed-revoked-outbound', 'PKI-16/listed-ldap-revoked'],
      ...['PKI-16/listed-ldap-revoked-outbound', 'PKI-13/responder-changes'],
    ],
  },
  {
    ...{ id: 'soft-revocation', about: 'What is not known counts as good.', module: 'gateway/revocations.ts' },
    find: "(standing.status === 'unknown' && mode === 'hard')",
    put: "(standing.status === 'unknown' && mode === 'never')",
    cases: [
      ...['PKI-10/below-no-list', 'PKI-10/below-stale-list', 'PKI-10/below-stale-list-outbound'],
      ...['PKI-08/asked-try-later', 'PKI-08/asked-nothing', 'PKI-08/asked-nothing-outbound'],
      ...['PKI-16/listed-nothing', 'PKI-16/listed-ldap-nothing', 'PKI-16/listed-out-of-date'],
      ...['PKI-16/listed-ldap-out-of-date', 'PKI-16/listed-by-another-ca', 'PKI-16/listed-ldap-by-another-ca'],
    ],
  },
  {
    ...{ id: 'hard-revocation', about: 'What is not known counts as revoked.', module: 'gateway/revocations.ts' },
    profile: 'standard',
    find: "(standing.status === 'unknown' && mode === 'hard')",
    put: "(standing.status === 'unknown' && mode !== 'off')",
    cases: [
      ...['PKI-08/asked-unknown-proves', 'PKI-08/asked-good-out-of-date-proves', 'PKI-08/asked-try-later-proves'],
      ...['PKI-08/asked-good-by-another-ca-proves', 'PKI-08/asked-nothing-proves'],
    ],
  },
  {
    ...{
      id: 'nobody-asked',
      about: 'No responder is asked, no list fetched.',
      module: 'trust/revocation/revocation.ts',
    },
    find: 'if (fetch) {\n      for (const standing of await this.#sought',
    put: 'if (fetch && about.path.length === 0) {\n      for (const standing of await this.#sought',
    cases: [
      ...['PKI-08/asked-proves', 'PKI-08/asked-outbound-proves', 'PKI-08/asked-delegate-proves', 'PKI-08/list-instead'],
      ...['PKI-16/listed-proves', 'PKI-16/listed-outbound-proves', 'PKI-16/listed-ldap-proves'],
      'PKI-16/listed-ldap-outbound-proves',
    ],
  },
  {
    ...{ id: 'list-first', about: 'Lists are fetched at once.', module: 'trust/revocation/revocation.ts' },
    find: 'const early = await (headStart === undefined ? answer : soon(answer, headStart))',
    put: 'const early = await (headStart === undefined ? answer : undefined)',
    cases: ['PKI-14/responder-first'],
  },
  {
    ...{ id: 'forgetful', about: 'What was fetched is forgotten.', module: 'trust/revocation/evidence.ts' },
    find: '      this.#remember(place, understood)\n      if (fetched.ok) this.#o.keeper?.keep(place,',
    put: '      if (fetched.ok && place === this.constructor.name) this.#o.keeper?.keep(place,',
    cases: ['PKI-09/responder-silent', 'PKI-09/list-gone', 'PKI-14/asked-once', 'PKI-14/fetched-once'],
  },
  {
    ...{ id: 'old-answers', about: 'Answers never run out.', module: 'trust/revocation/ocsp.ts' },
    find: 'if (until < at) return unknown(',
    put: 'if (until < 0) return unknown(',
    cases: ['PKI-08/asked-good-out-of-date', 'TLS-16/below-no-list-stapled-good-out-of-date-outbound'],
  },
  {
    ...{ id: 'any-number', about: 'Answers are about whatever number.', module: 'trust/revocation/ocsp.ts' },
    find: 'own.serial.equals(Buffer.from(id.serialNumber)) &&',
    put: 'own.serial.length > 0 &&',
    cases: [
      'PKI-08/asked-good-of-another-certificate',
      'TLS-16/below-no-list-stapled-good-of-another-certificate-outbound',
    ],
  },
  {
    ...{ id: 'any-delegate', about: 'Whoever has a certificate answers.', module: 'trust/revocation/ocsp.ts' },
    find: 'if (!usages?.includes(OID_OCSP_SIGNING) || signer.fingerprint',
    put: 'if (usages?.length === 0 || signer.fingerprint',
    cases: [
      'PKI-08/asked-good-by-somebody-not-certified-for-it',
      'TLS-16/below-no-list-stapled-good-by-somebody-not-certified-for-it-outbound',
    ],
  },
  {
    ...{ id: 'any-responder', about: 'Answers of any CA count.', module: 'trust/revocation/ocsp.ts' },
    find: 'if (!isSignedBy(signed, signer)) continue',
    put: 'if (!isSignedBy(signed, signer)) continue\n    if (signer.issuer.key !== issuer.subject.key) return { certificate: signer }',
    cases: ['PKI-08/asked-good-by-another-ca', 'TLS-16/below-no-list-stapled-good-by-another-ca-outbound'],
  },
  {
    ...{ id: 'unknown-is-good', about: 'What a responder does not know is good.', module: 'trust/revocation/ocsp.ts' },
    find: "return good === undefined ? undefined : { status: 'good', until }",
    put: "return good === undefined ? { status: 'good', until } : { status: 'good', until }",
    cases: ['PKI-08/asked-unknown'],
  },
  {
    ...{ id: 'no-staples', about: 'What partners staple is not read.', module: 'trust/revocation/revocation.ts' },
    find: 'const stapled = this.#stapled(about.staple, asked)',
    put: 'const stapled = this.#stapled(undefined, asked)',
    cases: [
      ...['TLS-16/below-no-list-stapled-good-outbound-proves', 'TLS-16/spares-the-question'],
      'TLS-16/below-no-list-stapled-good-by-a-delegate-outbound-proves',
    ],
  },
  {
    ...{ id: 'no-binding', about: 'Master secrets are not bound to handshakes.', module: 'trust/tls-context.ts' },
    find: 'secureOptions: constants.SSL_OP_NO_TICKET |',
    // SSL_OP_NO_EXTENDED_MASTER_SECRET, for which Node has no name.
    put: 'secureOptions: 1 | constants.SSL_OP_NO_TICKET |',
    cases: ['TLS-14/takes', 'TLS-14/offers'],
  },
  {
    ...{ id: 'no-own-staples', about: 'Nothing is stapled.', module: 'net/staples.ts', profile: 'standard' },
    find: 'if (others.length === 0) return only?.at(Date.now())',
    put: 'if (others.length === 0) return undefined',
    cases: ['TLS-16/sent-TLSv1.2', 'TLS-16/sent-TLSv1.3'],
  },
  {
    ...{ id: 'all-revoked', about: 'Whatever is known counts as revoked.', module: 'gateway/revocations.ts' },
    find: "(standing.status === 'revoked' && mode !== 'off') ||",
    put: "(standing.status !== 'unknown' && mode !== 'off') ||",
    cases: ['PKI-09/below-proves', 'PKI-03/partner-ca-proves', 'PKI-04/good-proves', 'PKI-01/below-proves'],
  },
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
    ...{ id: 'not-required', about: 'TLS is offered, but not demanded.', module: 'stream/features.ts' },
    find: '<required/></starttls>`',
    put: '</starttls>`',
    cases: ['STR-04/response-header', 'GWY-14/plaintext'],
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
    ...{ id: 'changing-names', about: 'A restart may change who is talking.', module: 'stream/receiving.ts' },
    find: "if (pair.remote !== known.pair.remote) return close('SP-424'",
    put: "if (pair.remote === '') return close('SP-424'",
    cases: ['TLS-08/other-name-after', 'SAS-04/other-name-after'],
  },
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
    ...{ id: 'unknown-ignored', about: 'Unknown elements are let be.', module: 'stream/receiving.ts' },
    find: "s.phase === 'ready' ? close('SP-427', what) : s.phase === 'closing'",
    put: "s.phase === 'ready' ? [s] : s.phase === 'closing'",
    cases: ['STR-20/unknown-element'],
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
    ...{ id: 'plaintext', about: 'A partner without TLS is asked for it anyhow.', module: 'stream/initiating.ts' },
    find: "if (!features.starttls) return close('SP-351', offeredInstead(features))",
    put: '',
    cases: ['TLS-02/partner-without'],
  },
  {
    ...{ id: 'unasked', about: 'SASL that was not offered is begun.', module: 'stream/initiating.ts' },
    find: "if (features.mechanisms.includes('EXTERNAL')) {",
    put: 'if (features.mechanisms.length < 9) {',
    cases: ['SAS-17/no-mechanism'],
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
    ...{ id: 'any-address', about: 'Addresses may be malformed.', module: 'policy/rules/well-formed-addresses.ts' },
    find: 'if (malformed.length === 0) return undefined',
    put: 'if (malformed.length >= 0) return undefined',
    cases: ['JID-05/malformed'],
  },
  {
    ...{ id: 'open-house', about: 'Who is in no entry is let in.', module: 'policy/admission.ts' },
    find: "closed: 'SP-101'",
    put: 'closed: undefined',
    cases: ['ERR-05/not-admitted', 'GWY-05/stranger'],
  },
  {
    ...{ id: 'any-host', about: 'Streams for domains of others are served.', module: 'gateway/reception.ts' },
    find: "if (!house.isOurs(pair.local)) return refusal('SP-115'",
    put: "if (pair.local === '') return refusal('SP-115'",
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
    ...{ id: 'no-subscriptions', about: 'Subscriptions do not pass.', module: 'policy/rules/stanza-type.ts' },
    find: "\n  'subscribe',",
    put: '',
    cases: ['SUB-02/subscribe/in', 'SUB-02/subscribe/out'],
  },
  {
    ...{ id: 'no-presence', about: 'Presence does not pass.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (kind === 'presence') return { reason: 'SP-508', ends: 'stanza' }\n",
    cases: [
      ...['PRS-03/shows/in', 'PRS-03/shows/out', 'PRS-01/initial/in', 'PRS-02/answered', 'PRS-04/away/out'],
      ...['SUB-06/approval/in', 'SUB-08/cancelled/out', 'SUB-09/given-up/in'],
      ...['MUC-01/told/theirs', 'MUC-02/told/ours', 'MUC-06/in-order/ours', 'MUC-07/conflict/theirs'],
      ...['MUC-09/changes/ours', 'MUC-10/kicked/theirs'],
    ],
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
    ...{ id: 'all-shown', about: 'Partners are shown whatever is said.', module: 'policy/shown.ts' },
    find: "if (sort === 'needed') return true",
    put: "if (sort !== 'nothing') return true",
    cases: ['PRS-08/availability', 'PRS-08/online', 'PRS-11/not-shown'],
  },
  {
    ...{ id: 'any-presence', about: 'Presence of any type passes.', module: 'policy/rules/stanza-type.ts' },
    find: "return kind === 'presence' && !PRESENCE_TYPES.has(type)",
    put: "return kind === 'presence' && type === '?'",
    cases: ['PRS-07/unknown-in', 'PRS-07/unknown-out'],
  },
  {
    ...{ id: 'strangers', about: 'Strangers may begin, whatever their class.', module: 'policy/rules/acquainted.ts' },
    find: 'if (isKnown !== false) return undefined',
    put: "if (isKnown !== false || from !== '?') return undefined",
    cases: ['SUB-13/stranger'],
  },
  {
    ...{ id: 'no-questions', about: 'Questions do not pass.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (kind === 'iq') return { reason: 'SP-506', ends: 'stanza' }\n",
    cases: ['MUC-01/granted/ours', 'MUC-05/room/theirs', 'MUC-10/owned/theirs'],
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
    ...{ id: 'no-messages', about: 'Messages do not pass.', module: 'policy/rules/stanza-type.ts' },
    find: 'const { kind, type } = facts\n',
    put: "const { kind, type } = facts\n    if (kind === 'message') return { reason: 'SP-506', ends: 'stanza' }\n",
    cases: [
      ...['MSG-01/chat/in', 'MSG-01/groupchat/in', 'MSG-02/languages/in', 'MSG-03/unicode/in', 'MSG-06/receipts/in'],
      ...['LBL-01/label/in', 'STZ-04/unknown/in', 'STR-22/root-prefix', 'MUC-08/said/ours'],
      ...['LBL-05/nato/in', 'MSG-08/stamp/in', 'MSG-04/nobody'],
    ],
  },
  ...EDGE_MUTATIONS,
]
